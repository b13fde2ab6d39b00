"""Read accounts and devices, as frozen rows."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.lockouts import password_lockouts
from madoguchi.accounts.models import Device, OfficeAssignment, Pin, RoleGrant, User
from madoguchi.accounts.roles import Zone, permissions_of
from madoguchi.accounts.services import holds_secret
from madoguchi.accounts.tablets import users_of
from madoguchi.accounts.versions import account_version
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, as the account pages show it."""

    id: int
    username: str
    display_name: str
    organisation: str
    email: str
    zone: Zone
    roles: tuple[Role, ...]
    offices: tuple[str, ...]
    is_active: bool
    is_demo: bool
    leaves_on: date | None
    last_login: datetime | None
    start_code_expires_at: datetime | None
    has_key: bool
    has_pin: bool
    locked_until: datetime | None
    is_password_locked: bool

    @property
    def is_open(self) -> bool:
        """Whether the person may sign in today."""
        return self.is_active and (self.leaves_on is None or clock.today() <= self.leaves_on)

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong PINs keep the person out just now."""
        return self.locked_until is not None and clock.now() < self.locked_until

    @property
    def shown(self) -> str:
        """The fingerprint of the account, for the forms of its page."""
        return account_version(
            user_id=self.id,
            display_name=self.display_name,
            organisation=self.organisation,
            email=self.email,
            leaves_on=self.leaves_on,
            is_active=self.is_active,
            start_code_expires_at=self.start_code_expires_at,
            roles=self.roles,
            offices=self.offices,
        )


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One shared tablet."""

    id: uuid.UUID
    label: str
    zone: Zone
    office_code: str
    registered_at: datetime
    code_expires_at: datetime | None
    enrolled_at: datetime | None
    revoked_at: datetime | None


def roles_of_user(user_id: int) -> frozenset[Role]:
    """Return the roles of one person."""
    return frozenset(
        Role(role) for role in RoleGrant.objects.filter(user=user_id).values_list("role", flat=True)
    )


def permissions_of_user(user_id: int) -> frozenset[Permission]:
    """Return everything one person may do."""
    return permissions_of(roles_of_user(user_id))


def accounts(
    *, zone: Zone, search: str = "", role: Role | None = None, locked: bool = False
) -> list[AccountRow]:
    """Return the accounts of a zone by organisation and name; `locked` leaves those locked just now."""
    found = _accounts().filter(zone=zone)
    if search:
        found = found.filter(
            Q(username__icontains=search)
            | Q(display_name__icontains=search)
            | Q(organisation__icontains=search)
        )
    if role:
        found = found.filter(Exists(RoleGrant.objects.filter(user=OuterRef("pk"), role=role)))
    rows = _rows(found.order_by("organisation", "display_name", "pk"))
    return [row for row in rows if row.is_locked or row.is_password_locked] if locked else rows


def locked_count(*, zone: Zone) -> int:
    """Return how many accounts of a zone wrong PINs or passwords lock just now."""
    usernames = dict(User.objects.filter(zone=zone).values_list("pk", "username"))
    pins = Pin.objects.filter(user__zone=zone, locked_until__gt=clock.now())
    return len(password_lockouts(usernames) | set(pins.values_list("user", flat=True)))


def account(user_id: int, *, zone: Zone) -> AccountRow:
    """Return one account; raises NotVisible when there is none, or it is of the other zone."""
    for row in _rows(_accounts().filter(pk=user_id, zone=zone)):
        return row
    raise NotVisible


def offices_of(user_id: int) -> tuple[str, ...]:
    """Return the codes of the offices a member of staff works at."""
    found = OfficeAssignment.objects.filter(user=user_id).order_by("office_code")
    return tuple(found.values_list("office_code", flat=True))


def people_at(device_id: uuid.UUID) -> list[AccountRow]:
    """Return who may sign in on a shared tablet: those who may use it and have a PIN."""
    rows = _rows(_accounts().filter(pk__in=users_of(device_id).values("pk")).order_by("display_name", "pk"))
    return [row for row in rows if row.is_open and row.has_pin]


def demo_accounts() -> list[AccountRow]:
    """Return the demo accounts of a training system, in the order of creation."""
    return _rows(_accounts().filter(is_demo=True, is_active=True).order_by("pk"))


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Return the display names of these accounts, closed ones included."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "display_name"))


def accounts_like(text: str) -> list[int]:
    """Return the accounts of either zone, closed ones included, whose name or login id contains a text."""
    named = Q(display_name__icontains=text) | Q(username__icontains=text)
    return list(User.objects.filter(named).values_list("pk", flat=True))


def organisations_of(user_ids: Collection[int]) -> dict[int, str]:
    """Return where these people work or worked."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "organisation"))


def devices(*, zone: Zone) -> list[DeviceRow]:
    """Return the shared tablets of a zone, those in use first, by office."""
    rows = Device.objects.filter(zone=zone).order_by(
        F("revoked_at").desc(nulls_first=True), "office_code", "label"
    )
    return [_device_row(device) for device in rows]


def device(device_id: uuid.UUID, *, zone: Zone) -> DeviceRow:
    """Return one tablet; raises NotVisible when there is none, or it is of the other zone."""
    for row in Device.objects.filter(pk=device_id, zone=zone):
        return _device_row(row)
    raise NotVisible


def device_of(cookie: str) -> DeviceRow | None:
    """Return the enrolled device that sent this cookie, or None when it is unknown or revoked."""
    name, _, secret = cookie.partition(".")
    try:
        device_id = uuid.UUID(name)
    except ValueError:
        return None
    device = Device.objects.filter(pk=device_id, enrolled_at__isnull=False, revoked_at__isnull=True).first()
    if device is None or not holds_secret(secret=secret, secret_hash=device.secret_hash):
        return None
    return _device_row(device)


def _accounts() -> QuerySet[User]:
    offices = OfficeAssignment.objects.filter(user=OuterRef("pk")).order_by("office_code")
    return User.objects.annotate(
        office_list=ArraySubquery(offices.values("office_code")),
        role_list=ArrayAgg("grants__role", filter=Q(grants__isnull=False), default=[]),
        has_key=Exists(Authenticator.objects.filter(user=OuterRef("pk"))),
        has_pin=Exists(Pin.objects.filter(user=OuterRef("pk"))),
        locked_until=F("pin__locked_until"),
    )


def _rows(found: Iterable[User]) -> list[AccountRow]:
    users = list(found)
    locked = password_lockouts({user.pk: user.username for user in users})
    return [_row(user, is_password_locked=user.pk in locked) for user in users]


def _row(user: User, *, is_password_locked: bool) -> AccountRow:
    found = vars(user)
    return AccountRow(
        id=user.pk,
        username=user.username,
        display_name=user.display_name,
        organisation=user.organisation,
        email=user.email,
        zone=Zone(user.zone),
        roles=tuple(role for role in Role if role in found["role_list"]),
        offices=tuple(found["office_list"]),
        is_active=user.is_active,
        is_demo=user.is_demo,
        leaves_on=user.leaves_on,
        last_login=user.last_login,
        start_code_expires_at=user.start_code_expires_at,
        has_key=found["has_key"],
        has_pin=found["has_pin"],
        locked_until=found["locked_until"],
        is_password_locked=is_password_locked,
    )


def _device_row(device: Device) -> DeviceRow:
    return DeviceRow(
        id=device.pk,
        label=device.label,
        zone=Zone(device.zone),
        office_code=device.office_code,
        registered_at=device.registered_at,
        code_expires_at=device.code_expires_at,
        enrolled_at=device.enrolled_at,
        revoked_at=device.revoked_at,
    )
