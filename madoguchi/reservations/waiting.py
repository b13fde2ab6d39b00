"""The waiting list: entries, their order and their offers (仕様書 4(3)ア).

One offer at a time, in the order of entry. Seats that are offered lie under the booking session of who is
offered them, so that a booking, a closure and another offer meet them as they meet every held seat.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from psycopg import Cursor

from madoguchi.accounts.scope import EVERYWHERE, PeopleScope
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.names import fold_kana, match_key
from madoguchi.common.references import ReferenceUnreadable, new_reference, read_reference
from madoguchi.common.statements import execute_prepared
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.booking_sessions import start_session, token_hash
from madoguchi.reservations.errors import AlreadyWaiting, OfferOver
from madoguchi.reservations.kinds import STILL_WAITING, WaitState
from madoguchi.reservations.models import BookingSession, Seat, Wait, WaitingPerson
from madoguchi.reservations.people import as_json, person_hash
from madoguchi.reservations.scopes import waits_in
from madoguchi.reservations.seats import release_holds, take_seats
from madoguchi.reservations.waiting_entries import (
    TABLE,
    TABLE_OF_PEOPLE,
    WaitingEntry,
    WaitingVisitor,
    WaitRow,
    Wish,
    open_entries,
    open_visitor,
    wish_of,
)
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import seal

# Whoever books leaves the line.
# Lock order: the session before its row in line and its seats, as whoever books has locked it first.
# Who finds both in one statement skips what is locked, and so never waits.
LEAVE_LINE = """WITH mine AS (SELECT person.id, wait.id AS wait_id, wait.session_id
                           FROM reservations_waitingperson AS person
                           JOIN reservations_wait AS wait ON wait.id = person.wait_id
                           JOIN reservations_bookingsession AS session ON session.id = wait.session_id
                          WHERE person.person_hash = %(person)s AND person.in_line
                            AND (%(procedures)s::varchar[] IS NULL OR person.procedures && %(procedures)s)
                            FOR UPDATE OF session)
            UPDATE reservations_waitingperson AS person SET in_line = false FROM mine
             WHERE person.id = mine.id AND person.in_line
         RETURNING mine.wait_id, mine.session_id"""
WITHOUT_OFFER: Final[Mapping[str, Any]] = {
    "state": WaitState.WAITING,
    "offered_at": None,
    "offer_until": None,
    "tries": 0,
}
# Who frees seats at the same moment offers them one after the other: nobody in line is passed over because
# another offer is just being made.
SERIALIZE = "SELECT pg_advisory_xact_lock(hashtext('reservations_wait'))"


def enter(*, visitors: Sequence[WaitingVisitor], wish: Wish, channel: str, actor: Actor) -> WaitRow:
    """Add people who come together at the end of the list, sealed.

    Raises AlreadyWaiting, with the number of the one who waits; the caller's transaction must then be rolled
    back.
    """
    first = visitors[0].person
    token = start_session(source="", form_data={})
    session = BookingSession.objects.select_related("key").get(token_hash=token_hash(token))
    row = uuid.uuid4()
    Wait(
        id=row,
        reference=new_reference(),
        session=session,
        key=session.key,
        link_token=seal(session.key, TABLE, row, "link_token", token),
        has_email=bool(first.email),
        offices=list(wish.offices),
        first_day=wish.first_day,
        last_day=wish.last_day,
        earliest=wish.earliest,
        latest=wish.latest,
        channel=channel,
        entered_at=clock.now(),
        entered_by=str(actor),
    ).save(force_insert=True)
    for place, visitor in enumerate(visitors, start=1):
        try:
            with transaction.atomic():
                _add_person(row, session.key, place, visitor)
        except IntegrityError as error:
            if "waits_once" not in str(error):
                raise
            raise AlreadyWaiting(person=place) from error
    _record(
        ReservationAction.WAITED,
        row,
        actor,
        offices=list(wish.offices),
        procedures=sorted({code for visitor in visitors for code in visitor.procedures}),
        people=len(visitors),
    )
    return wait(row, scope=EVERYWHERE)


def _add_person(wait_id: uuid.UUID, key: PersonKey, place: int, visitor: WaitingVisitor) -> None:
    # The first has the id of the entry (`models.WaitingPerson`).
    row, person = wait_id if place == 1 else uuid.uuid4(), visitor.person
    WaitingPerson(
        id=row,
        wait_id=wait_id,
        place=place,
        person=seal(key, TABLE_OF_PEOPLE, row, "person", as_json(person)),
        person_hash=person_hash(name=person.name, birth_date=person.birth_date),
        procedures=list(visitor.procedures),
    ).save(force_insert=True)


def wait(wait_id: uuid.UUID, *, scope: PeopleScope) -> WaitRow:
    """Return one person on the list. Raises NotVisible."""
    row = Wait.objects.select_related("key").filter(waits_in(scope), pk=wait_id).first()
    if row is None:
        raise NotVisible
    return open_entries([row])[0]


def wait_of(token: str) -> WaitRow:
    """Return the person whose link it is. Raises NotVisible."""
    row = Wait.objects.select_related("key").filter(session__token_hash=token_hash(token)).first()
    if row is None:
        raise NotVisible
    return open_entries([row])[0]


def waiting_entries_of_person(person: bytes) -> list[WaitRow]:
    """Return all entries of one name and birth date (`people.person_hash`), latest first.

    Each is under the id of this person and tells nothing of who waits along.
    """
    found = WaitingPerson.objects.filter(person_hash=person, wait__key__wrapped__isnull=False)
    found = found.select_related("wait__key").order_by("-wait__entered_at", "pk")
    alone = []
    for each, row in zip(found, open_entries([each.wait for each in found]), strict=True):
        visitor = open_visitor(each.wait.key, each, has_email=False)
        alone.append(replace(row, id=each.id, person=visitor.person, visitors=(visitor,)))
    return alone


def in_line(*, text: str, scope: PeopleScope) -> list[WaitRow]:
    """Return who is in line and has this number, name or reading, or part of these; the longest first.

    Few are in line, so each is opened and looked at; what matches nobody leaves nothing behind.
    """
    rows = Wait.objects.filter(waits_in(scope), state__in=STILL_WAITING).select_related("key")
    try:
        rows = rows.filter(reference=read_reference(text))
    except ReferenceUnreadable:
        name, kana = match_key(text), fold_kana(text).replace(" ", "")
        return [
            row
            for row in open_entries(list(rows.order_by("entered_at", "pk")))
            if any(
                (name and name in match_key(each.person.name))
                or (kana and kana in fold_kana(each.person.name_kana).replace(" ", ""))
                for each in row.visitors
            )
        ]
    return open_entries(list(rows))


def offers_to_call(*, scope: PeopleScope) -> list[WaitRow]:
    """Return who has an offer and no mail address, the earliest deadline first."""
    return open_entries(
        list(_to_be_called().filter(waits_in(scope)).select_related("key").order_by("offer_until", "pk"))
    )


def offers_to_call_count() -> int:
    """Count the people with an offer who must be notified by telephone."""
    return _to_be_called().count()


def _to_be_called() -> QuerySet[Wait]:
    return Wait.objects.filter(state=WaitState.OFFERED, has_email=False, offer_until__gt=clock.now())


def record_unanswered_call(*, wait_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Record an unanswered call about an offer.

    `after` is how many calls the caller's page showed: pressed twice, it is recorded once.
    """
    row = Wait.objects.filter(pk=wait_id, state=WaitState.OFFERED, tries=after)
    if row.update(tries=after + 1):
        _record(ReservationAction.WAIT_CALLED, wait_id, actor, tries=after + 1)


