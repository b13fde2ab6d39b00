"""Write the reservation ledger (仕様書 4(3)ア).

What books, moves and cancels runs in the transaction of its workflow; the rest is whole by itself.
"""

import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from psycopg import Cursor

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.references import new_reference
from madoguchi.common.statements import execute_prepared, insert_prepared, pipelined
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    CodeRefused,
    ContactLimitReached,
    DuplicateReservation,
    FamilyFull,
    IdempotencyMismatch,
    Paused,
)
from madoguchi.reservations.kinds import ChangeReason, DisruptionResolution, ReservationStatus
from madoguchi.reservations.models import (
    AccessCode,
    Applicant,
    DisruptedVisit,
    ReminderCall,
    Reservation,
    ReservedProcedure,
    Submission,
)
from madoguchi.reservations.people import (
    Person,
    link_hash,
    new_applicant,
    open_access_code,
    open_link_token,
    open_person,
    person_hash,
    person_version,
    seal_access_code,
    sealed_columns,
)
from madoguchi.reservations.rules import MAX_PARTY_SIZE, STAFF_CHANNELS
from madoguchi.reservations.seats import book_held_seats, move_seats, release_reservation, take_seats
from madoguchi.sealing.services import index_hash, new_key
from madoguchi.sealing.shown import refuse_other

CODE_MINUTES = 15
CODE_TRIES = 5
# What the city compares with its register; a new telephone number is nothing to check again.
IDENTITY = frozenset({"name", "name_kana", "birth_date", "postal_code", "address", "details"})
# Two who look for a person's reservations at the same instant look one after the other: a repeat that staff
# booked has no claim, so the index knows nothing of it.
SERIALIZE_PERSON = "SELECT pg_advisory_xact_lock(%s)"
# The second barrier, which does not know of the first: one claim in the index.
CLAIM = """INSERT INTO reservations_reservedprocedure (reservation_id, procedure_id, claim)
           VALUES (%s, %s, %s) ON CONFLICT (procedure_id, claim) DO NOTHING"""


# Nearly always few: two looks at indexes that go with the rest. Only beyond the limit are visits counted.
COUNT_OF_CONTACT = """SELECT greatest(
    (SELECT count(*) FROM (SELECT FROM reservations_applicant WHERE phone_hash = %s LIMIT %s) AS same),
    (SELECT count(*) FROM (SELECT FROM reservations_applicant WHERE email_hash = %s LIMIT %s) AS same))"""


@dataclass(frozen=True, slots=True)
class Created:
    """What a citizen gets: the reference to speak, the token of the secret link, where and when."""

    id: uuid.UUID
    reference: str
    link_token: str
    office: str
    starts_at: datetime
    # As of `ReservationRow`.
    occupied_minutes: int


