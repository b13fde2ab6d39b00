"""Shared tablets: register, enrol, revoke, and sign in on them by PIN (仕様書 4(5)イ)."""

import secrets
import uuid
from collections.abc import Sequence

from django.db import transaction

from madoguchi.accounts import rules
from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.errors import CodeWrong, PinWrong
from madoguchi.accounts.models import Device, OfficeAssignment, User
from madoguchi.accounts.services import _fingerprint, check_pin, start_with_pin
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.common import clock


@transaction.atomic
def register_device(*, label: str, office_code: str, actor: Actor) -> str:
    """Register a shared tablet of an office and return its one-time enrolment code (仕様書 4(8))."""
    code = rules.new_code()
    device = Device.objects.create(
        label=label,
        office_code=office_code,
        registered_at=clock.now(),
        registered_by=str(actor),
        code_hash=_fingerprint(code),
        code_expires_at=clock.now() + rules.DEVICE_CODE_LIFE,
    )
    record(
        action=AccountAction.DEVICE_REGISTERED,
        actor=actor,
        target=f"device:{device.pk}",
        detail={"office": office_code},
    )
    return code


@transaction.atomic
def enrol_device(*, code: str) -> str:
    """Enrol a tablet with its code and return the secret for its cookie. Raises CodeWrong."""
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
    """Revoke a lost or returned tablet; its sessions end with their next request."""
    changed = Device.objects.filter(pk=device_id, revoked_at__isnull=True).update(
        revoked_at=clock.now(), revoked_by=str(actor)
    )
    if changed:
        record(action=AccountAction.DEVICE_REVOKED, actor=actor, target=f"device:{device_id}")


@transaction.atomic
def assign_offices(*, user_id: int, offices: Sequence[str], actor: Actor) -> None:
    """Set the offices whose visitors and tablets a member of staff may use."""
    OfficeAssignment.objects.filter(user=user_id).exclude(office_code__in=offices).delete()
    OfficeAssignment.objects.bulk_create(
        (OfficeAssignment(user_id=user_id, office_code=code) for code in offices), ignore_conflicts=True
    )
    record(
        action=AccountAction.OFFICES_ASSIGNED,
        actor=actor,
        target=f"user:{user_id}",
        detail={"offices": list(offices)},
    )


@transaction.atomic(durable=True)
def start_at_device(*, office: str, username: str, code: str, pin: str) -> User:
    """Set a PIN with a start code, for a person who works at the tablet's office.

    Raises CodeWrong for anybody else as well, so that nothing can be tried out; then the code is not spent.
    """
    user = start_with_pin(username=username, code=code, pin=pin)
    if not _works_at(user.pk, office):
        raise CodeWrong
    return user


def sign_in_at_device(*, device_id: uuid.UUID, office: str, user_id: int, pin: str) -> User:
    """Check a PIN typed on an office's tablet and return its person; device and PIN are two factors.

    Raises PinWrong, PinLocked, AccountClosed.
    """
    if not _works_at(user_id, office):
        raise PinWrong
    return check_pin(user_id=user_id, pin=pin, device_id=device_id)


def _works_at(user_id: int, office: str) -> bool:
    return OfficeAssignment.objects.filter(user=user_id, office_code=office).exists()