def undo_unanswered_call(*, wait_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Take back an unanswered call about an offer, pressed by mistake; `after` counts it. Idempotent."""
    row = Wait.objects.filter(pk=wait_id, state=WaitState.OFFERED, tries=after, tries__gt=0)
    if row.update(tries=after - 1):
        _record(ReservationAction.WAIT_CALL_UNDONE, wait_id, actor, tries=after - 1)


def lock_waiting_in_order(*, offices: Sequence[str] = ()) -> list[WaitingEntry]:
    """Lock and return the entries without an offer, the longest waiting first, skipping locked ones.

    With `offices` only those for whom one of them would do. Whoever else serves the list waits until the
    caller's transaction ends; where nobody is in line, nobody waits.
    """
    rows = Wait.objects.filter(state=WaitState.WAITING)
    if offices:
        rows = rows.filter(offices__overlap=list(offices))
    if not rows.exists():
        return []
    execute_prepared(SERIALIZE, [])
    return _locked(rows.order_by("entered_at", "pk"))


def offer(*, wait_id: uuid.UUID, slot_ids: Sequence[int], until: datetime, any_hour: bool) -> None:
    """Offer seats for all who come to an entry until an instant. Raises SlotFull; then nothing changed."""
    row = Wait.objects.select_for_update().get(pk=wait_id, state=WaitState.WAITING)
    take_seats(slot_ids=slot_ids, session=row.session_id, held_until=until, any_hour=any_hour)
    now = clock.now()
    BookingSession.objects.filter(pk=row.session_id).update(held_until=until, used_at=now)
    row.state, row.offered_at, row.offer_until = WaitState.OFFERED, now, until
    row.save(update_fields=["state", "offered_at", "offer_until"])
    _record(ReservationAction.OFFERED, wait_id, SYSTEM, until=until.isoformat(), slots=list(slot_ids))


def lapse_offers() -> list[WaitingEntry]:
    """End expired offers, free their seats, and return their entries, which leave the list."""
    return _lapse(Wait.objects.filter(state=WaitState.OFFERED, offer_until__lte=clock.now()))


def take_back_offers(*, scope: Scope) -> list[WaitingEntry]:
    """Withdraw the offers of paused times; their entries wait again, at their old place."""
    seats = Seat.objects.filter(
        session=OuterRef("session"), slot__starts_at__lt=scope.ends_at, slot__ends_at__gt=scope.starts_at
    )
    if scope.offices:
        seats = seats.filter(slot__office__in=scope.offices)
    offered = Wait.objects.filter(Exists(seats), state=WaitState.OFFERED)
    if scope.procedure:
        for_it = WaitingPerson.objects.filter(
            wait=OuterRef("pk"), in_line=True, procedures__contains=[scope.procedure]
        )
        offered = offered.filter(Exists(for_it))
    gone = _locked(offered)
    Wait.objects.filter(pk__in=[row.id for row in gone]).update(**WITHOUT_OFFER)
    BookingSession.objects.filter(pk__in=[row.session for row in gone]).update(held_until=None)
    release_holds([row.session for row in gone])
    record_each(
        action=ReservationAction.OFFER_TAKEN_BACK,
        actor=SYSTEM,
        targets=[f"wait:{row.id}" for row in gone],
    )
    return gone


def end_past_wishes() -> list[WaitingEntry]:
    """End the entries whose last day has passed without an offer, and return them."""
    return _lapse(Wait.objects.filter(state=WaitState.WAITING, last_day__lte=clock.today()))


def pass_offer(*, wait_id: uuid.UUID, actor: Actor) -> WaitRow:
    """Free the seats of an offer whose person goes on waiting, at the same place in line. Idempotent.

    That time is not offered to them again. Returns the entry as it was. Raises NotVisible, and OfferOver
    where the time to answer has passed.
    """
    if not BookingSession.objects.select_for_update(of=("self",)).filter(wait=wait_id):
        raise NotVisible
    row = Wait.objects.select_related("key").select_for_update(of=("self",)).get(pk=wait_id)
    [found] = open_entries([row])
    if row.state == WaitState.WAITING:
        return found
    refuse_over(found)
    Wait.objects.filter(pk=row.id).update(**WITHOUT_OFFER, passed=[*row.passed, found.slot_ids[0]])
    BookingSession.objects.filter(pk=row.session_id).update(held_until=None)
    release_holds([row.session_id])
    _record(ReservationAction.OFFER_PASSED, row.id, actor, slots=list(found.slot_ids))
    return found


def leave(*, wait_id: uuid.UUID, actor: Actor) -> WaitRow:
    """Remove an entry at the person's wish and free its offered seats. Idempotent."""
    if not BookingSession.objects.select_for_update(of=("self",)).filter(wait=wait_id):
        raise NotVisible
    row = Wait.objects.select_related("key").select_for_update(of=("self",)).get(pk=wait_id)
    [found] = open_entries([row])
    if row.state in STILL_WAITING:
        _end([row.id], WaitState.LEFT)
        release_holds([row.session_id])
        _record(ReservationAction.LEFT, row.id, actor)
    return found


def remove_from_waiting_list(person: bytes) -> Cursor[Any]:
    """Take a person who books out of the line; the cursor gives entries and their sessions. For a pipeline.

    Comes before the booking itself, for the order of locks. The caller frees seats offered besides, and
    ends the entries by `end_fulfilled`.
    """
    return execute_prepared(LEAVE_LINE, {"person": person, "procedures": None})


def end_waiting_for(*, person: bytes, procedures: Sequence[str], actor: Actor) -> list[str]:
    """Take a person off the list who gets one of these procedures in another way.

    Returns the offices where seats that were offered are free now.
    """
    values = {"person": person, "procedures": list(procedures)}
    gone = execute_prepared(LEAVE_LINE, values).fetchall()
    freed = free_offered([session for _, session in gone])
    end_fulfilled([wait_id for wait_id, _ in gone], actor)
    return freed


def free_offered(sessions: Collection[uuid.UUID]) -> list[str]:
    """Free the seats that were offered under sessions, and return their offices."""
    held = Seat.objects.filter(session__in=list(sessions)).values_list("slot__office", flat=True)
    offices = sorted(set(held)) if sessions else []
    release_holds(sessions)
    return offices


def end_fulfilled(wait_ids: Collection[uuid.UUID], actor: Actor) -> None:
    """End entries whose people have booked; where others of a family are left, they wait on without offer."""
    if not wait_ids:
        return
    left = set(
        WaitingPerson.objects.filter(wait__in=list(wait_ids), in_line=True).values_list("wait", flat=True)
    )
    _end([each for each in wait_ids if each not in left], WaitState.BOOKED)
    Wait.objects.filter(pk__in=left).update(**WITHOUT_OFFER)
    for wait_id in wait_ids:
        _record(ReservationAction.WAIT_FULFILLED, wait_id, actor)


def refuse_over(row: WaitRow) -> None:
    """Raise OfferOver when there is nothing to take."""
    if not row.is_open:
        raise OfferOver


def _locked(rows: QuerySet[Wait]) -> list[WaitingEntry]:
    """Return rows, locked together with their sessions; those at which somebody else is are left out."""
    found = rows.select_for_update(of=("self", "session"), skip_locked=True).select_related("session")
    locked = list(found.defer("link_token"))
    visits: dict[uuid.UUID, list[tuple[str, ...]]] = {}
    people = WaitingPerson.objects.filter(wait__in=locked, in_line=True).order_by("place")
    for wait_id, procedures in people.values_list("wait", "procedures"):
        visits.setdefault(wait_id, []).append(tuple(procedures))
    return [
        WaitingEntry(
            row.id,
            row.session_id,
            row.has_email,
            tuple(visits[row.id]),
            wish_of(row),
            row.channel,
            tuple(row.passed),
        )
        for row in locked
    ]


def _lapse(rows: QuerySet[Wait]) -> list[WaitingEntry]:
    gone = _locked(rows)
    _end([row.id for row in gone], WaitState.LAPSED)
    release_holds([row.session for row in gone])
    record_each(action=ReservationAction.LAPSED, actor=SYSTEM, targets=[f"wait:{row.id}" for row in gone])
    return gone


def _end(waits: Sequence[uuid.UUID], state: WaitState) -> None:
    Wait.objects.filter(pk__in=list(waits)).update(state=state, ended_at=clock.now(), offer_until=None)
    WaitingPerson.objects.filter(wait__in=list(waits)).update(in_line=False)


def _record(action: ReservationAction, wait_id: uuid.UUID, actor: Actor, **detail: object) -> None:
    record(action=action, actor=actor, target=f"wait:{wait_id}", detail=detail)
