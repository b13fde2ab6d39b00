"""Accounts of staff and shared tablets (仕様書 4(5)イ, 6): open, change, close, start again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from madoguchi.accounts import services
from madoguchi.accounts.errors import UsernameMalformed, UsernameTaken
from madoguchi.accounts.roles import ROLE_NAMES, Permission, Role
from madoguchi.accounts.rules import show_code
from madoguchi.accounts.selectors import account, accounts, devices
from madoguchi.common.errors import Refusal
from madoguchi.offices.selectors import offices, offices_of
from madoguchi.sites.secretariat.accounts.forms import AccountForm, DeviceForm, PersonForm
from madoguchi.sites.secretariat.accounts.presenters import AccountLine, DeviceLine
from madoguchi.web.forms import add_refusal
from madoguchi.web.lists import choice_filter
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows import staff

WRITE = Permission.SECRETARIAT_ACCOUNT_WRITE


@open_to(WRITE)
def list_accounts(request: StaffRequest) -> HttpResponse:
    """List who works here; those shut out by wrong PINs first to be found."""
    role = request.GET.get("role", "")
    rows = accounts(
        search=request.GET.get("q", "").replace("\0", "").strip(),
        role=Role(role) if role in {*Role} else None,
        locked=request.GET.get("locked") == "1",
    )
    return render(
        request,
        "secretariat/accounts/list.html",
        {
            "accounts": [AccountLine.of(row) for row in rows],
            "q": request.GET.get("q", ""),
            "is_filtered": bool(request.GET),
            "filters": [
                choice_filter(
                    name="role",
                    label="役割",
                    choices=[(each.value, name) for each, name in ROLE_NAMES.items()],
                    query=request.GET,
                    one=True,
                )
            ],
            "locked": len(accounts(locked=True)),
        },
    )


@open_to(WRITE)
def add_account(request: StaffRequest) -> HttpResponse:
    """Open an account without a mail address, and show its start code once."""
    form = AccountForm(request.POST or None)
    if form.is_valid():
        try:
            opened = staff.open_account(
                username=form.cleaned_data["username"], person=form.person, actor=request.actor
            )
        except Refusal as refusal:
            add_refusal(form, refusal, {UsernameMalformed: "username", UsernameTaken: "username"})
        else:
            return _show_code(request, opened.user_id, opened.start_code)
    return render(request, "secretariat/accounts/add.html", {"form": form})


@open_to(WRITE)
def change_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Change what is written about a person, their roles, offices and last day."""
    row = account(user_id)
    written = {
        "display_name": row.display_name,
        "organisation": row.organisation,
        "email": row.email,
        "roles": [role.value for role in row.roles],
        "offices": offices_of(user_id),
        "leaves_on": row.leaves_on,
    }
    form = PersonForm(request.POST or None, initial=written)
    if form.is_valid():
        try:
            staff.change_account(user_id=user_id, person=form.person, actor=request.actor)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "アカウントを変更しました。")
            return redirect("secretariat:accounts-change", user_id)
    return render(request, "secretariat/accounts/change.html", {"form": form, "account": AccountLine.of(row)})


@open_to(WRITE)
@require_POST
def suspend_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Close an account at once."""
    try:
        services.suspend_account(user_id=user_id, actor=request.actor)
        messages.success(request, "アカウントを停止しました。")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("secretariat:accounts-change", user_id)


@open_to(WRITE)
@require_POST
def resume_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Open a suspended account again."""
    try:
        services.resume_account(user_id=user_id, actor=request.actor)
        messages.success(request, "アカウントの利用を再開しました。")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("secretariat:accounts-change", user_id)


@open_to(WRITE)
@require_POST
def unlock_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Let somebody type their PIN again at once."""
    try:
        services.unlock_pin(user_id=user_id, actor=request.actor)
        messages.success(request, "サインイン番号の停止を解除しました。")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("secretariat:accounts-change", user_id)


@open_to(WRITE)
@require_POST
def reset_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Take all ways in away and show a new start code once."""
    try:
        code = services.reset_sign_in(user_id=user_id, actor=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("secretariat:accounts-change", user_id)
    return _show_code(request, user_id, code)


@open_to(WRITE)
def list_devices(request: StaffRequest) -> HttpResponse:
    """List the shared tablets of all offices."""
    names = {row.code: row.name for row in offices()}
    return render(
        request,
        "secretariat/accounts/devices.html",
        {"devices": [DeviceLine.of(row, names) for row in devices()]},
    )


@open_to(WRITE)
def add_device(request: StaffRequest) -> HttpResponse:
    """Register a tablet and show the code to type on it once."""
    form = DeviceForm(request.POST or None)
    if form.is_valid():
        code = services.register_device(**form.cleaned_data, actor=request.actor)
        return render(
            request,
            "secretariat/accounts/device_code.html",
            {"label": form.cleaned_data["label"], "code": show_code(code)},
        )
    return render(request, "secretariat/accounts/device_add.html", {"form": form})


@open_to(WRITE)
@require_POST
def revoke_device(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Shut a lost or returned tablet out."""
    services.revoke_device(device_id=device_id, actor=request.actor)
    messages.success(request, "端末の登録を外しました。")
    return redirect("secretariat:devices-list")


def _show_code(request: StaffRequest, user_id: int, code: str) -> HttpResponse:
    return render(
        request, "secretariat/accounts/code.html", {"account": AccountLine.of(account(user_id)), "code": code}
    )
