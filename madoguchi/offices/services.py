"""Change offices, their hours, closures and presets, and rebuild their slots (仕様書 4(3)ア)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypedDict, TypeVar, Unpack

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange, NumericRange

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches_on_commit
from madoguchi.common.calendar import Calendar
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.offices.actions import OfficeAction
from madoguchi.offices.errors import ClosureOfPause, ClosureWithoutTime, HoursOverlap
from madoguchi.offices.models import (
    CapacityPreset,
    Closure,
    DayHours,
    Office,
    Slot,
    WeeklyHours,
)
from madoguchi.offices.rules import PlannedSlot, Span, planned_slots

MINUTES_A_DAY = 24 * 60
SERIALIZE = "SELECT pg_advisory_xact_lock(hashtext('offices_offering'))"
R = TypeVar("R", WeeklyHours, DayHours, Closure, CapacityPreset)


class OfficeFacts(TypedDict, total=False):
    """The columns of an office that `put_office` writes; without one, what is stored stays."""

    name: str
    short_name: str
    kana: str
    ward_id: str
    wave_id: str
    postal_code: str
    address: str
    phone: str
    access: str
    facilities: str
    notes: str
    post_office_number: str
    latitude: float | None
    longitude: float | None
    is_demo: bool


@transaction.atomic
def put_office(*, code: str, actor: Actor, **facts: Unpack[OfficeFacts]) -> None:
    """Create an office or replace these of its facts. Lay out its slots where its wave is another one."""
    lock_offering()
    Office.objects.update_or_create(code=code, defaults={**facts})
    clear_caches_on_commit()
    record(action=OfficeAction.PUT, actor=actor, target=f"office:{code}", detail={"content": facts})


def lock_offering() -> None:
    """Make everybody else who changes what is offered wait until the transaction ends.

    Whoever changes hours, closures, presets or a pause, and whoever lays out slots, takes it before reading
    any of these: slots laid out by a plan that is changed meanwhile would be offered in a closure (ADR 0014).
    Bookings never take it, so that they wait for nobody who plans.
    """
    with connection.cursor() as cursor:
        cursor.execute(SERIALIZE)


def set_weekly_hours(
    *, office: str, spans: Sequence[tuple[int, Span]], effective_from: date, actor: Actor, note: str = ""
) -> None:
    """Replace the weekly hours of an office from a day on.

    Earlier versions stay as history and the one in force ends that day; versions that would begin that day or
    later are deleted. `spans` holds (weekday, span), Monday is 0; a weekday without a span is closed.
    Raises HoursOverlap, and ForbiddenValue for a note that must not be stored.
    Lay out the slots afterwards (workflows.capacity.slots.change_offering does both).
    """
    refuse_forbidden(note)
    _refuse_overlap((weekday, span) for weekday, span in spans)
    with transaction.atomic():
        lock_offering()
        current = WeeklyHours.objects.filter(office=office)
        current.filter(during__startswith__gte=effective_from).delete()
        for row in current.filter(during__contains=effective_from):
            row.during = DateRange(row.during.lower, effective_from)
            row.save(update_fields=["during"])
        WeeklyHours.objects.bulk_create(
            WeeklyHours(
                office_id=office,
                weekday=weekday,
                minutes=NumericRange(span.start, span.end),
                seats=span.seats,
                during=DateRange(effective_from, None),
            )
            for weekday, span in spans
        )
        record(
            action=OfficeAction.HOURS_SET,
            actor=actor,
            target=f"office:{office}",
            detail={
                "from": effective_from.isoformat(),
                "spans": [[weekday, span.start, span.end, span.seats] for weekday, span in spans],
                "note": note,
            },
        )


def set_day_hours(*, office: str, day: date, spans: Sequence[Span], actor: Actor) -> None:
    """Replace the hours of one day; no spans means the weekday's hours again. Raises HoursOverlap."""
    _refuse_overlap((0, span) for span in spans)
    with transaction.atomic():
        lock_offering()
        DayHours.objects.filter(office=office, on=day).delete()
        DayHours.objects.bulk_create(
            DayHours(office_id=office, on=day, minutes=NumericRange(span.start, span.end), seats=span.seats)
            for span in spans
        )
        record(
            action=OfficeAction.DAY_SET,
            actor=actor,
            target=f"office:{office}",
            detail={"day": day.isoformat(), "spans": [[s.start, s.end, s.seats] for s in spans]},
        )