def create_reservation(
    *,
    person: Person,
    office: str,
    starts_at: datetime,
    minutes: int,
    slot_ids: Sequence[int],
    procedures: Sequence[str],
    channel: str,
    actor: Actor,
    reservation_id: uuid.UUID,
    hold: uuid.UUID | None = None,
    may_repeat: bool = False,
    party: uuid.UUID | None = None,
    booked_at: datetime | None = None,
    most_of_contact: int = 0,
) -> Created:
    """Seat a person on a run of slots and write the reservation (仕様書 4(3)ア).

    With `hold` its seats are used, otherwise seats are taken. `may_repeat` lets staff book somebody who
    already has a reservation for a procedure. `party` ties together who comes together, and one `booked_at`
    who was booked by one press. Raises SlotFull, Paused and DuplicateReservation; the caller's transaction
    must then be rolled back.
    """
    if hold is None:
        take_seats(slot_ids=slot_ids, reservation=reservation_id, any_hour=channel in STAFF_CHANNELS)
    else:
        book_held_seats(hold=hold, reservation=reservation_id, slot_ids=slot_ids)
    repeats = bool(active_claims(person=person, procedures=procedures))
    if repeats and not may_repeat:
        raise DuplicateReservation
    key = new_key()
    applicant, token = new_applicant(person=person, key=key)
    reservation = Reservation(
        id=reservation_id,
        reference=new_reference(),
        applicant=applicant,
        office_id=office,
        starts_at=starts_at,
        minutes=minutes,
        channel=channel,
        party=party,
        link_hash=link_hash(token),
        booked_at=booked_at or clock.now(),
        booked_by=str(actor),
    )
    with _unless_paused(), pipelined():
        claims = _claim_procedures(reservation_id, person, procedures, is_unique=not repeats)
        insert_prepared(key)
        insert_prepared(applicant)
        insert_prepared(reservation)
        of_contact = execute_prepared(COUNT_OF_CONTACT, _contact(applicant, most_of_contact))
        record(
            action=ReservationAction.BOOKED,
            actor=actor,
            target=f"reservation:{reservation.id}",
            detail={
                "office": office,
                "starts_at": starts_at.isoformat(),
                "procedures": list(procedures),
                "channel": channel,
                "repeats": repeats,
                **({"party": str(party)} if party else {}),
            },
        )
    if not all(written.rowcount for written in claims):
        raise DuplicateReservation
    (counted,) = of_contact.fetchone() or (0,)
    if 0 < most_of_contact < counted and most_of_contact < _visits_of_contact(applicant):
        raise ContactLimitReached
    return _created(reservation, token)


@contextmanager
def _unless_paused() -> Iterator[None]:
    """Say in words what the trigger refuses: the time was stopped a moment ago."""
    try:
        yield
    except IntegrityError as error:
        if "offices_pause" not in str(error):
            raise
        raise Paused from error


def join_party(*, reservation_id: uuid.UUID, newcomers: int, actor: Actor) -> uuid.UUID:
    """Return what ties a standing reservation to those who come along, a new tie where there was none.

    Until the caller's transaction ends nobody else comes along. Raises NotVisible, AlreadyCancelled and
    FamilyFull.
    """
    known = Reservation.objects.filter(pk=reservation_id).values_list("party", flat=True).first()
    ours = Q(pk=reservation_id) if known is None else Q(party=known)
    locked = Reservation.objects.select_for_update().filter(ours).order_by("pk")
    mine = next((row for row in locked if row.pk == reservation_id), None)
    if mine is None:
        raise NotVisible
    if mine.status == ReservationStatus.CANCELLED:
        raise AlreadyCancelled
    if mine.party is None:
        mine.party = uuid.uuid4()
        mine.save(update_fields=["party"])
        record(action=ReservationAction.JOINED, actor=actor, target=f"reservation:{mine.id}")
    if (
        Reservation.objects.filter(party=mine.party, status=ReservationStatus.BOOKED).count() + newcomers
        > MAX_PARTY_SIZE
    ):
        raise FamilyFull
    return mine.party


def _contact(applicant: Applicant, most: int) -> list[object]:
    """Return the values of OF_ONE_CONTACT: counting ends beyond the limit, no address is not asked for."""
    far = most + 1 if most else 0
    return [applicant.phone_hash, far, applicant.email_hash, far if applicant.has_email else 0]


def _visits_of_contact(applicant: Applicant) -> int:
    """Return how many standing visits to come have the telephone number or the address of an applicant."""
    rows = Reservation.objects.filter(status=ReservationStatus.BOOKED, starts_at__gt=clock.now())
    counts = [rows.filter(applicant__phone_hash=applicant.phone_hash).count()]
    if applicant.has_email:
        counts.append(rows.filter(applicant__email_hash=applicant.email_hash).count())
    return max(counts)


