"""What the contractor's accounts and shared tablets have of their own: offices (仕様書 4(5)イ, 6)."""

from typing import Any

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.services import OpenedAccount
from madoguchi.audit.actor import Actor
from madoguchi.offices.selectors import offices
from madoguchi.panels.accounts import AccountSite
from madoguchi.sites.secretariat.admin.accounts.forms import AccountForm, OfficeDeviceForm, PersonForm
from madoguchi.workflows.operations import staff


def _open_account(*, username: str, actor: Actor, **person: Any) -> OpenedAccount:
    return staff.open_account(username=username, person=staff.Person(**person), actor=actor)


def _change_account(*, user_id: int, actor: Actor, seen: str, **person: Any) -> None:
    staff.change_account(user_id=user_id, person=staff.Person(**person), actor=actor, seen=seen)


def _office_names() -> dict[str, str]:
    return {row.code: row.name for row in offices()}


SITE = AccountSite(
    name="secretariat",
    frame="secretariat/admin/accounts/base.html",
    permission=Permission.SECRETARIAT_ACCOUNT_WRITE,
    zone=Zone.CONTRACTOR,
    form=PersonForm,
    new_form=AccountForm,
    open_account=_open_account,
    change_account=_change_account,
    device_form=OfficeDeviceForm,
    place_names=_office_names,
)