def _refuse_overlap(spans: Iterable[tuple[int, Span]]) -> None:
    by_day: dict[int, list[Span]] = defaultdict(list)
    for weekday, span in spans:
        if not 0 <= span.start < span.end <= MINUTES_A_DAY:
            raise HoursOverlap
        by_day[weekday].append(span)
    for day in by_day.values():
        ordered = sorted(day, key=lambda span: span.start)
        if any(after.start < before.end for before, after in pairwise(ordered)):
            raise HoursOverlap


@transaction.atomic
def close_office(
    *, office: str | None, starts_at: datetime, ends_at: datetime, reason: str, note: str, actor: Actor
) -> int:
    """Close an office, or every office, for a time, and return the closure's id. Idempotent.

    Raises ClosureWithoutTime, and ForbiddenValue for a note that must not be stored.
    """
    if starts_at >= ends_at:
        raise ClosureWithoutTime
    refuse_forbidden(note)
    lock_offering()
    facts = {"during": DateTimeTZRange(starts_at, ends_at), "reason": reason, "note": note}
    if same := Closure.objects.filter(**facts, office=office, pause=None, withdrawn_at=None).first():
        return same.pk
    closure = Closure.objects.create(
        **facts,
        office_id=office,
        created_at=clock.now(),
        created_by=str(actor),
    )
    record(
        action=OfficeAction.CLOSED,
        actor=actor,
        target=f"office:{office or 'all'}",
        detail={"from": starts_at.isoformat(), "until": ends_at.isoformat(), "reason": reason},
    )
    return closure.pk


@transaction.atomic
def withdraw_closure(*, closure_id: int, actor: Actor) -> None:
    """Withdraw a closure; its slots are offered again after they are rebuilt. Idempotent.

    One of all offices is withdrawn for all: rebuild the slots of each (`selectors.closure` says which).
    Raises NotVisible, and ClosureOfPause for one that ends with its pause.
    """
    lock_offering()
    closure = Closure.objects.filter(pk=closure_id).first()
    if closure is None:
        raise NotVisible
    if closure.pause_id:
        raise ClosureOfPause
    if closure.withdrawn_at:
        return
    closure.withdrawn_at, closure.withdrawn_by = clock.now(), str(actor)
    closure.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(action=OfficeAction.REOPENED, actor=actor, target=f"closure:{closure_id}")


def put_preset(
    *, office: str | None, day_kind: str, keep_one_in: int, effective_from: date, actor: Actor
) -> None:
    """From a day on, offer one of every so many slots on a kind of day, at one office or at all.

    Versions that would begin that day or later are deleted. `keep_one_in` 1 ends the preset; an office
    without one of its own follows the preset of all offices.
    """
    with transaction.atomic():
        lock_offering()
        current = CapacityPreset.objects.filter(office=office, day_kind=day_kind)
        current.filter(during__startswith__gte=effective_from).delete()
        for row in current.filter(during__contains=effective_from):
            row.during = DateRange(row.during.lower, effective_from)
            row.save(update_fields=["during"])
        if keep_one_in > 1:
            CapacityPreset.objects.create(
                office_id=office,
                day_kind=day_kind,
                keep_one_in=keep_one_in,
                during=DateRange(effective_from, None),
            )
        record(
            action=OfficeAction.PRESET_SET,
            actor=actor,
            target=f"office:{office or 'all'}",
            detail={"day_kind": day_kind, "keep_one_in": keep_one_in, "from": effective_from.isoformat()},
        )


