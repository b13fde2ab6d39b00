"""Free times of the nearest offices by days, with the keys laid out as on the keyboard (仕様書 4(5)ウ)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from madoguchi.common import clock, era
from madoguchi.common.calendar import WEEKDAYS
from madoguchi.common.places import LatLon
from madoguchi.offices.selectors import ClosureRow, OfficeRow, closure_reasons, closures, office
from madoguchi.reservations.availability import Start
from madoguchi.workflows.booking.offering import (
    Deadlines,
    Offer,
    Window,
    is_service_day,
    offers,
    open_starts,
    window,
)

CHANNEL: Final = "PHONE"
KEYS: Final = ("qwerty", "asdfgh", "zxcvbn")
# The keys of choices in their order; from the tenth on 0 is pressed first, then -.
CHOICE_KEYS: Final = tuple(f"{before}{digit}" for before in ("", "0 ", "- ") for digit in "123456789")
DAYS: Final = len(KEYS[0])
NEXT_DOOR_KM: Final = 0.05
FULL, ENDED, NOT_YET = "空きなし", "受付終了", "受付前"


@dataclass(frozen=True, slots=True)
class GridQuery:
    """Which part of the grid is wanted, and for how long a visit."""

    slots: int
    origin: LatLon | None = None
    ward: str = ""
    page: int = 0
    since: date | None = None
    first: date | None = None
    last: date | None = None
    cell: str = ""
    slot: int | None = None
    # The time of the visit with which a companion is booked: the nearest free time is preselected.
    beside: datetime | None = None
    # A visit may be moved to a day that is too close for a new booking.
    moving: bool = False
    # The procedures of the visit, for those that are stopped for a while.
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GridCell:
    """An office on a day: its earliest free time and how many more, or why there is none."""

    value: str
    label: str
    key: str = ""
    time: str = ""
    more: int = 0
    why: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """One office."""

    name: str
    about: str
    cells: Sequence[GridCell]


@dataclass(frozen=True, slots=True)
class GridTime:
    """A free time of the chosen office and day."""

    slot: int
    label: str
    start: Start
    key: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """What block 2 shows."""

    days: Sequence[str]
    rows: Sequence[GridRow]
    page: int
    pages: int
    since: date | None
    earlier: date | None
    later: date | None
    cell: str = ""
    chosen: str = ""
    times: Sequence[GridTime] = ()

    @property
    def first(self) -> str:
        """The earliest free cell of the nearest office: where the keyboard starts."""
        return next((cell.value for row in self.rows for cell in row.cells if cell.time), "")

    @property
    def time(self) -> GridTime | None:
        """The time that is chosen."""
        return next((each for each in self.times if each.is_chosen), None)


def grid(asked: GridQuery) -> Grid:
    """Return the part of the grid that is asked for; the number of queries does not grow with it."""
    found = [
        (offer, days)
        for offer in offers(
            slots=asked.slots,
            channel=CHANNEL,
            first=asked.first,
            last=asked.last,
            origin=asked.origin,
            ward_code=asked.ward,
            moving=asked.moving,
            codes=asked.codes,
        )
        if (days := _days_of(offer.office, asked))
    ]
    pages = max(1, -(-len(found) // len(KEYS)))
    page = min(max(0, asked.page), pages - 1)
    shown = found[page * len(KEYS) : (page + 1) * len(KEYS)]
    if not shown:
        return Grid((), (), 0, 1, None, None, None)
    reach = Window(min(days.first for _, days in found), max(days.last for _, days in found))
    since = reach.first if asked.moving else _first_shown([offer for offer, _ in shown], reach)
    columns = _columns(asked.since or since, reach)
    shut = [
        row
        for row in closures(since=clock.at(columns[0], clock.MIDNIGHT), until=_end(columns[-1]))
        if row.withdrawn_at is None
    ]
    rows, times, chosen = [], [], ""
    for keys, (offer, days) in zip(KEYS, shown, strict=False):
        place = offer.office
        by_day = _starts(place, asked, days, columns)
        cells = []
        for key, day in zip(keys, columns, strict=False):
            cell = _cell(place, day, by_day.get(day, []), days, key, asked, shut)
            cells.append(cell)
            if cell.is_chosen:
                times = _times([start for start in by_day[day] if start.free], asked)
                chosen = f"{place.short_name} {era.staff_day(day)}"
        rows.append(GridRow(place.short_name, _about(offer), cells))
    return Grid(
        days=[era.staff_day(day) for day in columns],
        rows=rows,
        page=page,
        pages=pages,
        since=columns[0],
        earlier=_earlier(columns[0], reach),
        later=later if (later := _next_open(columns[-1] + clock.DAY)) <= reach.last else None,
        cell=asked.cell if times else "",
        chosen=chosen,
        times=times,
    )


def _days_of(place: OfficeRow, asked: GridQuery) -> Window | None:
    days = window(place, channel=CHANNEL, moving=asked.moving)
    return days.narrowed(asked.first, asked.last) if days else None


def _first_shown(offers_shown: Sequence[Offer], reach: Window) -> date:
    """Begin where one of these offices has something free."""
    free = [clock.to_jst(offer.earliest.starts_at).date() for offer in offers_shown if offer.earliest]
    return min(free, default=reach.first)


def _columns(since: date, reach: Window) -> list[date]:
    days = [_next_open(min(max(since, reach.first), reach.last))]
    while len(days) < DAYS and (following := _next_open(days[-1] + clock.DAY)) <= reach.last:
        days.append(following)
    return days


def _next_open(day: date) -> date:
    while not is_service_day(day):
        day += clock.DAY
    return day


def _earlier(first: date, reach: Window) -> date | None:
    """Return where the page of days before this one begins."""
    earlier = None
    day = first
    for _ in range(DAYS):
        day -= clock.DAY
        while not is_service_day(day):
            day -= clock.DAY
        if day < reach.first:
            break
        earlier = day
    return earlier


def _end(day: date) -> datetime:
    return clock.at(day, clock.MIDNIGHT) + clock.DAY


def _starts(
    place: OfficeRow, asked: GridQuery, days: Window, columns: Sequence[date]
) -> dict[date, list[Start]]:
    within = days.narrowed(columns[0], columns[-1])
    found: dict[date, list[Start]] = {}
    if within:
        for start in open_starts(
            office_code=place.code, slots=asked.slots, within=within, channel=CHANNEL, codes=asked.codes
        ):
            found.setdefault(clock.to_jst(start.starts_at).date(), []).append(start)
    return found


def _cell(
    place: OfficeRow,
    day: date,
    starts: Sequence[Start],
    days: Window,
    key: str,
    asked: GridQuery,
    shut: Sequence[ClosureRow],
) -> GridCell:
    value, label = f"{place.code}:{day.isoformat()}", f"{place.short_name} {era.staff_day(day)}"
    free = [start for start in starts if start.free]
    if free:
        return GridCell(
            value=value,
            label=label,
            key=key,
            time=f"{clock.to_jst(free[0].starts_at):%H:%M}",
            more=len(free) - 1,
            is_chosen=value == asked.cell,
        )
    return GridCell(value=value, label=label, why=_why(place, day, days, shut, is_full=bool(starts)))


def _why(place: OfficeRow, day: date, days: Window, shut: Sequence[ClosureRow], *, is_full: bool) -> str:
    if is_full:
        return FULL
    if day < place.opens_on:
        return "開設前"
    if day < days.first:
        return ENDED
    if day > days.last:
        return NOT_YET
    for row in shut:
        if (
            row.office in (None, place.code)
            and row.starts_at < _end(day)
            and row.ends_at > clock.at(day, clock.MIDNIGHT)
        ):
            return f"休業（{dict(closure_reasons())[row.reason]}）"
    return "休業"


def _times(free: Sequence[Start], asked: GridQuery) -> list[GridTime]:
    beside = asked.beside or free[0].starts_at
    nearest = min(free, key=lambda start: abs(start.starts_at - beside))
    wanted = asked.slot if any(start.slot == asked.slot for start in free) else nearest.slot
    return [
        GridTime(
            slot=start.slot,
            label=f"{clock.to_jst(start.starts_at):%H:%M}",
            start=start,
            key=CHOICE_KEYS[place] if place < len(CHOICE_KEYS) else "",
            is_chosen=start.slot == wanted,
        )
        for place, start in enumerate(free)
    ]


def _about(offer: Offer) -> str:
    place = offer.office
    parts = [
        place.ward_name
        if offer.km is None
        else f"{offer.km:.1f}km"
        if offer.km >= NEXT_DOOR_KM
        else "すぐ近く"
    ]
    if place.opens_on > clock.today():
        parts.append(f"{place.opens_on.month}/{place.opens_on.day} 開設")
    return "・".join(parts)


def read_number(text: str, least: int = 0, *, most: int = 1000) -> int:
    """Return the number that a form carried along, kept within its limits."""
    return min(max(int(text), least), most) if text.isdecimal() and len(text) <= len(str(most)) else least


def spoken_time(start: Start) -> tuple[str, str, str]:
    """Return office, day and time as they are said: 「福岡大橋郵便局」「12月3日、木曜日」「午前9時30分」."""
    local = clock.to_jst(start.starts_at)
    return (
        office(start.office).name,
        f"{local.month}月{local.day}日、{WEEKDAYS[local.weekday()]}曜日",
        era.citizen_time(local.time()),
    )


def format_deadlines(until: Deadlines) -> str:
    """Return until when a person may change and cancel alone; afterwards by telephone."""
    now = clock.now()
    change = f"変更は{era.citizen_datetime(until.change)}まで" if now <= until.change else "変更はお電話で"
    cancel = (
        f"取消しは{era.citizen_datetime(until.cancel)}まで" if now <= until.cancel else "取消しはお電話で"
    )
    return f"{change}、{cancel}"