def active_claims(
    *, person: Person, procedures: Sequence[str], but: uuid.UUID | None = None
) -> list[uuid.UUID]:
    """Return the reservations that already stand for this person and one of these procedures.

    Same folded name and birth date, whatever the reading. Claims of visits that are over are dropped on the
    way, so that a person may come again. Until the caller's transaction ends, everybody else who asks for
    the same name and birth date waits.
    """
    same = person_hash(name=person.name, birth_date=person.birth_date)
    with pipelined():
        execute_prepared(SERIALIZE_PERSON, [int.from_bytes(same[:8], "big", signed=True)])
        # Nearly always nobody: one look at one index, without planning a join of three tables.
        known = execute_prepared(
            "SELECT 1 FROM reservations_applicant WHERE person_hash = %s LIMIT 1", [same]
        )
    if not known.fetchone():
        return []
    rows = ReservedProcedure.objects.filter(
        reservation__applicant__person_hash=same,
        reservation__status=ReservationStatus.BOOKED,
        procedure_id__in=list(procedures),
    ).values_list("pk", "reservation_id", "reservation__starts_at")
    over, active = [], []
    for pk, reservation_id, starts_at in rows:
        if starts_at <= clock.now():
            over.append(pk)
        elif reservation_id != but:
            active.append(reservation_id)
    if over:
        ReservedProcedure.objects.filter(pk__in=over).update(claim=None)
    return active


def claim_again(*, reservation: Reservation, person: Person) -> None:
    """Claim the procedures of a locked reservation whose time has passed unserved, before it moves.

    Raises DuplicateReservation when the person has booked anew meanwhile.
    """
    codes = list(reservation.procedures.values_list("procedure_id", flat=True))
    if active_claims(person=person, procedures=codes, but=reservation.id):
        raise DuplicateReservation
    reservation.procedures.update(claim=person_hash(name=person.name, birth_date=person.birth_date))


def _claim_procedures(
    reservation: uuid.UUID, person: Person, procedures: Sequence[str], *, is_unique: bool
) -> list[Cursor[Any]]:
    """Claim each procedure for a person; one that somebody has already claimed writes no row."""
    mine = person_hash(name=person.name, birth_date=person.birth_date) if is_unique else None
    # In one order for all: two requests for one person wait for each other and never deadlock.
    return [execute_prepared(CLAIM, [reservation, code, mine]) for code in sorted(procedures)]


def lock_reservation(reservation_id: uuid.UUID) -> Reservation:
    """Return a standing reservation, locked. Raises NotVisible and AlreadyCancelled."""
    row = (
        Reservation.objects.select_for_update(of=("self",))
        .select_related("applicant__key")
        .filter(pk=reservation_id)
        .first()
    )
    # Who waited for the lock has the row as it is now, but the person as before: nothing of them comes back.
    if row is None or row.erased_at:
        raise NotVisible
    if row.status == ReservationStatus.CANCELLED:
        raise AlreadyCancelled
    return row


def move_reservation(
    *,
    reservation: Reservation,
    office: str,
    starts_at: datetime,
    minutes: int,
    slot_ids: Sequence[int],
    actor: Actor,
    reason: str = ChangeReason.NOT_GIVEN,
    any_hour: bool = False,
) -> None:
    """Seat a locked reservation elsewhere; its old seats are let go only once the new ones are its own.

    Raises SlotFull and Paused; the caller's transaction must then be rolled back.
    """
    was = {"office": reservation.office_id, "starts_at": reservation.starts_at.isoformat()}
    move_seats(reservation=reservation.id, slot_ids=slot_ids, any_hour=any_hour)
    reservation.office_id = office
    reservation.starts_at = starts_at
    reservation.minutes = minutes
    reservation.changed_at, reservation.changed_by = clock.now(), str(actor)
    with _unless_paused():
        reservation.save(update_fields=["office", "starts_at", "minutes", "changed_at", "changed_by"])
    _resolve(reservation.id, DisruptionResolution.MOVED, actor)
    record(
        action=ReservationAction.MOVED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"from": was, "office": office, "starts_at": starts_at.isoformat(), "reason": reason},
    )


