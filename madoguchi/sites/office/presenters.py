"""The counter's day as lines of text: nothing is left for the template to decide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from madoguchi.common import clock, era
from madoguchi.common.phones import mask_phone, show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.rows import BelongingRow
from madoguchi.contract.selectors import belongings_for, procedures, visit_ends_at, visit_minutes
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.kinds import UNKNOWN_PIN_LABELS
from madoguchi.reservations.labels import changes_label, needs_labels
from madoguchi.reservations.search import ListRow
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.workflows.outage.notices import StopNotice, stop_of
from madoguchi.workflows.visits.day_list import SincePrint


@dataclass(frozen=True, slots=True)
class Tab:
    """A day that can be opened."""

    day: str
    label: str
    people: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class DayLine:
    """One visitor of the day's list; `marker` is the time now, when it falls just before this visit."""

    reference: str
    time: str
    name: str
    kana: str
    called_name: str
    procedures: Sequence[str]
    needs: Sequence[str]
    tone: str
    state: str
    is_cancelled: bool
    is_over: bool
    is_next: bool
    marker: str
    since_print: str
    stop: str


@dataclass(frozen=True, slots=True)
class Total:
    """A figure in the head of the list."""

    label: str
    people: int


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """A day of an office."""

    heading: str
    words: str
    iso: str
    lines: Sequence[DayLine]
    totals: Sequence[Total]
    kinds: Sequence[Total]
    # After the last visit the line for the time now stands below the list.
    marker: str

    @classmethod
    def of(
        cls,
        day: date,
        rows: Sequence[ListRow],
        *,
        since: SincePrint | None = None,
        stops: Sequence[StopNotice] = (),
    ) -> Self:
        """Return the day; on today the past steps back and the next visit stands out.

        Each visit says what changed `since` the list was printed, and which of the `stops` it falls into.
        """
        now = clock.now()
        short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
        booked = [row for row in rows if row.status == "BOOKED"]
        coming = [row for row in booked if row.starts_at > now]
        following = next((row for row in rows if row.starts_at > now), None)
        is_today = day == clock.today()
        marker = f"{clock.to_jst(now):%H:%M}" if is_today and rows else ""
        kinds = Counter(short[code] for row in booked for code in row.procedures)
        return cls(
            heading=_heading(day),
            words=era.staff_day(day),
            iso=day.isoformat(),
            lines=[
                DayLine(
                    reference=row.reference,
                    time=f"{clock.to_jst(row.starts_at):%H:%M}",
                    name=row.name,
                    kana=row.name_kana,
                    called_name=row.called_name,
                    procedures=[label for code, label in short.items() if code in row.procedures],
                    needs=needs_labels(row.needs),
                    tone="cancelled" if row.status == "CANCELLED" else "neutral",
                    state=row.status_label,
                    is_cancelled=row.status == "CANCELLED",
                    is_over=row.starts_at <= now,
                    is_next=is_today and bool(coming) and row is coming[0],
                    marker=marker if row is following else "",
                    since_print=_since(row, since),
                    stop=stop_of(row, stops) if row.status == "BOOKED" else "",
                )
                for row in rows
            ],
            totals=[
                Total("予約", len(booked)),
                *([Total("これから", len(coming))] if is_today else []),
                Total("取消し", len(rows) - len(booked)),
            ],
            kinds=[Total(label, people) for label, people in kinds.most_common()],
            marker=marker if following is None else "",
        )


def _since(row: ListRow, since: SincePrint | None) -> str:
    if since is None:
        return ""
    if row.id in since.added:
        return "印刷後に追加"
    if row.id in since.cancelled:
        return "印刷後に取消し"
    return "印刷後に変更" if row.id in since.changed else ""


def print_note(since: SincePrint | None) -> str:
    """Return what changed since the list was printed, in one sentence, "" for nothing."""
    if since is None:
        return ""
    parts = [
        f"{word}{count}人"
        for word, count in (
            ("追加 ", len(since.added)),
            ("変更 ", len(since.changed)),
            ("取消し ", len(since.cancelled)),
            ("ほかの日・郵便局へ変更 ", since.gone),
        )
        if count
    ]
    printed = f"{clock.to_jst(since.printed_at):%-m/%-d %H:%M}"
    return f"{printed} に印刷した一覧から変わりました：{'、'.join(parts)}" if parts else ""


def tabs(days: Sequence[date], here: date, people: Mapping[date, int]) -> list[Tab]:
    """Return the days that can be opened, with how many are expected."""
    return [
        Tab(
            day=day.isoformat(),
            label=_heading(day),
            people=people.get(day, 0),
            is_here=day == here,
        )
        for day in days
    ]


def _heading(day: date) -> str:
    if day == clock.today():
        return "今日の予約"
    return "明日" if day == clock.today() + timedelta(days=1) else era.staff_day(day)


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visitor in full, as far as a counter needs: no address, no birth date."""

    reference: str
    shown_reference: str
    name: str
    kana: str
    called_name: str
    unreadable_characters: str
    day: str
    when: str
    minutes: int
    place: str
    tone: str
    state: str
    is_cancelled: bool
    procedures: Sequence[str]
    belongings: Sequence[BelongingRow]
    needs: Sequence[str]
    unknown_pins: str
    changes: str
    phone: str
    phone_is_open: bool

    @classmethod
    def of(cls, row: ReservationRow, *, place: OfficeRow, phone: str = "") -> Self:
        """Return the visit; the telephone stays masked unless `phone` gives it."""
        details = row.person.details
        local = clock.to_jst(row.starts_at)
        ends_at = clock.to_jst(visit_ends_at(row.starts_at, row.procedures))
        return cls(
            reference=row.reference,
            shown_reference=show_reference(row.reference),
            name=row.person.name,
            kana=row.person.name_kana,
            called_name=details.called_name,
            unreadable_characters=details.unreadable_characters,
            day=local.date().isoformat(),
            when=f"{era.staff_datetime(row.starts_at)}–{ends_at:%H:%M}",
            minutes=visit_minutes(row.procedures),
            place=place.name,
            tone="neutral" if row.is_booked else "cancelled",
            state="予約中" if row.is_booked else "取消し",
            is_cancelled=not row.is_booked,
            procedures=[each.name for each in procedures(enabled_only=False) if each.code in row.procedures],
            belongings=belongings_for(row.procedures),
            needs=needs_labels(details.needs),
            unknown_pins="・".join(UNKNOWN_PIN_LABELS.get(code, code) for code in details.unknown_pins),
            changes=changes_label(details.changes),
            phone=show_phone(phone) if phone else mask_phone(row.person.phone),
            phone_is_open=bool(phone),
        )
