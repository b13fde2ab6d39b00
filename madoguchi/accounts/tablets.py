"""Shared tablets: register, enrol, revoke, and sign in on them by PIN (仕様書 4(5)イ, 4(8)ア).

An office's is the contractor's and its people sign in there; the city's two stand in its section.
"""

import secrets
import uuid

from django.db import connection, transaction
from django.db.models import QuerySet

from madoguchi.accounts import rules
from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.errors import CodeWrong, PinWrong
from madoguchi.accounts.guesses import Secret, limit_guesses
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Device, OfficeAssignment, User
from madoguchi.accounts.roles import Zone
from madoguchi.accounts.services import _fingerprint, check_pin, refuse_out_of_reach, start_with_pin
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible

SERIALIZE = "SELECT pg_advisory_xact_lock(hashtext('accounts_device'))"


@transaction.atomic
def register_device(*, label: str, zone: Zone, office_code: str = "", actor: Actor) -> str:
    """Register a shared tablet of an office, or of the city, and return its one-time code (仕様書 4(8)ア).

    One of this name there that still waits for its code gets a new one: pressed twice it is one tablet.
    Raises OutOfReach unless the actor administers the zone. The database refuses a tablet of the contractor
    without an office, and one of the city with an office.
    """
    refuse_out_of_reach(actor=actor, zone=zone, before=(), after=())
    code = rules.new_code()
    with connection.cursor() as cursor:
        cursor.execute(SERIALIZE)
    where = {"label": label, "zone": zone, "office_code": office_code}
    waiting = Device.objects.select_for_update().filter(revoked_at=None, enrolled_at=None)
    device = waiting.filter(**where).first() or Device(**where)
    device.registered_at, device.registered_by = clock.now(), str(actor)
    device.code_hash, device.code_expires_at = _fingerprint(code), clock.now() + rules.DEVICE_CODE_LIFE
    device.save()
    record(
        action=AccountAction.DEVICE_REGISTERED,
        actor=actor,
        target=f"device:{device.pk}",
        detail={"zone": zone, "office": office_code},
    )
    return code


def enrol_device(*, code: str, source: str) -> str:
    """Enrol a tablet with its code and return the secret for its cookie.

    Raises CodeWrong and TooManyTries.
    """
    # The code itself names the tablet, so that there is no target to count by.
    with limit_guesses(Secret.DEVICE_CODE, source=source), transaction.atomic():
        return _enrol(code)


def _enrol(code: str) -> str:
    device = (
        Device.objects.select_for_update()
        .filter(
            code_hash=_fingerprint(rules.read_code(code)),
            code_expires_at__gt=clock.now(),
            revoked_at__isnull=True,
        )
        .first()
    )
    if device is None:
        raise CodeWrong
    secret = secrets.token_urlsafe(32)
    device.code_hash, device.code_expires_at = "", None
    device.secret_hash, device.enrolled_at = _fingerprint(secret), clock.now()
    device.save(update_fields=["code_hash", "code_expires_at", "secret_hash", "enrolled_at"])
    record(action=AccountAction.DEVICE_ENROLLED, actor=SYSTEM, target=f"device:{device.pk}")
    return f"{device.pk}.{secret}"


@transaction.atomic
def revoke_device(*, device_id: uuid.UUID, actor: Actor) -> None:
    """Revoke a lost or returned tablet; its sessions end with their next request.

    Raises NotVisible without such a tablet, and OutOfReach unless the actor administers its zone.
    """
    device = Device.objects.select_for_update().filter(pk=device_id).first()
    if device is None:
        raise NotVisible
    refuse_out_of_reach(actor=actor, zone=Zone(device.zone), before=(), after=())
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = clock.now(), str(actor)
        device.save(update_fields=["revoked_at", "revoked_by"])
        record(action=AccountAction.DEVICE_REVOKED, actor=actor, target=f"device:{device_id}")


def start_at_device(*, device_id: uuid.UUID, username: str, code: str, pin: str, source: str) -> User:
    """Set a PIN with a start code, for somebody who may use the tablet.

    Raises CodeWrong for anybody else as well, so that nothing can be tried out; then the code is not spent.
    Raises PinWeak, AccountClosed and TooManyTries.
    """
    limits = limit_guesses(Secret.START_CODE, source=source, target=username.strip().lower())
    with limits, transaction.atomic(durable=True):
        user = start_with_pin(username=username, code=code, pin=pin)
        if not users_of(device_id).filter(pk=user.pk).exists():
            raise CodeWrong
    return user


def sign_in_at_device(*, device_id: uuid.UUID, user_id: int, pin: str, source: str) -> User:
    """Check a PIN typed on a tablet and return its person; device and PIN are two factors.

    Raises PinWrong, PinLocked, AccountClosed and TooManyTries.
    """
    with limit_guesses(Secret.PIN, source=source, target=str(device_id)):
        if not users_of(device_id).filter(pk=user_id).exists():
            raise PinWrong
        return check_pin(user_id=user_id, pin=pin, device_id=device_id)


def users_of(device_id: uuid.UUID) -> QuerySet[User]:
    """Return who may use a tablet: who works at its office; on one of the city, who works in its section."""
    device = Device.objects.get(pk=device_id)
    if device.zone == Zone.CITY:
        return User.objects.filter(grants__role=Role.CITY)
    there = OfficeAssignment.objects.filter(office_code=device.office_code).values("user")
    return User.objects.filter(pk__in=there)
