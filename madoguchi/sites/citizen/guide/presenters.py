"""What the pages around the booking show: the top page, texts of the city, counters of the wards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime, citizen_day
from madoguchi.contract.rows import BelongingRow, GuidanceRow, ProcedureRow
from madoguchi.contract.selectors import (
    belongings_for,
    booking_rules,
    procedures,
    visit_minutes,
    wards,
    waves,
)
from madoguchi.offices.selectors import offices, offices_taking_bookings
from madoguchi.sites.citizen.guide.forms import GuideForm
from madoguchi.sites.citizen.pages import texts
from madoguchi.sites.citizen.presenters.offices import (
    OfficeChoice,
    format_postal_code,
    mark_where_it_helps,
    office_hours,
)
from madoguchi.sites.citizen.presenters.procedures import SummaryRow, chosen
from madoguchi.workflows.booking.offering import offers

EARLIEST = 3
QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a list or a paragraph of a text of the city."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the city, ready for the page."""

    title: str
    blocks: tuple[Block, ...]


def text_of(row: GuidanceRow) -> Text:
    """Return a text in blocks: lines with ■ are headings, runs of lines with ・ are lists."""
    blocks = []
    for paragraph in row.body.strip().split("\n\n"):
        for kind, lines in groupby(paragraph.splitlines(), key=_kind):
            blocks.append(Block(kind, tuple(line.lstrip("■・ ") for line in lines)))
    return Text(row.title, tuple(blocks))


def _kind(line: str) -> str:
    return {"■": "heading", "・": "list"}.get(line[:1], "paragraph")


@dataclass(frozen=True, slots=True)
class WardCounter:
    """The counter of a ward office."""

    code: str
    counter: str
    postal_code: str
    address: str
    hours: str
    phone: str


def ward_counter(code: str) -> WardCounter | None:
    """Return the counter of a ward, None for no such ward."""
    return next(
        (
            WardCounter(
                row.code,
                row.counter_name,
                format_postal_code(row.postal_code),
                row.address,
                row.hours,
                row.phone,
            )
            for row in wards()
            if row.code == code
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class WaveNotice:
    """A wave that begins soon."""

    opens_on: str
    booking_opens_at: str
    is_booking_open: bool
    added: int
    total: int


@dataclass(frozen=True, slots=True)
class Top:
    """The first page."""

    office_count: int
    waves: list[WaveNotice]
    earliest: list[OfficeChoice]
    min_age: int
    procedures: Sequence[ProcedureRow]
    minutes: str
    belongings: Sequence[BelongingRow]
    extra_belongings: Sequence[BelongingRow]
    questions: Sequence[GuidanceRow]


def top() -> Top:
    """Return the first page as it is now; the number of offices follows the waves."""
    rows = procedures()
    minutes = sorted(
        {visit_minutes([row.code]) for row in rows} | {visit_minutes([row.code for row in rows])}
    ) or [0]
    general = belongings_for(())
    return Top(
        office_count=len(offices_taking_bookings()),
        waves=_coming_waves(),
        earliest=mark_where_it_helps(
            [OfficeChoice.of(offer) for offer in offers(slots=1) if offer.earliest][:EARLIEST]
        ),
        min_age=booking_rules(clock.now()).min_age,
        procedures=rows,
        minutes=_("%(least)d分から%(most)d分") % {"least": minutes[0], "most": minutes[-1]},
        belongings=general,
        extra_belongings=[row for row in belongings_for(("PIN_RESET",)) if row not in general],
        questions=texts("faq")[:QUESTIONS],
    )


def _coming_waves() -> list[WaveNotice]:
    """Return the next wave that has not opened yet, if any."""
    now, today = clock.now(), clock.today()
    coming = [row for row in waves() if row.opens_on > today][:1]
    return [
        WaveNotice(
            opens_on=citizen_day(row.opens_on),
            booking_opens_at=citizen_datetime(row.booking_opens_at),
            is_booking_open=now >= row.booking_opens_at,
            added=sum(office.wave_code == row.code for office in offices()),
            total=sum(office.opens_on <= row.opens_on for office in offices()),
        )
        for row in coming
    ]


@dataclass(frozen=True, slots=True)
class GuideOffice:
    """An office in the list of all offices."""

    code: str
    name: str
    address: str
    hours: str
    access: tuple[str, ...]
    opens_on: str


@dataclass(frozen=True, slots=True)
class WardOffices:
    """The offices of a ward."""

    name: str
    offices: list[GuideOffice]


def offices_by_ward() -> list[WardOffices]:
    """Return all offices whose booking has opened, ward by ward."""
    today = clock.today()
    rows = sorted(offices_taking_bookings(), key=lambda row: (row.ward_code, row.code))
    return [
        WardOffices(
            name=name,
            offices=[
                GuideOffice(
                    code=row.code,
                    name=row.name,
                    address=f"{format_postal_code(row.postal_code)} {row.address}",
                    hours=office_hours(row),
                    access=tuple(filter(None, (row.access, row.facilities, row.notes))),
                    opens_on=citizen_day(row.opens_on) if row.opens_on > today else "",
                )
                for row in group
            ],
        )
        for name, group in groupby(rows, key=lambda row: row.ward_name)
    ]


def question(guide: GuideForm, name: str) -> dict[str, object]:
    """Return what the page of one question shows besides it: where it stands, and the answers so far."""
    names, answers = list(guide.fields), guide.answers
    place = names.index(name)
    before = {key: value for key, value in answers.items() if names.index(key) < place}
    return {
        "number": place + 1,
        "total": len(names),
        "name": name,
        "others": [(key, value) for key, value in answers.items() if key != name],
        "back": _address(before, change=names[place - 1]) if place else "",
        "shows_card": name in {"same_day", "certificate"},
    }


def same_question(guide: GuideForm, name: str) -> str:
    """Return the address of the page of a question on which something may be marked, but was not pressed."""
    answers = guide.answers
    return _address(answers, change=name) if name in answers else _address(answers)


def _address(answers: Mapping[str, str], **more: str) -> str:
    return "?" + urlencode({**answers, **more})


@dataclass(frozen=True, slots=True)
class ProceduresFound:
    """Where the questions lead: nowhere when there are no procedures."""

    procedures: list[ProcedureRow]
    minutes: int
    belongings: Sequence[BelongingRow]
    href: str
    answers: list[SummaryRow]
    is_pin_only: bool
    renewal_months: int
    back: str


def wanted(guide: GuideForm) -> ProceduresFound:
    """Return the procedures, the time and the things to bring, and the answers they follow from."""
    codes, answers = guide.procedures, guide.answers
    query = urlencode({"procedure": codes, "who": "self"}, doseq=True)
    return ProceduresFound(
        procedures=chosen(codes),
        minutes=visit_minutes(codes),
        belongings=belongings_for(codes),
        href=f"{reverse('citizen:reserve-procedures')}?{query}",
        answers=[
            SummaryRow(
                str(guide.fields[name].label), [guide.format_answer(name)], (), _address(answers, change=name)
            )
            for name in answers
        ],
        is_pin_only=codes == ["PIN_RESET"],
        renewal_months=booking_rules(clock.now()).renewal_window_months,
        back=_address(answers, change=list(answers)[-1]),
    )
