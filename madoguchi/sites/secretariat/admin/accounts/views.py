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
from madoguchi.panels.accounts import AccountSite
from madoguchi.sites.secretariat.admin.accounts.forms import AccountForm, DeviceForm, PersonForm
from madoguchi.sites.secretariat.admin.accounts.presenters import DeviceLine
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.operations import staff

WRITE = Permission.SECRETARIAT_ACCOUNT_WRITE


def _open_account(*, username: str, actor: Actor, **person: Any) -> OpenedAccount:
    return staff.open_account(username=username, person=staff.Person(**person), actor=actor)


def _change_account(*, user_id: int, actor: Actor, **person: Any) -> None:
    staff.change_account(user_id=user_id, person=staff.Person(**person), actor=actor)


def _offices_of(user_id: int) -> dict[str, Any]:
    return {"offices": offices_of(user_id)}


SITE = AccountSite(
    name="secretariat",
    frame="secretariat/admin/accounts/base.html",
    permission=WRITE,
    zone=Zone.CONTRACTOR,
    form=PersonForm,
    new_form=AccountForm,
    open_account=_open_account,
    change_account=_change_account,
    more_of=_offices_of,
)


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
