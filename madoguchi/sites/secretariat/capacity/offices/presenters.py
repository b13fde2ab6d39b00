"""Offices, days and seats as text: the matrix, the month, the hours."""

from calendar import Calendar as MonthGrid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from madoguchi.common import clock, era
from madoguchi.common.calendar import WEEKDAYS, Calendar, add_months
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import ClosureRow, HoursRow, OfficeRow, format_hours
from madoguchi.reservations.availability import DayLoad
from madoguchi.sites.secretariat.capacity.offices.loads import format_deadlines, why_no_seats
from madoguchi.workflows.booking.offering import is_service_day, web_cutoff

MATRIX_DAYS: Final = 14
LOW_STOCK_SEATS: Final = 2
# The share of free seats from which a cell is as light as this.
LIGHTS: Final = ((0.6, "heat-1"), (0.35, "heat-2"), (0.15, "heat-3"))


class View(StrEnum):
    """What the numbers of the matrix are."""

    FREE = "free"
    BOOKED = "booked"
    CHANNELS = "channels"


VIEWS: Final[Mapping[View, str]] = {
    View.FREE: "空き / 枠",
    View.BOOKED: "予約数",
    View.CHANNELS: "Web / 電話",
}


def service_days(first: date, count: int) -> list[date]:
    """Return so many days from a day on, on which both the offices and the city are open."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if is_service_day(day):
            days.append(day)
        day += timedelta(days=1)
    return days


def shifted(first: date, count: int) -> date:
    """Return the first day of the period before (a negative count) or after."""
    day, left = first, abs(count)
    step = timedelta(days=1 if count > 0 else -1)
    while left:
        day += step
        left -= is_service_day(day)
    return day


def mark_of(day: date) -> str:
    """Return what is special about a day at a post office."""
    if day == clock.today():
        return "本日"
    if day.month % 2 == 0 and day.day == 15:  # noqa: PLR2004 - pensions are paid on the 15th of even months
        return "年金支給日"
    if (day + timedelta(days=1)).day == 1:
        return "月末"
    return f"{day.day}日" if day.day % 5 == 0 else ""


@dataclass(frozen=True, slots=True)
class DayHead:
    """The head of a day's column."""

    iso: str
    label: str
    weekday: str
    mark: str
    is_today: bool
    cutoff: bool


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One office on one day; or, in the foot, all offices."""

    number: str = ""
    of: str = ""
    sign: str = ""
    tone: str = ""
    says: str = ""
    url: str = ""
    word: str = ""
    cutoff: bool = False


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One office over all days."""

    code: str
    name: str
    ward: str
    url: str
    cells: Sequence[MatrixCell]
    total: MatrixCell


@dataclass(frozen=True, slots=True)
class Matrix:
    """Offices by days, with sums that are sums of the cells."""

    days: Sequence[DayHead]
    rows: Sequence[MatrixRow]
    totals: Sequence[MatrixCell]
    total: MatrixCell
    free: int
    seats: int
    about: str
    period: str
    before_cutoff: int
    after_cutoff: int
    cutoff_note: str


def matrix(
    *,
    places: Sequence[OfficeRow],
    days: Sequence[date],
    loads: Iterable[DayLoad],
    view: View,
    office_url: Callable[[str], str],
    day_url: Callable[[str, date], str],
) -> Matrix:
    """Return the table; days whose web deadline has passed stand left of a line."""
    load_of = {(load.office, load.day): load for load in loads}
    cutoff, note = _cutoff(days)

    def total(keys: Iterable[tuple[str, date]], *, at: int = -1) -> MatrixCell:
        found = [load_of[key] for key in keys if key in load_of]
        number, of = _sum(found, view)
        if not any(load.seats for load in found):
            return MatrixCell(
                number=str(number) if view == View.BOOKED and number else "－", cutoff=at == cutoff
            )
        return MatrixCell(number=str(number), of=f"/{of}", cutoff=at == cutoff)

    def cell(place: OfficeRow, day: date, at: int) -> MatrixCell:
        load = load_of.get((place.code, day))
        url = day_url(place.code, day)
        word = why_no_seats(place, day, load)
        if load is None or word:
            return MatrixCell(
                word=word,
                of=f"予約{load.booked}" if load and load.booked else "",
                tone="closed",
                url=url,
                says=f"{place.short_name} {era.staff_day(day)} ",
                cutoff=at == cutoff,
            )
        return _cell(load, view, place=place, url=url, cutoff=at == cutoff)

    keys = [(place.code, day) for place in places for day in days]
    shown = [load_of[key] for key in keys if key in load_of]
    return Matrix(
        days=_heads(days, cutoff),
        rows=[
            MatrixRow(
                code=place.code,
                name=place.short_name,
                ward=place.ward_name,
                url=office_url(place.code),
                cells=[cell(place, day, at) for at, day in enumerate(days)],
                total=total((place.code, day) for day in days),
            )
            for place in places
        ],
        totals=[total(((place.code, day) for place in places), at=at) for at, day in enumerate(days)],
        total=total(keys),
        free=sum(load.free for load in shown),
        seats=sum(load.seats for load in shown),
        about=f"{len(places)}局・{len(days)}営業日",
        period=f"{era.staff_day(days[0])}–{era.staff_day(days[-1])}",
        before_cutoff=max(cutoff, 0),
        after_cutoff=len(days) - cutoff + 1,
        cutoff_note=note,
    )


