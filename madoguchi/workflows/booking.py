"""Book, look up, change and cancel: one way for every channel (仕様書 4(3)ア, 4(5)ウ).

Each use case is one durable transaction: seats, reservation, audit entry and mail stand or fall together.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.name_changes import NameInAddress, refuse_name_change
from madoguchi.common.names import read_kana, read_name
from madoguchi.common.texts import refuse_unusable
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.contract.rules import BookingRules, hold_minutes
from madoguchi.contract.selectors import booking_rules, procedures, program
from madoguchi.notifications.kinds import REMINDERS, MailKind
from madoguchi.notifications.services import queue_mail, withdraw_mail
from madoguchi.offices.pauses import stops
from madoguchi.offices.selectors import office
from madoguchi.reservations import holds, services
from madoguchi.reservations.availability import Run, run_from, runs_from
from madoguchi.reservations.errors import (
    ChangedMeanwhile,
    DeadlinePassed,
    FamilyFull,
    HoldExpired,
    NotEligible,
    NotYetOpen,
    Paused,
    SlotFull,
)
from madoguchi.reservations.holds import HoldRow
from madoguchi.reservations.people import (
    Person,
    is_damaged,
    open_person,
    person_hash,
    person_version,
)
from madoguchi.reservations.rules import MOST_TOGETHER, OUR_REASONS, STAFF, age_on, visit_days
from madoguchi.reservations.selectors import (
    disrupted,
    references_of,
    reservation_by_birth_date,
    version,
)
from madoguchi.reservations.services import Created
from madoguchi.reservations.waiting import leave_when_booked, purge_ended
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.offering import PHONE, WEB, deadlines, slots_for, window
from madoguchi.workflows.turns import offer_free_seats

# Failures a household survives: several people, several typing errors, one address.
LOOK_UPS_PER_REFERENCE = 10
LOOK_UPS_PER_SOURCE = 60
HOLDS_PER_SOURCE = 60
WINDOW_MINUTES = 15
CODES_PER_RESERVATION = 3
CODES_PER_SOURCE = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the slot that starts the run, the procedures, and who comes."""

    slot: int
    procedures: tuple[str, ...]
    person: Person


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of those who come together, and what for."""

    procedures: tuple[str, ...]
    person: Person


def start_hold(*, source: str, draft: Mapping[str, object]) -> str:
    """Begin an attempt to book and return the token for the browser. Raises TooManyTries."""
    services.count_try(scope="hold", source=source, limit=HOLDS_PER_SOURCE, minutes=WINDOW_MINUTES)
    with transaction.atomic(durable=True):
        return holds.open_hold(source=source, draft=draft)


def hold_slot(
    *,
    token: str,
    slot: int,
    codes: Sequence[str],
    others: Sequence[Sequence[str]] = (),
    channel: str = WEB,
) -> datetime:
    """Hold a run of seats for an attempt and return until when; pressed twice it holds them once.

    `others` are the procedures of those who come along: all get their seats, or nobody. An operator holds
    seats kept for the telephone too, while the caller is spoken to (仕様書 4(5)ウ).
    Raises HoldExpired, SlotFull, Paused, DeadlinePassed and NotYetOpen; then what was held before still is.
    """
    with transaction.atomic(durable=True):
        attempt = holds.find_hold(token, lock=True)
        if attempt.reservation:
            raise HoldExpired
        lengths, slot_minutes = [_length(each) for each in (codes, *others)], program().slot_minutes
        held = holds.held_runs(attempt, lengths=lengths, slot_minutes=slot_minutes)
        if held and held[0].slot_ids[0] == slot and attempt.is_live and attempt.held_until:
            return attempt.held_until
        runs = runs_from(
            slot, lengths=lengths, slot_minutes=slot_minutes, any_hour=channel in STAFF, hold=attempt.id
        )
        if runs is None:
            _run(slot, codes)  # which says so where the time is stopped
            raise SlotFull
        for run, each in zip(runs, (codes, *others), strict=True):
            _refuse_paused(run, each)
            _refuse_closed(run, channel=channel)
        rules = booking_rules(clock.now(), runs[0].office)
        return holds.hold_run(
            hold=attempt.id,
            slot_ids=[each for run in runs for each in run.slot_ids],
            minutes=hold_minutes(rules, len(runs)),
            any_hour=channel in STAFF,
        )


def extend_hold(*, token: str, people: int = 1) -> datetime:
    """Give an attempt its time again and return until when. Raises NoMoreExtensions and HoldExpired."""
    with transaction.atomic(durable=True):
        attempt = holds.find_hold(token, lock=True)
        rules = booking_rules(clock.now(), attempt.office)
        return holds.extend_hold(
            hold=attempt, minutes=hold_minutes(rules, people), most=rules.hold_extensions
        )


def release_hold(*, token: str) -> None:
    """Give back the seats of an attempt nobody goes on with; without one nothing happens."""
    with transaction.atomic(durable=True), suppress(HoldExpired):
        holds.end_hold(holds.find_hold(token, lock=True))


def book_held(
    *,
    token: str,
    procedures: Sequence[str],
    person: Person,
    channel: str = WEB,
    actor: Actor = CITIZEN,
    seen: str | None = None,
) -> Created:
    """Book the seats an attempt holds for one person, as `book_together` books them for several."""
    visitor = Visitor(tuple(procedures), person)
    return book_together(token=token, visitors=[visitor], channel=channel, actor=actor, seen=seen)[0]


def book_together(
    *,
    token: str,
    visitors: Sequence[Visitor],
    joins: uuid.UUID | None = None,
    channel: str = WEB,
    actor: Actor = CITIZEN,
    seen: str | None = None,
) -> list[Created]:
    """Book the seats an attempt holds, for all or for nobody; pressed twice it gives the same answer.

    Each person has a reservation, a key, a link and a mail of their own (仕様書 4(3)ア); `joins` is a
    reservation with which they come along. `seen` is what the page showed that was pressed (`HoldRow.shown`),
    None where it does not matter. Raises ContentChanged, HoldExpired, SlotFull, Paused, DuplicateReservation,
    NotEligible, DeadlinePassed, ForbiddenValue, AlreadyCancelled and FamilyFull; then nothing is written, the
    attempt stays as it was, and `fields["person"]` is the number of the one who is refused.
    """
    with transaction.atomic(durable=True):
        attempt = holds.find_hold(token, lock=True)
        if attempt.reservation:
            refuse_other(seen, attempt.booked_as)
            return services.created_together(attempt.reservation)
        refuse_other(seen, attempt.shown)
        lengths = [_length(visitor.procedures) for visitor in visitors]
        runs = holds.held_runs(attempt, lengths=lengths, slot_minutes=program().slot_minutes)
        if runs is None:
            raise SlotFull
        for run, visitor in zip(runs, visitors, strict=True):
            _refuse_paused(run, visitor.procedures)
        # Who holds the seats may finish although the deadline passed meanwhile.
        if not attempt.is_live:
            for run in runs:
                _refuse_closed(run, channel=channel)
        party, booked_at = _party(joins, len(visitors), actor), clock.now()
        # In order, so that the same press finds them again in the order in which they were typed.
        keys = sorted(uuid.uuid4() for _ in visitors)
        made: dict[int, Created] = {}
        # Locked in one order by all: the same two people in two windows never wait for each other.
        for place in sorted(range(len(visitors)), key=lambda place: _lock_order(visitors[place].person)):
            try:
                made[place] = _book(
                    reservation_id=keys[place],
                    run=runs[place],
                    codes=visitors[place].procedures,
                    person=visitors[place].person,
                    channel=channel,
                    actor=actor,
                    hold=attempt,
                    may_repeat=False,
                    party=party,
                    booked_at=booked_at,
                )
            except Refusal as refusal:
                refusal.fields = {**refusal.fields, "person": place + 1}
                raise
        holds.close_hold(hold=attempt.id, reservation=keys[0], booked_as=attempt.shown)
        return [made[place] for place in range(len(visitors))]


def _party(joins: uuid.UUID | None, people: int, actor: Actor) -> uuid.UUID | None:
    if joins:
        return services.join_party(reservation_id=joins, newcomers=people, actor=actor)
    if people > MOST_TOGETHER:
        raise FamilyFull
    return uuid.uuid4() if people > 1 else None


def _lock_order(person: Person) -> bytes:
    return person_hash(name=person.name, birth_date=person.birth_date)


def book(
    *,
    request: Request,
    channel: str,
    actor: Actor,
    submission: str,
    fingerprint: str,
    may_repeat: bool = False,
    held_by: str = "",
    joins: uuid.UUID | None = None,
) -> Created:
    """Book for staff and partners; the same submission gives the same answer.

    `held_by` is the token of an attempt that holds the seats; where it no longer does, free ones are taken.
    `may_repeat` books a person who already has a reservation for a procedure (staff only, recorded).
    `joins` is a reservation with which the person comes along.
    Raises as `book_held`, and IdempotencyMismatch when the submission came before with another content.
    """
    with transaction.atomic(durable=True):
        reservation_id = uuid.uuid4()
        before = services.remember_submission(
            scope=str(actor), key=submission, fingerprint=fingerprint, reservation_id=reservation_id
        )
        if before is not None:
            return before
        run = _run(request.slot, request.procedures)
        hold = _holding(held_by, run)
        if not (hold and hold.is_live):
            _refuse_closed(run, channel=channel)
        created = _book(
            reservation_id=reservation_id,
            run=run,
            codes=request.procedures,
            person=request.person,
            channel=channel,
            actor=actor,
            hold=hold,
            may_repeat=may_repeat,
            party=_party(joins, 1, actor),
        )
        if hold:
            holds.close_hold(hold=hold.id, reservation=created.id)
        return created


def move(
    *,
    reservation_id: uuid.UUID,
    slot: int,
    actor: Actor,
    channel: str,
    reason: str = "NOT_GIVEN",
    seen: str | None = None,
) -> None:
    """Move a visit to another time or office; the old seats are kept until the new ones are taken.

    Whose time is no longer served goes first: without deadlines, even after that time, and on seats kept for
    the telephone too. Pressed twice it moves once, even when a deadline passes in between. The check of who
    comes stays as it is: a day on which age, renewal window or closure would come out differently is refused.
    `seen` is the version of the visit that the caller saw, None where it does not matter. Raises
    DeadlinePassed, NotYetOpen, SlotFull, Paused, NotEligible, AlreadyCancelled and ChangedMeanwhile; then the
    visit stays where it was.
    """
    with transaction.atomic(durable=True):
        reservation = services.lock_reservation(reservation_id)
        codes = list(reservation.procedures.values_list("procedure_id", flat=True))
        run = _run(slot, codes)
        if (reservation.office_id, reservation.starts_at) == (run.office, run.starts_at):
            return
        _refuse_other_than_seen(reservation_id, reservation.office_id, reservation.starts_at, seen)
        is_first = bool(disrupted([reservation_id]))
        if is_first:
            channel = PHONE
        else:
            _refuse_late_change(reservation.starts_at, reservation.office_id, channel)
        _refuse_closed(run, channel=channel, moving=True)
        person = open_person(reservation.applicant)
        _refuse_day(person, codes, run, booking_rules(clock.now(), run.office))
        if is_first and reservation.starts_at <= clock.now():
            # The claim of a time that has passed may have been dropped for another booking.
            services.claim_again(reservation=reservation, person=person)
        left = reservation.office_id
        services.move_reservation(
            reservation=reservation,
            office=run.office,
            starts_at=run.starts_at,
            minutes=len(run.slot_ids) * program().slot_minutes,
            slot_ids=run.slot_ids,
            actor=actor,
            reason=reason,
            any_hour=channel in STAFF,
        )
        withdraw_mail(target=str(reservation.id), kinds=REMINDERS)
        if reservation.applicant.has_email:
            queue_mail(
                kind=MailKind.CHANGED, target=str(reservation.id), occasion=f"{clock.now().isoformat()}"
            )
        offer_free_seats(offices=[left])


def cancel(
    *,
    reservation_id: uuid.UUID,
    actor: Actor,
    channel: str,
    reason: str = "NOT_GIVEN",
    seen: str | None = None,
) -> None:
    """Cancel a visit; its seats are free at once and the person may book again.

    Where the reason is ours (closure, our error) the mail says so and apologises. Pressed twice it cancels
    once. Raises DeadlinePassed on the web after the deadline, and for staff once the visit has begun,
    but for one whose time is no longer served: it never took place, and its list must come to an end. Raises
    AlreadyCancelled, and ChangedMeanwhile as `move` does.
    """
    with transaction.atomic(durable=True):
        reservation = services.lock_reservation(reservation_id)
        _refuse_other_than_seen(reservation_id, reservation.office_id, reservation.starts_at, seen)
        _refuse_late_cancellation(reservation_id, reservation.starts_at, reservation.office_id, channel)
        services.cancel_reservation(reservation=reservation, actor=actor, reason=reason)
        withdraw_mail(target=str(reservation.id))
        if reservation.applicant.has_email:
            kind = MailKind.OFFICE_CANCELLED if reason in OUR_REASONS else MailKind.CANCELLED
            queue_mail(kind=kind, target=str(reservation.id), occasion="once")
        offer_free_seats(offices=[reservation.office_id])


def correct(*, reservation_id: uuid.UUID, person: Person, actor: Actor, seen: str | None = None) -> None:
    """Correct a person's details (R166).

    A new mail address gets the confirmation anew, and the one before is told that it is no longer used.
    `seen` is what the page showed of the person (`ReservationRow.shown_person`), None where it does not
    matter. Raises ContentChanged, DuplicateReservation, ForbiddenValue and NotEligible; then nothing is
    changed.
    """
    screen(person)
    with transaction.atomic(durable=True):
        reservation = services.lock_reservation(reservation_id)
        before = open_person(reservation.applicant)
        changed = [
            item.name for item in fields(Person) if getattr(before, item.name) != getattr(person, item.name)
        ]
        if not changed:
            return
        refuse_other(seen, person_version(reservation_id=reservation_id, person=before))
        # Help wanted at the counter is kept with the details, but says nothing about who comes.
        if replace(before.details, needs=()) == replace(person.details, needs=()):
            changed = ["needs" if name == "details" else name for name in changed]
        codes = list(reservation.procedures.values_list("procedure_id", flat=True))
        day = clock.to_jst(reservation.starts_at).date()
        refuse_person(person, codes, day, booking_rules(clock.now(), reservation.office_id))
        services.correct_person(reservation=reservation, person=person, columns=changed, actor=actor)
        if "email" in changed and before.email:
            queue_mail(
                kind=MailKind.CONTACT_CHANGED,
                target=str(reservation.id),
                occasion=clock.now().isoformat(),
                key=reservation.applicant.key,
                recipient=before.email,
            )
        if "email" in changed and person.email:
            queue_mail(
                kind=MailKind.CONFIRMATION, target=str(reservation.id), occasion=clock.now().isoformat()
            )


def look_up(*, reference: str, birth_date: date, source: str) -> uuid.UUID:
    """Return the reservation of a reference and a birth date; it opens the masked view only.

    A wrong reference and a wrong birth date give the same answer. Raises NotVisible and TooManyTries.
    """
    services.count_try(
        scope="look-up reference", source=reference, limit=LOOK_UPS_PER_REFERENCE, minutes=WINDOW_MINUTES
    )
    services.count_try(scope="look-up", source=source, limit=LOOK_UPS_PER_SOURCE, minutes=WINDOW_MINUTES)
    found = reservation_by_birth_date(reference=reference, birth_date=birth_date)
    if found is None:
        raise NotVisible
    return found


def confirm_person(*, reservation_id: uuid.UUID, birth_date: date, source: str) -> None:
    """Make sure that who opens a mailed link knows the birth date; limited as looking up is.

    Raises NotVisible and TooManyTries.
    """
    reference = references_of([reservation_id]).get(reservation_id, "")
    look_up(reference=reference, birth_date=birth_date, source=source)


def send_access_code(*, reservation_id: uuid.UUID, source: str) -> None:
    """Mail a code to the registered address, which opens the whole reservation.

    Raises TooManyTries, and NotVisible when there is no address.
    """
    services.count_try(
        scope="code", source=str(reservation_id), limit=CODES_PER_RESERVATION, minutes=WINDOW_MINUTES
    )
    services.count_try(scope="code source", source=source, limit=CODES_PER_SOURCE, minutes=WINDOW_MINUTES)
    with transaction.atomic(durable=True):
        reservation = services.lock_reservation(reservation_id)
        if not reservation.applicant.has_email:
            raise NotVisible
        expires_at = services.make_access_code(reservation=reservation, actor=CITIZEN)
        queue_mail(kind=MailKind.ACCESS_CODE, target=str(reservation_id), occasion=expires_at.isoformat())


def purge(*, now: datetime) -> None:
    """Delete attempts nobody goes on with, who has left the waiting list, and counters of yesterday."""
    rules = booking_rules(now)
    while holds.purge_holds(now=now, unused_since=now - timedelta(minutes=rules.draft_minutes)):
        pass
    # So long the last mail and its link still say how the waiting ended.
    purge_ended(before=now - timedelta(days=rules.keep_wait_days))
    services.purge_counters(before=now - timedelta(days=2))


def _holding(token: str, run: Run) -> HoldRow | None:
    """Return the attempt of a token, locked, while the seats of a run are its own."""
    try:
        attempt = holds.find_hold(token, lock=True)
    except HoldExpired:
        return None
    return attempt if attempt.slot_ids == run.slot_ids else None


def _book(
    *,
    reservation_id: uuid.UUID,
    run: Run,
    codes: Sequence[str],
    person: Person,
    channel: str,
    actor: Actor,
    hold: HoldRow | None,
    may_repeat: bool,
    party: uuid.UUID | None = None,
    booked_at: datetime | None = None,
) -> Created:
    screen(person)
    _refuse_day(person, codes, run, booking_rules(clock.now(), run.office))
    leave_when_booked(person=person, actor=actor, booking=hold.id if hold else None)
    created = services.create_reservation(
        reservation_id=reservation_id,
        person=person,
        office=run.office,
        starts_at=run.starts_at,
        minutes=len(run.slot_ids) * program().slot_minutes,
        slot_ids=run.slot_ids,
        procedures=codes,
        channel=channel,
        actor=actor,
        hold=hold.id if hold else None,
        may_repeat=may_repeat,
        most_of_contact=0 if channel in STAFF else booking_rules(clock.now()).bookings_of_contact,
        party=party,
        booked_at=booked_at,
    )
    if person.email:
        queue_mail(kind=MailKind.CONFIRMATION, target=str(created.id), occasion="once")
    return created


def _run(slot: int, codes: Sequence[str]) -> Run:
    """Return the slots that the procedures fill from this one on. Raises NotEligible, SlotFull and Paused."""
    run = run_from(slot, slots=_length(codes), slot_minutes=program().slot_minutes)
    if run is None:
        raise SlotFull
    _refuse_paused(run, codes)
    return run


def _refuse_paused(run: Run, codes: Sequence[str]) -> None:
    """Say kindly that a run is stopped for these procedures, if so. Raises Paused."""
    ends_at = run.starts_at + len(run.slot_ids) * timedelta(minutes=program().slot_minutes)
    if any(stop.starts_at < ends_at and run.starts_at < stop.ends_at for stop in stops(codes, run.office)):
        raise Paused


def _length(codes: Sequence[str]) -> int:
    """Return how many slots procedures fill. Raises NotEligible where one of them is not offered."""
    if not codes or not set(codes) <= {row.code for row in procedures()}:
        raise NotEligible(guidance="ward.WARD_GUIDANCE")
    return slots_for(codes)


def _refuse_closed(run: Run, *, channel: str, moving: bool = False) -> None:
    """Say why a run cannot be booked now, if so. Raises NotYetOpen and DeadlinePassed."""
    now, day = clock.now(), clock.to_jst(run.starts_at).date()
    place = office(run.office)
    days = window(place, channel=channel, moving=moving)
    if not place.takes_bookings(now) or (days is not None and day > days.last):
        raise NotYetOpen
    if days is None or day < days.first or run.starts_at <= now:
        raise DeadlinePassed


def _refuse_late_change(starts_at: datetime, office_code: str, channel: str) -> None:
    now = clock.now()
    if now >= starts_at or (channel not in STAFF and now > deadlines(starts_at, office_code).change):
        raise DeadlinePassed


def _refuse_late_cancellation(
    reservation_id: uuid.UUID, starts_at: datetime, office_code: str, channel: str
) -> None:
    now = clock.now()
    is_late = now >= starts_at or (channel not in STAFF and now > deadlines(starts_at, office_code).cancel)
    if is_late and not disrupted([reservation_id]):
        raise DeadlinePassed


def _refuse_other_than_seen(
    reservation_id: uuid.UUID, office_code: str, starts_at: datetime, seen: str | None
) -> None:
    """Raise ChangedMeanwhile where a standing visit, locked, is no longer what the caller saw."""
    now = version(reservation_id=reservation_id, office=office_code, starts_at=starts_at, is_booked=True)
    if seen is not None and seen != now:
        raise ChangedMeanwhile


def _refuse_day(person: Person, codes: Sequence[str], run: Run, rules: BookingRules) -> None:
    """Check the conditions that depend on the day of the visit."""
    refuse_person(person, codes, clock.to_jst(run.starts_at).date(), rules)


def refuse_person(person: Person, codes: Sequence[str], day: date, rules: BookingRules) -> None:
    """Say why a visit of a person on a day cannot lead to the procedures. Raises NotEligible."""
    if age_on(person.birth_date, day) < rules.min_age:
        raise NotEligible(
            f"手続きの日に{rules.min_age}歳以上の方が予約できます。区役所で保護者・後見人の方とご相談ください。",
            guidance="ward.UNDER_15",
            field="date_of_birth",
        )
    first, last = fitting_days(person, codes, rules)
    if (first and day < first) or (last and day > last):
        raise NotEligible(
            "この日は、有効期限から見て手続きができない日です。別の日を選んでください。",
            guidance="ward.OUT_OF_WINDOW",
            first=first,
            last=last,
        )


def fitting_days(
    person: Person, codes: Sequence[str], rules: BookingRules
) -> tuple[date | None, date | None]:
    """Return the first and last day on which a person's visit makes sense, None where nothing bounds it."""
    return visit_days(
        procedures=codes,
        card_expires_on=_date(person.details.card_expires_on),
        cert_expires_on=_date(person.details.cert_expires_on),
        window_months=rules.renewal_window_months,
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def screen(person: Person) -> None:
    """Refuse My Numbers, PINs, 外字, names that are none, and names in addresses (R196).

    Raises ForbiddenValue, CharacterUnusable, NameUnreadable, KanaUnreadable and NameInAddress, with the
    field, and ValueUnreadable for a stored person who cannot be read. The text is never kept or logged.
    """
    if is_damaged(person):
        raise ValueUnreadable
    details = person.details
    typed: tuple[tuple[str, str, Callable[[str], object]], ...] = (
        ("name", person.name, read_name),
        ("name_kana", person.name_kana, read_kana),
        ("address", person.address, refuse_unusable),
        ("email", person.email, refuse_unusable),
        ("old_address", details.old_address, refuse_unusable),
        ("new_address", details.new_address, refuse_unusable),
        ("unreadable_characters", details.unreadable_characters, refuse_unusable),
        ("called_name", details.called_name, read_name),
    )
    for field, text, read in typed:
        try:
            refuse_forbidden(text)
            read(text)
        except Refusal as refusal:
            raise type(refusal)(refusal.message, field=field) from None
    texts = {field: text for field, text, _ in typed}
    for field in ("address", "old_address", "new_address"):
        name = "" if field == "address" else person.name
        try:
            refuse_name_change(texts[field], name=name)
        except NameInAddress as refusal:
            raise NameInAddress(refusal.message, field=field) from None
