"""Accounts together with the offices people work at, and sign-in on an office's tablet (仕様書 4(5)イ, 6).

Called by the account pages of the secretariat and by the sign-in pages.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from madoguchi.accounts import selectors as accounts
from madoguchi.accounts import services
from madoguchi.accounts.errors import CodeWrong, PinWrong
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.selectors import AccountRow, DeviceRow
from madoguchi.accounts.services import OpenedAccount
from madoguchi.audit.actor import Actor
from madoguchi.offices.selectors import offices_of, staff_of
from madoguchi.offices.services import assign_offices

if TYPE_CHECKING:
    from madoguchi.accounts.models import User


@dataclass(frozen=True, slots=True)
class Person:
    """What the account form says about somebody."""

    display_name: str
    organisation: str
    email: str
    roles: Collection[Role]
    offices: Collection[str]
    leaves_on: date | None


@transaction.atomic(durable=True)
def open_account(*, username: str, person: Person, actor: Actor) -> OpenedAccount:
    """Open an account, with the offices it sees. Raises what accounts.services.open_account raises."""
    opened = services.open_account(
        username=username,
        display_name=person.display_name,
        organisation=person.organisation,
        email=person.email,
        roles=person.roles,
        leaves_on=person.leaves_on,
        actor=actor,
    )
    assign_offices(user_id=opened.user_id, offices=sorted(person.offices), actor=actor)
    return opened


@transaction.atomic(durable=True)
def change_account(*, user_id: int, person: Person, actor: Actor) -> None:
    """Change an account and the offices it sees. Raises what accounts.services.change_account raises."""
    services.change_account(
        user_id=user_id,
        display_name=person.display_name,
        organisation=person.organisation,
        email=person.email,
        roles=person.roles,
        leaves_on=person.leaves_on,
        actor=actor,
    )
    assign_offices(user_id=user_id, offices=sorted(person.offices), actor=actor)


def people_at(device: DeviceRow) -> list[AccountRow]:
    """Return who may sign in on a shared tablet: those of its office with a PIN of their own."""
    return [row for row in accounts.accounts_of(staff_of(device.office_code)) if row.has_pin]


def start_at_device(*, device: DeviceRow, username: str, code: str, pin: str) -> "User":
    """Spend a start code on a PIN, for somebody who works at the tablet's office.

    Raises CodeWrong for anybody else as well, so that nothing can be tried out; then the code is not spent.
    """
    with transaction.atomic(durable=True):
        user = services.start_with_pin(username=username, code=code, pin=pin)
        if device.office_code not in offices_of(user.pk):
            raise CodeWrong
        return user


def sign_in_at_device(*, device: DeviceRow, user_id: int, pin: str) -> "User":
    """Return the person whose PIN was typed on their office's tablet: device and PIN are two factors.

    Raises PinWrong, PinLocked, AccountClosed.
    """
    if device.office_code not in offices_of(user_id):
        raise PinWrong
    return services.check_pin(user_id=user_id, pin=pin, device_id=device.id)