@transaction.atomic
def lay_out_slots(
    *,
    offices: Sequence[str],
    first: date,
    last: date,
    slot_minutes: int,
    calendars: Sequence[Calendar],
) -> list[int]:
    """Rebuild the slots of offices from one day to another, and return the ids of the changed and new ones.

    A day must be open in every calendar given (the service runs on their intersection). A slot that is no
    longer planned gets capacity 0 and stays for the people on it. Idempotent. Takes `lock_offering`.
    """
    lock_offering()
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    plan = _Plan(offices=offices, first=first, last=last, slot_minutes=slot_minutes, calendars=calendars)
    wanted = {
        (office, clock.at(day, time()) + timedelta(minutes=slot.start)): slot.seats
        for office in offices
        for day in days
        for slot in plan.slots(office, day)
    }
    existing = Slot.objects.filter(
        office__in=offices,
        starts_at__gte=clock.at(first, time()),
        starts_at__lt=clock.at(last + timedelta(days=1), time()),
    )
    changed = []
    for slot in existing:
        capacity = wanted.pop((slot.office_id, slot.starts_at), 0)
        if slot.capacity != capacity:
            slot.capacity = capacity
            changed.append(slot)
    with connection.cursor() as cursor:
        # Not bulk_update: one CASE of thousands takes a hundred times as long.
        cursor.execute(
            "UPDATE offices_slot AS slot SET capacity = wanted.capacity "
            "FROM unnest(%s::bigint[], %s::smallint[]) AS wanted(id, capacity) WHERE slot.id = wanted.id",
            [[slot.pk for slot in changed], [slot.capacity for slot in changed]],
        )
    slot_length = timedelta(minutes=slot_minutes)
    made = Slot.objects.bulk_create(
        (
            Slot(office_id=office, starts_at=starts_at, ends_at=starts_at + slot_length, capacity=seats)
            for (office, starts_at), seats in wanted.items()
        ),
        batch_size=2000,
    )
    return [slot.pk for slot in (*changed, *made)]


class _Plan:
    """The data of a slot plan for some offices and days, read in five queries."""

    def __init__(
        self,
        *,
        offices: Sequence[str],
        first: date,
        last: date,
        slot_minutes: int,
        calendars: Sequence[Calendar],
    ) -> None:
        days = DateRange(first, last + timedelta(days=1))
        instants = DateTimeTZRange(clock.at(first, time()), clock.at(last + timedelta(days=1), time()))
        self.slot_minutes = slot_minutes
        self.calendars = calendars
        self.opens_on = dict(Office.objects.filter(pk__in=offices).values_list("pk", "wave__opens_on"))
        self.weekly = list(WeeklyHours.objects.filter(office__in=offices, during__overlap=days))
        self.special = list(DayHours.objects.filter(office__in=offices, on__gte=first, on__lte=last))
        self.closures = list(Closure.objects.filter(during__overlap=instants, withdrawn_at=None))
        self.presets = list(CapacityPreset.objects.filter(during__overlap=days))
        self.weekly_of = _by_office(self.weekly)
        self.special_of = _by_office(self.special)
        self.closures_of = _by_office(self.closures)
        self.presets_of = _by_office(self.presets)

    def slots(self, office: str, day: date) -> list[PlannedSlot]:
        midnight = clock.at(day, time())
        return planned_slots(
            day=day,
            weekly=[
                Span(row.minutes.lower, row.minutes.upper, row.seats)
                for row in self.weekly_of[office]
                if row.weekday == day.weekday() and day in row.during
            ],
            special=[
                Span(row.minutes.lower, row.minutes.upper, row.seats)
                for row in self.special_of[office]
                if row.on == day
            ],
            is_open=day >= self.opens_on[office]
            and all(calendar.is_open(day) for calendar in self.calendars),
            closed=[
                (
                    int((row.during.lower - midnight).total_seconds() // 60),
                    -int((midnight - row.during.upper).total_seconds() // 60),
                )
                for row in (*self.closures_of[office], *self.closures_of[None])
            ],
            presets={
                **{row.day_kind: row.keep_one_in for row in self.presets_of[None] if day in row.during},
                **{row.day_kind: row.keep_one_in for row in self.presets_of[office] if day in row.during},
            },
            slot_minutes=self.slot_minutes,
        )


def _by_office(rows: Iterable[R]) -> dict[str | None, list[R]]:
    grouped: dict[str | None, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.office_id].append(row)
    return grouped