def cancel_reservation(
    *, reservation: Reservation, actor: Actor, reason: str = ChangeReason.NOT_GIVEN
) -> None:
    """Cancel a locked reservation; its seats are free at once and the person may book again."""
    now = clock.now()
    reservation.status = ReservationStatus.CANCELLED
    reservation.cancelled_at, reservation.cancelled_by = now, str(actor)
    reservation.cancel_reason = reason
    reservation.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancel_reason"])
    release_reservation(reservation=reservation.id)
    ReservedProcedure.objects.filter(reservation=reservation).update(claim=None)
    _resolve(reservation.id, DisruptionResolution.CANCELLED, actor)
    record(
        action=ReservationAction.CANCELLED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"reason": reason},
    )


def correct_person(*, reservation: Reservation, person: Person, columns: Sequence[str], actor: Actor) -> None:
    """Write a person's corrected details into a locked reservation.

    The completeness check opens again when who or where the person is has changed (R166).

    `columns` names what changed, for the record. Raises DuplicateReservation when the corrected person
    already has a reservation for one of the procedures.
    """
    applicant = reservation.applicant
    values = sealed_columns(person=person, key=applicant.key, row=applicant.id)
    Applicant.objects.filter(pk=applicant.pk).update(**values)
    # Whoever stays the same person keeps the claims, also beside a repeat that staff booked.
    if values["person_hash"] != bytes(applicant.person_hash):
        claimed = ReservedProcedure.objects.filter(reservation=reservation, claim__isnull=False)
        codes = list(claimed.values_list("procedure_id", flat=True))
        if active_claims(person=person, procedures=codes, but=reservation.id):
            raise DuplicateReservation
        claimed.update(claim=values["person_hash"])
    reservation.changed_at, reservation.changed_by = clock.now(), str(actor)
    if IDENTITY & set(columns):
        reservation.checked_at, reservation.checked_by = None, ""
    reservation.save(update_fields=["changed_at", "changed_by", "checked_at", "checked_by"])
    record(
        action=ReservationAction.CORRECTED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"columns": list(columns)},
    )


@transaction.atomic
def check_completeness(*, reservation_id: uuid.UUID, actor: Actor, seen: str | None = None) -> None:
    """Record that the secretariat looked a reservation through (仕様書 4(6)ア 予約情報の確認).

    `seen` is what the page showed of the person: what was corrected meanwhile was not looked through. Raises
    ContentChanged and AlreadyCancelled.
    """
    reservation = lock_reservation(reservation_id)
    if reservation.checked_at:
        return
    if seen is not None:
        person = open_person(reservation.applicant)
        refuse_other(seen, person_version(reservation_id=reservation_id, person=person))
    reservation.checked_at, reservation.checked_by = clock.now(), str(actor)
    reservation.save(update_fields=["checked_at", "checked_by"])
    record(action=ReservationAction.CHECKED, actor=actor, target=f"reservation:{reservation.id}")


def remember_submission(
    *, scope: str, key: str, fingerprint: str, reservation_id: uuid.UUID
) -> Created | None:
    """Keep the reservation that is about to be made for a request that may be sent twice.

    Returns the answer that was given before, None the first time. Waits for the same request still under
    way. Raises IdempotencyMismatch when the key came before with another content.
    """
    key_hash, print_hash = index_hash("submission", key), index_hash("fingerprint", fingerprint)
    with pipelined():  # with the BEGIN before it
        written = execute_prepared(
            "INSERT INTO reservations_submission (scope, key_hash, fingerprint, created_at, reservation_id) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (scope, key_hash) DO NOTHING",
            [scope, key_hash, print_hash, clock.now(), reservation_id],
        )
    if written.rowcount:
        return None
    before = Submission.objects.select_related("reservation__applicant__key").get(
        scope=scope, key_hash=key_hash
    )
    if bytes(before.fingerprint) != print_hash:
        raise IdempotencyMismatch
    return created_before(before.reservation)


