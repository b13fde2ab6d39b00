"""Accounts together with the offices people work at (仕様書 4(5)イ, 6).

Called by the account pages of the secretariat.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from madoguchi.accounts import services
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.services import OpenedAccount
from madoguchi.audit.actor import Actor
from madoguchi.offices.selectors import office


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
    """Open an account, with the offices it sees.

    Raises what accounts.services.open_account raises, and NotVisible for an office that is not there.
    """
    opened = services.open_account(
        username=username,
        display_name=person.display_name,
        organisation=person.organisation,
        email=person.email,
        roles=person.roles,
        leaves_on=person.leaves_on,
        actor=actor,
    )
    assign_offices(user_id=opened.user_id, offices=_known(person.offices), actor=actor)
    return opened


@transaction.atomic(durable=True)
def change_account(*, user_id: int, person: Person, actor: Actor, seen: str | None = None) -> None:
    """Change an account and the offices it sees.

    Raises what accounts.services.change_account raises, and NotVisible for an office that is not there.
    """
    services.change_account(
        user_id=user_id,
        display_name=person.display_name,
        organisation=person.organisation,
        email=person.email,
        roles=person.roles,
        leaves_on=person.leaves_on,
        offices=_known(person.offices),
        actor=actor,
        seen=seen,
    )


def _known(codes: Collection[str]) -> list[str]:
    """Return the codes of these offices in order. Raises NotVisible for one that is not there."""
    return sorted(office(code).code for code in codes)
