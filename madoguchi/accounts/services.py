"""Open, change and close accounts; start codes, PINs and shared devices (仕様書 4(5)イ, 6).

Called by the account pages of the secretariat and the city, the sign-in pages and `manage.py create_staff`.
"""

import hashlib
import hmac
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from madoguchi.accounts import rules
from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.errors import (
    AccountClosed,
    CodeWrong,
    OutOfReach,
    PasswordWeak,
    PinLocked,
    PinWeak,
    PinWrong,
    RolesOfTwoZones,
    UsernameMalformed,
    UsernameTaken,
)
from madoguchi.accounts.guesses import Secret, limit_guesses
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import OfficeAssignment, Pin, RoleGrant, User
from madoguchi.accounts.roles import ROLE_ZONES, Zone
from madoguchi.accounts.versions import account_version
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.sealing.shown import refuse_other


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """A new account and its start code, which is shown once and not stored.

    Made-up people have none: they come in with one tap.
    """

    user_id: int
    start_code: str = field(repr=False)


@transaction.atomic
def open_account(
    *,
    username: str,
    display_name: str,
    organisation: str,
    roles: Collection[Role],
    actor: Actor,
    email: str = "",
    leaves_on: date | None = None,
    is_demo: bool = False,
) -> OpenedAccount:
    """Create an account with a one-time start code; no mail address is needed.

    Raises UsernameMalformed, UsernameTaken, RolesOfTwoZones, and OutOfReach when the actor may not give these
    roles. The account stays in the zone of its first roles.
    """
    username = username.strip().lower()
    if not rules.is_well_formed_username(username):
        raise UsernameMalformed
    zone = next((ROLE_ZONES[role] for role in roles), Zone.CONTRACTOR)
    refuse_out_of_reach(actor=actor, zone=zone, before=(), after=roles)
    if User.objects.filter(username=username).exists():
        raise UsernameTaken
    user = User.objects.create(
        username=username,
        password=make_password(None),
        display_name=display_name,
        organisation=organisation,
        email=email,
        zone=zone,
        leaves_on=leaves_on,
        is_demo=is_demo,
        created_at=clock.now(),
    )
    _set_roles(user, roles, actor)
    code = "" if is_demo else _give_start_code(user)
    record(
        action=AccountAction.OPENED,
        actor=actor,
        target=f"user:{user.pk}",
        detail={"roles": sorted(roles), "leaves_on": str(leaves_on or "")},
    )
    return OpenedAccount(user.pk, code)


@transaction.atomic
def change_account(
    *,
    user_id: int,
    display_name: str,
    organisation: str,
    email: str,
    roles: Collection[Role],
    leaves_on: date | None,
    actor: Actor,
    offices: Collection[str] | None = None,
    seen: str | None = None,
) -> None:
    """Change the facts, roles and last day of an account, and the offices it sees where these are given.

    `seen` is what the page showed (`AccountRow.shown`). Raises ContentChanged; OutOfReach for one's own
    account, for those of the other zone and, unless an administrator asks, for administrators;
    RolesOfTwoZones for roles of the other zone.
    """
    user = _locked(user_id)
    before = _roles_of(user)
    refuse_out_of_reach(actor=actor, zone=Zone(user.zone), before=before, after=roles, user=user)
    stands = _version(user)
    user.display_name, user.organisation, user.email = display_name, organisation, email
    user.leaves_on = leaves_on
    if _version(user, roles=roles, offices=offices) == stands:
        return
    refuse_other(seen, stands)
    user.save(update_fields=["display_name", "organisation", "email", "leaves_on"])
    _set_roles(user, roles, actor)
    if offices is not None:
        assign_offices(user_id=user_id, offices=sorted(offices), actor=actor)
    record(
        action=AccountAction.CHANGED,
        actor=actor,
        target=f"user:{user.pk}",
        detail={"roles_before": sorted(before), "roles": sorted(roles), "leaves_on": str(leaves_on or "")},
    )


@transaction.atomic
def suspend_account(*, user_id: int, actor: Actor, seen: str | None = None) -> None:
    """Suspend an account; its sessions end with their next request. Raises OutOfReach and ContentChanged."""
    user = _manageable(user_id, actor)
    if not user.is_active:
        return
    refuse_other(seen, _version(user))
    user.is_active = False
    _end_sessions(user)
    user.save(update_fields=["is_active", "session_revoked_at"])
    record(action=AccountAction.SUSPENDED, actor=actor, target=f"user:{user.pk}")


