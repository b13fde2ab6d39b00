"""What must hold between the rows of a program pack, and the days its calendars amount to."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Final

from madoguchi.common.languages import MAIN
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import (
    BelongingRow,
    BranchOfficeRow,
    CalendarDayRow,
    ContractRow,
    GuidanceRow,
    PostalAreaRow,
    ProcedureRow,
    ProgramRow,
    WardRow,
    WaveRow,
)
from madoguchi.notifications.errors import TextNotValid
from madoguchi.notifications.kinds import KIND_NAMES, MailKind
from madoguchi.notifications.rules import PLACEHOLDER, check_text, same_subject
from madoguchi.workflows.pack.entries import (
    YEAR_END,
    CalendarEntry,
    DayEntry,
    HolidayEntry,
    HoursEntry,
    MailTextEntry,
    OfficeEntry,
    RuleEntry,
)
from madoguchi.workflows.pack.files import Entry, Problem
from madoguchi.workflows.pack.reading import FILE_OF, Reading

# Texts that pages show by name, whatever the city.
CALLS: Final = ("script.reminder_call", "script.disruption_call", "script.waiting_offer")
CALL_PLACEHOLDERS: Final = frozenset({"name", "when", "office"})
EXPECTED_TEXTS: Final = ("purpose", "privacy", "accessibility", "ward.WARD_GUIDANCE", *CALLS)
REFERENCES: Final[Sequence[tuple[type[ContractRow], str, type[ContractRow]]]] = (
    (BranchOfficeRow, "ward", WardRow),
    (PostalAreaRow, "ward", WardRow),
    (PostalAreaRow, "branch", BranchOfficeRow),
    (OfficeEntry, "ward", WardRow),
    (OfficeEntry, "wave", WaveRow),
    (HoursEntry, "office", OfficeEntry),
    (RuleEntry, "scope", OfficeEntry),
    (BelongingRow, "procedures", ProcedureRow),
    (DayEntry, "calendar", CalendarEntry),
)


def calendar_days(reading: Reading) -> list[CalendarDayRow]:
    """Return every day on which a calendar departs from its weekdays, in its own words.

    Year's end gives way to holidays, and both to what is written for one day.
    """
    holidays, single = reading.of(HolidayEntry), reading.of(DayEntry)
    years = [row.day.year for row in holidays] or [0]
    days: dict[tuple[str, date], CalendarDayRow] = {}

    def put(calendar: str, day: date, reason: str, *, is_open: bool = False) -> None:
        days[calendar, day] = CalendarDayRow(calendar=calendar, day=day, is_open=is_open, reason=reason)

    for row in reading.of(CalendarEntry):
        if holidays and (found := YEAR_END.fullmatch(row.year_end)):
            first_day, last_day = map(int, found.groups())
            for year in range(min(years) - 1, max(years) + 1):
                first, last = date(year, 12, first_day), date(year + 1, 1, last_day)
                for step in range((last - first).days + 1):
                    put(row.code, first + timedelta(days=step), "年末年始")
        for holiday in holidays if row.holidays else ():
            put(row.code, holiday.day, holiday.name)
    for day in single:
        put(day.calendar, day.day, day.reason, is_open=day.state == "open")
    return [days[key] for key in sorted(days)]


def _keys_are_given_once(reading: Reading) -> None:
    for kind, entries in reading.found.items():
        first: dict[str, Entry] = {}
        for row, entry in entries:
            if row.key in first:
                known = first[row.key]
                message = f"{kind.LABEL}「{row.key}」は {known.file} の{known.line}行にもあります。"
                reading.complain(entry, kind.KEY[-1], message)
            first.setdefault(row.key, entry)


def _references_exist(reading: Reading) -> None:
    for kind, cell, target in REFERENCES:
        known = reading.keys.get(target, set())
        if reading.is_unread(FILE_OF[target]):
            continue
        for row, entry in reading.entries(kind):
            named = getattr(row, cell)
            for key in named if isinstance(named, tuple) else [named]:
                if key and key not in known:
                    reading.complain(entry, cell, f"{target.LABEL}「{key}」がありません。")


def _nothing_is_missing(reading: Reading) -> None:
    calendars = reading.keys.get(CalendarEntry, set())
    mails = {
        (language, kind)
        for key in reading.keys.get(MailTextEntry, ())
        for language, kind in [key.split(" ", 1)]
    }
    texts = reading.keys.get(GuidanceRow, set())
    years = {row.day.year for row in reading.of(HolidayEntry)}
    wanted = [
        *((FILE_OF[kind], kind.LABEL, not reading.keys.get(kind)) for kind in NEEDED),
        *(("program.toml", f"暦「{code}」", code not in calendars) for code in CalendarCode),
        *(
            (f"texts/mails.{MAIN}.toml", f"メールの文「{kind}」", (MAIN, kind) not in mails)
            for kind in MailKind
        ),
        *(
            (
                f"texts/guidance.{MAIN}.toml",
                f"案内文「{name}」",
                f"{MAIN} {name}" not in texts,
            )
            for name in EXPECTED_TEXTS
        ),
        *(
            ("holidays.csv", f"{year}年の祝日", year not in years)
            for row in reading.of(ProgramRow)
            for year in range(row.term_starts_on.year, row.term_ends_on.year + 1)
        ),
    ]
    reading.problems += [
        Problem(file, 1, f"{what}がありません。")
        for file, what, missing in wanted
        if missing and not reading.is_unread(file)
    ]
    served = {key.split(" ", 1)[0] for key in reading.keys.get(HoursEntry, ())}
    for office, entry in reading.entries(OfficeEntry):
        if office.code not in served and not reading.is_unread("hours.csv"):
            reading.complain(entry, "code", f"{office.name}の受付時間が hours.csv にありません。")


def _municipality_codes_are_right(reading: Reading) -> None:
    for kind, cell in ((ProgramRow, "municipality_code"), (WardRow, "code")):
        for row, entry in reading.entries(kind):
            code = str(getattr(row, cell))
            # JIS X 0402: weights 6 to 2, and the last digit of 11 minus the remainder.
            total = sum(int(digit) * weight for digit, weight in zip(code, range(6, 1, -1), strict=False))
            if int(code[-1]) != (11 - total % 11) % 10:
                reading.complain(entry, cell, f"「{code}」の検査数字（最後の桁）が違います。")


def _starts_come_before_ends(reading: Reading) -> None:
    for program, entry in reading.entries(ProgramRow):
        if program.term_starts_on >= program.term_ends_on:
            reading.complain(entry, "term_ends_on", "履行期間の終わりが始まりより前です。")
        if program.call_centre_opens >= program.call_centre_closes:
            reading.complain(entry, "call_centre_closes", "電話の受付の終わりが始まりより前です。")
        for wave, at in reading.entries(WaveRow):
            if not program.term_starts_on <= wave.opens_on <= program.term_ends_on:
                reading.complain(at, "opens_on", "履行期間の外です。")
    for wave, entry in reading.entries(WaveRow):
        if wave.booking_opens_at.date() > wave.opens_on:
            reading.complain(entry, "booking_opens_at", "予約の開始が開設日より後です。")


def _hours_do_not_overlap(reading: Reading) -> None:
    spans: dict[object, list[tuple[time, time, Entry]]] = defaultdict(list)
    for row, entry in reading.entries(HoursEntry):
        if row.opens >= row.closes:
            reading.complain(entry, "closes", "受付の終わりが始まりより前です。")
        for weekday in row.weekdays:
            spans[row.office, row.valid_from, weekday].append((row.opens, row.closes, entry))
    for of_day in spans.values():
        for (_, closes, known), (opens, _, entry) in pairwise(sorted(of_day, key=itemgetter(0))):
            if opens < closes:
                reading.complain(entry, "opens", f"{known.line}行と受付時間が重なっています。")


def _coordinates_come_in_pairs(reading: Reading) -> None:
    places: list[tuple[OfficeEntry | PostalAreaRow, Entry]] = [
        *reading.entries(OfficeEntry),
        *reading.entries(PostalAreaRow),
    ]
    for row, entry in places:
        if (row.latitude is None) != (row.longitude is None):
            reading.complain(entry, "latitude", "緯度と経度は両方書くか、両方空にしてください。")


def _calls_can_be_read(reading: Reading) -> None:
    for row, entry in reading.entries(GuidanceRow):
        unknown = sorted(set(PLACEHOLDER.findall(row.body)) - CALL_PLACEHOLDERS)
        if row.name in CALLS and unknown:
            reading.complain(entry, "body", f"「{{{unknown[0]}}}」は、電話の文では使えません。")


def _mails_can_be_written(reading: Reading) -> None:
    for row, entry in reading.entries(MailTextEntry):
        try:
            check_text(kind=MailKind(row.kind), subject=row.subject, body=row.body)
        except TextNotValid as refusal:
            reading.complain(entry, str(refusal.fields["field"]), refusal.message)


def _subjects_differ(reading: Reading) -> None:
    first: dict[tuple[str, str], str] = {}
    for row, entry in reading.entries(MailTextEntry):
        other = first.setdefault((row.language, row.subject), row.kind)
        if other != row.kind:
            reading.complain(entry, "subject", same_subject(KIND_NAMES[other]).message)


NEEDED: Final[Sequence[type[ContractRow]]] = (ProgramRow, WaveRow, WardRow, OfficeEntry, ProcedureRow)
CHECKS: Final[Sequence[Callable[[Reading], None]]] = (
    _keys_are_given_once,
    _references_exist,
    _nothing_is_missing,
    _municipality_codes_are_right,
    _starts_come_before_ends,
    _hours_do_not_overlap,
    _coordinates_come_in_pairs,
    _calls_can_be_read,
    _mails_can_be_written,
    _subjects_differ,
)