def _cutoff(days: Sequence[date]) -> tuple[int, str]:
    """Return the place of the first day that citizens can still book, and until when; -1 when all or none."""
    found = web_cutoff()
    passed = sum(day < found[0] for day in days) if found else 0
    if not found or not 0 < passed < len(days):
        return -1, ""
    return passed, f"{era.staff_day(found[0])}分は{format_deadlines(found[1])}に締切"


def _heads(days: Sequence[date], cutoff: int) -> list[DayHead]:
    return [
        DayHead(
            iso=day.isoformat(),
            label=f"{day.month}/{day.day}" if not at or day.month != days[at - 1].month else str(day.day),
            weekday=WEEKDAYS[day.weekday()],
            mark=mark_of(day),
            is_today=day == clock.today(),
            cutoff=at == cutoff,
        )
        for at, day in enumerate(days)
    ]


def _sum(loads: Iterable[DayLoad], view: View) -> tuple[int, int]:
    """Return the two numbers of a cell, or of many together."""
    pairs = [
        {
            View.FREE: (load.free, load.seats),
            View.BOOKED: (load.booked, load.seats),
            View.CHANNELS: (load.free - load.kept, load.kept),
        }[view]
        for load in loads
    ]
    return sum(first for first, _ in pairs), sum(second for _, second in pairs)


def _cell(load: DayLoad, view: View, *, place: OfficeRow, url: str, cutoff: bool) -> MatrixCell:
    number, of = _sum([load], view)
    is_full = load.is_full
    sign = ""
    if view == View.FREE:
        sign = "満" if is_full else "▲" if load.free <= LOW_STOCK_SEATS else ""
    return MatrixCell(
        number="" if is_full and view == View.FREE else str(number),
        of=f"0/{of}" if is_full and view == View.FREE else f"/{of}",
        sign=sign,
        tone=tone_of(load),
        says=f"{place.short_name} {era.staff_day(load.day)} ",
        url=url,
        cutoff=cutoff,
    )


def tone_of(load: DayLoad) -> str:
    """Return how dark a day is: darker is fewer, so that it reads without colour."""
    if load.is_full:
        return "heat-full"
    if load.free <= LOW_STOCK_SEATS:
        return "heat-4"
    share = load.free / max(load.seats, 1)
    return next((tone for least, tone in LIGHTS if share >= least), "heat-4")


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One day of an office's month."""

    number: str = ""
    tone: str = ""
    url: str = ""
    mark: str = ""
    note: str = ""
    booked: int = 0
    seats: int = 0
    hours: str = ""
    is_chosen: bool = False
    affected: int = 0


@dataclass(frozen=True, slots=True)
class OfficeMonth:
    """One month of an office."""

    label: str
    earlier: str
    later: str
    weeks: Sequence[Sequence[MonthDay]]
    booked: int
    seats: int
    weekdays: str = "日月火水木金土"


def month(
    *,
    place: OfficeRow,
    first: date,
    loads: Iterable[DayLoad],
    special: Mapping[date, Sequence[Span]],
    closures: Sequence[ClosureRow],
    chosen: date | None,
    affected: int,
) -> OfficeMonth:
    """Return the days of a month; weekends are narrow, closed days are hatched and say why."""
    load_of = {load.day: load for load in loads}
    calendars: list[Calendar] = [calendar(CalendarCode.OFFICE), calendar(CalendarCode.CITY)]

    def cell(day: date) -> MonthDay:
        if day.month != first.month:
            return MonthDay()
        why = next((why for each in calendars if (why := each.why_closed(day))), "")
        load = load_of.get(day)
        if why and not (load and load.booked):
            weekend = day.weekday() >= 5  # noqa: PLR2004 - Saturday
            return MonthDay(
                number=str(day.day), tone="month-rest" if weekend else "closed", note="" if weekend else why
            )
        none = why_no_seats(place, day, load)
        if none in {"開設前", "期間外"} and not (load and load.booked):
            return MonthDay(number=str(day.day), tone="month-outside", note=none)
        shut = [row for row in closures if row.withdrawn_at is None and _touches(row, day)]
        seats = load.seats if load else 0
        return MonthDay(
            number=str(day.day),
            tone="closed" if none else "",
            url=f"?month={first:%Y-%m}&day={day.isoformat()}",
            mark=mark_of(day),
            note=none or ("一部休業" if shut else ""),
            booked=load.booked if load else 0,
            seats=seats,
            hours=format_hours(special[day]) if day in special else "",
            is_chosen=day == chosen,
            affected=affected if day == chosen else 0,
        )

    weeks = MonthGrid(firstweekday=6).monthdatescalendar(first.year, first.month)
    return OfficeMonth(
        label=era.era_date(first).removesuffix("1日"),
        earlier=f"?month={add_months(first, -1):%Y-%m}",
        later=f"?month={add_months(first, 1):%Y-%m}",
        weeks=[[cell(day) for day in week] for week in weeks],
        booked=sum(load.booked for load in load_of.values()),
        seats=sum(load.seats for load in load_of.values()),
    )