@transaction.atomic
def resume_account(*, user_id: int, actor: Actor, seen: str | None = None) -> None:
    """Resume a suspended account with its former keys and roles. Raises OutOfReach and ContentChanged."""
    user = _manageable(user_id, actor)
    if user.is_active:
        return
    refuse_other(seen, _version(user))
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(action=AccountAction.RESUMED, actor=actor, target=f"user:{user.pk}")


@transaction.atomic
def reset_sign_in(*, user_id: int, actor: Actor, seen: str | None = None) -> str:
    """Remove password, keys, PIN and sessions, and return a new one-time start code.

    For lost keys, forgotten PINs and start codes that ran out. Raises OutOfReach, and ContentChanged also
    for the same press once more: its code would take away the one that was just shown.
    """
    user = _manageable(user_id, actor)
    refuse_other(seen, _version(user))
    Authenticator.objects.filter(user=user).delete()
    Pin.objects.filter(user=user).delete()
    user.set_unusable_password()
    _end_sessions(user)
    user.save(update_fields=["password", "session_revoked_at"])
    code = _give_start_code(user)
    record(action=AccountAction.SIGN_IN_RESET, actor=actor, target=f"user:{user.pk}")
    return code


def start_with_password(*, username: str, code: str, password: str, source: str) -> User:
    """Set a password with a start code; the caller signs the person in to register a key.

    Raises CodeWrong, PasswordWeak, AccountClosed and TooManyTries.
    """
    limits = limit_guesses(Secret.START_CODE, source=source, target=username.strip().lower())
    with limits, transaction.atomic():
        user = _redeem(username, code)
        try:
            validate_password(password, user)
        except ValidationError as weak:
            raise PasswordWeak("".join(weak.messages)) from weak
        user.set_password(password)
        user.save(update_fields=["password", "start_code_hash", "start_code_expires_at"])
        record(action=AccountAction.STARTED, actor=_self(user), target=f"user:{user.pk}")
    return user


@transaction.atomic
def start_with_pin(*, username: str, code: str, pin: str) -> User:
    """Set a PIN with a start code on an enrolled device; no password or telephone is needed.

    Raises CodeWrong, PinWeak, AccountClosed.
    """
    user = _redeem(username, code)
    if not rules.is_well_formed_pin(pin) or rules.is_trivial_pin(pin):
        raise PinWeak
    Pin.objects.update_or_create(
        user=user,
        defaults={"hash": make_password(pin), "set_at": clock.now(), "failures": 0, "locked_until": None},
    )
    user.save(update_fields=["start_code_hash", "start_code_expires_at"])
    record(action=AccountAction.PIN_SET, actor=_self(user), target=f"user:{user.pk}")
    return user


def check_pin(*, user_id: int, pin: str, device_id: uuid.UUID) -> User:
    """Check a PIN typed on an enrolled device and return its person; device and PIN are two factors.

    Raises PinWrong, PinLocked after five failures in a row, AccountClosed. The failure is written
    even though the act is refused.
    """
    with transaction.atomic():
        outcome = _try_pin(user_id, pin, device_id)
    if isinstance(outcome, User):
        return outcome
    raise outcome


@transaction.atomic
def unlock_pin(*, user_id: int, actor: Actor, seen: str | None = None) -> None:
    """Unlock a PIN before its 15 minutes are over, and forget its failures. Idempotent.

    Raises OutOfReach and ContentChanged.
    """
    user = _manageable(user_id, actor)
    refuse_other(seen, _version(user))
    failed = Pin.objects.filter(Q(failures__gt=0) | Q(locked_until__isnull=False), user=user)
    if failed.update(failures=0, locked_until=None):
        record(action=AccountAction.PIN_UNLOCKED, actor=actor, target=f"user:{user.pk}")


def demo_user(*, username: str) -> User:
    """Return a demo account of a training system. Raises NotVisible for any other."""
    user = User.objects.filter(username=username, is_demo=True, is_active=True).first()
    if user is None:
        raise NotVisible
    return user


def note_sign_in(*, user_id: int, method: str) -> None:
    """Record a sign-in and its method."""
    record(
        action=AccountAction.SIGNED_IN,
        actor=Actor("staff", str(user_id)),
        target=f"user:{user_id}",
        detail={"method": method},
    )


def note_security_change(*, user_id: int, change: str) -> None:
    """Record that the owner added, renewed or removed a key, an app or recovery codes."""
    record(
        action=AccountAction.SECURITY_CHANGED,
        actor=Actor("staff", str(user_id)),
        target=f"user:{user_id}",
        detail={"change": change},
    )