def created_before(reservation: Reservation) -> Created:
    """Return the answer that was given when this reservation was made."""
    return _created(reservation, open_link_token(reservation.applicant))


def created_together(reservation: Reservation) -> list[Created]:
    """Return the answer to the press that made this reservation: of all it made, in order."""
    if reservation.party is None:
        return [created_before(reservation)]
    made = Reservation.objects.filter(party=reservation.party, booked_at=reservation.booked_at)
    return [created_before(row) for row in made.select_related("applicant__key").order_by("pk")]


def _created(reservation: Reservation, link_token: str) -> Created:
    return Created(
        id=reservation.id,
        reference=reservation.reference,
        link_token=link_token,
        office=reservation.office_id,
        starts_at=reservation.starts_at,
        occupied_minutes=reservation.minutes,
    )


def make_access_code(*, reservation: Reservation, actor: Actor) -> datetime:
    """Put a fresh six-digit code on a locked reservation and return until when it works."""
    expires_at = clock.now() + timedelta(minutes=CODE_MINUTES)
    code = f"{secrets.randbelow(10**6):06d}"
    key = reservation.applicant.key
    AccessCode.objects.update_or_create(
        reservation=reservation,
        defaults={
            "code": seal_access_code(key, reservation.id, code),
            "expires_at": expires_at,
            "tries": 0,
        },
    )
    record(action=ReservationAction.CODE_SENT, actor=actor, target=f"reservation:{reservation.id}")
    return expires_at


def use_access_code(*, reservation_id: uuid.UUID, code: str, actor: Actor) -> None:
    """Accept the code from the mail, once. A wrong one is counted in a transaction of its own.

    Raises CodeRefused.
    """
    with transaction.atomic():
        row = (
            AccessCode.objects.select_for_update(of=("self",))
            .select_related("reservation__applicant__key")
            .filter(reservation=reservation_id)
            .first()
        )
        if row is None:
            raise CodeRefused
        is_right = row.tries < CODE_TRIES and clock.now() <= row.expires_at and _is_the_code(row, code)
        if is_right:
            row.delete()
            record(action=ReservationAction.CODE_USED, actor=actor, target=f"reservation:{reservation_id}")
        elif row.tries < CODE_TRIES:
            row.tries += 1
            row.save(update_fields=["tries"])
    if not is_right:
        raise CodeRefused


def _is_the_code(row: AccessCode, code: str) -> bool:
    try:
        return secrets.compare_digest(open_access_code(row), code)
    except ValueUnreadable:
        return False  # as a wrong one: a fresh code is asked for


def _resolve(reservation: uuid.UUID, resolution: DisruptionResolution, actor: Actor) -> None:
    DisruptedVisit.objects.filter(reservation=reservation, resolved_at=None).update(
        resolution=resolution, resolved_at=clock.now(), resolved_by=str(actor)
    )


def record_reminder_call(*, reservation_id: uuid.UUID, reached: bool, after: int, actor: Actor) -> None:
    """Record a reminder call to a person without mail (R170).

    `after` is how many calls the caller's page showed: pressed twice, it is recorded once.
    """
    reservation = lock_reservation(reservation_id)
    made = ReminderCall.objects.filter(reservation=reservation, visit_at=reservation.starts_at).count()
    if made != after:
        return
    ReminderCall.objects.create(
        reservation=reservation,
        visit_at=reservation.starts_at,
        reached=reached,
        called_at=clock.now(),
        called_by=str(actor),
    )
    record(
        action=ReservationAction.CALLED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"reached": reached},
    )


def purge_submissions_and_codes(*, before: datetime) -> Mapping[str, int]:
    """Delete what only served a moment: submissions and access codes older than an instant."""
    return {
        "submissions": Submission.objects.filter(created_at__lt=before).delete()[0],
        "codes": AccessCode.objects.filter(expires_at__lt=before).delete()[0],
    }