def _touches(row: ClosureRow, day: date) -> bool:
    return (
        clock.to_jst(row.starts_at).date() <= day <= clock.to_jst(row.ends_at - timedelta(seconds=1)).date()
    )


@dataclass(frozen=True, slots=True)
class ClosureLine:
    """One closure of a list; the one of a `pause` ends with it, and is not withdrawn by itself."""

    id: int
    pause: int | None
    when: str
    place: str
    reason: str
    note: str
    made: str
    tone: str
    state: str
    is_everywhere: bool
    is_over: bool


def closure_line(row: ClosureRow, *, name: Callable[[str], str], reasons: Mapping[str, str]) -> ClosureLine:
    """Return a closure in words."""
    now = clock.now()
    over = row.ends_at <= now
    tone, state = (
        ("neutral", "終了")
        if over
        else ("attention", "停止中" if row.pause else "休業中")
        if row.starts_at <= now
        else ("running", "停止の予定" if row.pause else "予定")
    )
    if row.withdrawn_at:
        tone, state = ("done", "再開") if row.pause else ("cancelled", "取下げ")
    return ClosureLine(
        id=row.id,
        pause=row.pause,
        when=interval(row.starts_at, row.ends_at),
        place="この郵便局" if row.office else "すべての郵便局",
        reason=reasons.get(row.reason, row.reason),
        note=row.note,
        made=f"{era.staff_datetime(row.created_at)}　{name(row.created_by)}",
        tone=tone,
        state=state,
        is_everywhere=row.office is None,
        is_over=over or row.withdrawn_at is not None,
    )


def interval(starts_at: datetime, ends_at: datetime) -> str:
    """Return from when to when; whole days without the hours."""
    start, end = clock.to_jst(starts_at), clock.to_jst(ends_at)
    last = (end - timedelta(seconds=1)).date()
    if (start.time(), end.time()) == (clock.MIDNIGHT, clock.MIDNIGHT):
        if start.date() == last:
            return f"{era.staff_day(last)} 終日"
        return f"{era.staff_day(start.date())}–{era.staff_day(last)} 終日"
    if start.date() == last:
        return f"{era.staff_datetime(start)}–{end:%H:%M}"
    return f"{era.staff_datetime(start)}–{era.staff_datetime(end)}"


@dataclass(frozen=True, slots=True)
class HoursVersion:
    """The weekly hours from one day to another."""

    since: str
    until: str
    state: str
    tone: str
    days: Sequence[tuple[str, str, str]]


def hours_versions(rows: Sequence[HoursRow]) -> list[HoursVersion]:
    """Return every version of the weekly hours, the latest first: weekday, hours, seats."""
    by_since: dict[tuple[date, date | None], list[HoursRow]] = {}
    for row in rows:
        by_since.setdefault((row.since, row.until), []).append(row)
    today = clock.today()
    versions = []
    for (since, until), spans in sorted(by_since.items(), key=lambda item: item[0][0], reverse=True):
        current = since <= today and (until is None or today < until)
        tone, state = (
            ("done", "適用中") if current else ("running", "予定") if since > today else ("neutral", "終了")
        )
        versions.append(
            HoursVersion(
                since=era.staff_day(since) if since.year == today.year else era.era_date(since),
                until=era.staff_day(until - timedelta(days=1)) if until else "",
                state=state,
                tone=tone,
                days=[
                    (
                        WEEKDAYS[weekday],
                        format_hours([row.span for row in day]),
                        "・".join(str(seats) for seats in dict.fromkeys(row.span.seats for row in day)),
                    )
                    for weekday in range(7)
                    if (day := [row for row in spans if row.weekday == weekday])
                ],
            )
        )
    return versions