def refuse_out_of_reach(
    *, actor: Actor, zone: Zone, before: Collection[Role], after: Collection[Role], user: User | None = None
) -> None:
    """Raise OutOfReach unless the actor administers the zone and may change roles `before` to `after` there.

    Raises RolesOfTwoZones for roles of the other zone.
    """
    if actor != SYSTEM:
        # Numbers of partners are not those of people.
        people = [int(actor.id)] if actor.kind == "staff" else []
        grants = RoleGrant.objects.filter(user_id__in=people).values_list("role", flat=True)
        held = {Role(role) for role in grants}
        is_self = user is not None and actor == _self(user)
        if is_self or not rules.may_manage(actor=held, zone=zone, before=before, after=after):
            raise OutOfReach
    if not rules.is_of_one_zone(zone, after):
        raise RolesOfTwoZones


def holds_secret(*, secret: str, secret_hash: str) -> bool:
    """Tell, in constant time, whether this is the secret of a device."""
    return hmac.compare_digest(_fingerprint(secret), secret_hash)


def _fingerprint(secret: str) -> str:
    # Long random secrets need no slow hash, and no key: rotating SECRET_KEY must not lock 38 tablets out.
    return hashlib.sha256(secret.encode()).hexdigest()


def _self(user: User) -> Actor:
    return Actor("staff", str(user.pk))


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotVisible
    return user


def _manageable(user_id: int, actor: Actor) -> User:
    user = _locked(user_id)
    roles = _roles_of(user)
    refuse_out_of_reach(actor=actor, zone=Zone(user.zone), before=roles, after=roles, user=user)
    return user


def _version(
    user: User, *, roles: Collection[Role] | None = None, offices: Collection[str] | None = None
) -> str:
    """Return the fingerprint of a locked account (`AccountRow.shown`), by default with what stands."""
    if offices is None:
        offices = OfficeAssignment.objects.filter(user=user).values_list("office_code", flat=True)
    return account_version(
        user_id=user.pk,
        display_name=user.display_name,
        organisation=user.organisation,
        email=user.email,
        leaves_on=user.leaves_on,
        is_active=user.is_active,
        start_code_expires_at=user.start_code_expires_at,
        roles=_roles_of(user) if roles is None else roles,
        offices=offices,
    )


def _roles_of(user: User) -> set[Role]:
    return {Role(role) for role in RoleGrant.objects.filter(user=user).values_list("role", flat=True)}


def _set_roles(user: User, roles: Collection[Role], actor: Actor) -> None:
    RoleGrant.objects.filter(user=user).exclude(role__in=roles).delete()
    held = _roles_of(user)
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role, granted_at=clock.now(), granted_by=str(actor))
        for role in roles
        if role not in held
    )


def _end_sessions(user: User) -> None:
    user.session_revoked_at = clock.now()


def _give_start_code(user: User) -> str:
    code = rules.new_code()
    user.start_code_hash = make_password(code)
    user.start_code_expires_at = clock.now() + rules.START_CODE_LIFE
    user.save(update_fields=["start_code_hash", "start_code_expires_at"])
    return rules.show_code(code)


def _redeem(username: str, code: str) -> User:
    user = User.objects.select_for_update().filter(username=username.strip().lower()).first()
    expires = user.start_code_expires_at if user else None
    # The hash is always computed, so that the time taken does not tell which login ids exist.
    is_right = check_password(rules.read_code(code), user.start_code_hash if user else make_password(None))
    if user is None or expires is None or expires <= clock.now() or not is_right:
        raise CodeWrong
    if not user.is_open:
        raise AccountClosed
    user.start_code_hash, user.start_code_expires_at = "", None
    return user


def _try_pin(user_id: int, pin: str, device_id: uuid.UUID) -> User | PinWrong | PinLocked | AccountClosed:
    found = Pin.objects.select_for_update().select_related("user").filter(pk=user_id).first()
    if found is None:
        check_password(pin, make_password(None))
        return PinWrong()
    if not found.user.is_open:
        return AccountClosed()
    if found.locked_until is not None and clock.now() < found.locked_until:
        return PinLocked()
    target, detail = f"user:{user_id}", {"device": str(device_id)}
    if check_password(pin, found.hash):
        Pin.objects.filter(pk=user_id).update(failures=0, locked_until=None)
        return found.user
    failures = found.failures + 1
    if failures < rules.PIN_FAILURES:
        Pin.objects.filter(pk=user_id).update(failures=failures)
        record(action=AccountAction.PIN_FAILED, actor=SYSTEM, target=target, detail=detail)
        return PinWrong()
    Pin.objects.filter(pk=user_id).update(failures=0, locked_until=clock.now() + rules.PIN_LOCK)
    record(action=AccountAction.PIN_LOCKED, actor=SYSTEM, target=target, detail=detail)
    return PinLocked()
