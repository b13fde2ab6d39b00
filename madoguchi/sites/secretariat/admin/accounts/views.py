"""The contractor's accounts and shared tablets (仕様書 4(5)イ, 6): create, change, suspend, reset."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from madoguchi.accounts import tablets
from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.rules import show_code
from madoguchi.accounts.selectors import devices, offices_of
from madoguchi.accounts.services import OpenedAccount
from madoguchi.audit.actor import Actor
from madoguchi.offices.selectors import offices
from madoguchi.panels import accounts
from madoguchi.sites.secretariat.admin.accounts.forms import AccountForm, DeviceForm, PersonForm
from madoguchi.sites.secretariat.admin.accounts.presenters import DeviceLine
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.operations import staff

WRITE = Permission.SECRETARIAT_ACCOUNT_WRITE


def _open_account(*, username: str, actor: Actor, **person: Any) -> OpenedAccount:
    return staff.open_account(username=username, person=staff.Person(**person), actor=actor)


def _change_account(*, user_id: int, actor: Actor, **person: Any) -> None:
    staff.change_account(user_id=user_id, person=staff.Person(**person), actor=actor)


SITE = accounts.AccountSite(
    name="secretariat",
    frame="secretariat/admin/accounts/base.html",
    zone=Zone.CONTRACTOR,
    form=PersonForm,
    new_form=AccountForm,
    open_account=_open_account,
    change_account=_change_account,
)


@open_to(WRITE)
def list_accounts(request: StaffRequest) -> HttpResponse:
    """List who works for the contractor."""
    return accounts.list_page(request, SITE)


@open_to(WRITE)
def add_account(request: StaffRequest) -> HttpResponse:
    """Open an account and show its start code once."""
    return accounts.add_page(request, SITE)


@open_to(WRITE)
def change_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Change what is written about a person, their roles, offices and last day."""
    return accounts.change_page(request, SITE, user_id, {"offices": offices_of(user_id)})


@open_to(WRITE)
@require_POST
def suspend_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Suspend an account."""
    return accounts.act(request, SITE, user_id, "suspend")


@open_to(WRITE)
@require_POST
def resume_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Resume a suspended account."""
    return accounts.act(request, SITE, user_id, "resume")


@open_to(WRITE)
@require_POST
def unlock_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Unlock an account after wrong entries."""
    return accounts.act(request, SITE, user_id, "unlock")


@open_to(WRITE)
@require_POST
def reset_account(request: StaffRequest, user_id: int) -> HttpResponse:
    """Reset the sign-in of an account and show its new start code once."""
    return accounts.reset_page(request, SITE, user_id)


@open_to(WRITE)
def list_devices(request: StaffRequest) -> HttpResponse:
    """List the shared tablets of all offices."""
    names = {row.code: row.name for row in offices()}
    return render(
        request,
        "secretariat/admin/accounts/devices.html",
        {"devices": [DeviceLine.of(row, names) for row in devices()]},
    )


@open_to(WRITE)
def add_device(request: StaffRequest) -> HttpResponse:
    """Register a tablet and show the code to type on it once."""
    form = DeviceForm(request.POST or None)
    if form.is_valid():
        code = tablets.register_device(**form.cleaned_data, actor=request.actor)
        return render(
            request,
            "secretariat/admin/accounts/device_code.html",
            {"label": form.cleaned_data["label"], "code": show_code(code)},
        )
    return render(request, "secretariat/admin/accounts/device_add.html", {"form": form})


@open_to(WRITE)
@require_POST
def revoke_device(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Revoke a lost or returned tablet."""
    tablets.revoke_device(device_id=device_id, actor=request.actor)
    messages.success(request, "端末の登録を外しました。")
    return redirect("secretariat:devices-list")
