"""What staff read about a stop or a closure: where, when and why; the same on every site (仕様書 4(3)ア)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from madoguchi.common import clock, era
from madoguchi.contract.selectors import procedures
from madoguchi.offices.pauses import CAUSES, pauses_in_force
from madoguchi.offices.selectors import closure_reasons, closures, office
from madoguchi.reservations.search import ListRow

MAX_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class StopNotice:
    """One stop or closure; `what` is the one procedure that is stopped, "" for all."""

    kind: str
    place: str
    what: str
    when: str
    cause: str
    starts_at: datetime
    ends_at: datetime
    # The codes of the offices and of the one procedure, empty for all.
    offices: tuple[str, ...] = ()
    procedure: str = ""

    @property
    def line(self) -> str:
        """The notice in one line, for a paper."""
        return "　".join(filter(None, (self.kind, self.place, self.what, f"{self.when}（{self.cause}）")))


def stop_of(row: ListRow, stops: Sequence[StopNotice]) -> str:
    """Return 停止 or 休業 when a visit falls into one of these notices, else ""."""
    for stop in stops:
        if (
            stop.starts_at < row.starts_at + timedelta(minutes=row.occupied_minutes)
            and row.starts_at < stop.ends_at
            and (not stop.offices or row.office in stop.offices)
            and (not stop.procedure or stop.procedure in row.procedures)
        ):
            return stop.kind
    return ""


def stop_notices(day: date, *, office_code: str = "") -> list[StopNotice]:
    """Return what is stopped or closed on a day, pauses first; of one office, or of all.

    Closures of several offices with the same time and cause are one notice.
    """
    since = clock.at(day, clock.MIDNIGHT)
    until = since + clock.DAY
    names = {row.code: row.name for row in procedures(enabled_only=False)}
    found = [
        StopNotice(
            kind="停止",
            place=_places(row.scope.offices),
            what=names.get(row.scope.procedure, ""),
            when=_when(row.scope.starts_at, None if row.is_open_ended else row.scope.ends_at),
            cause=CAUSES.get(row.cause, ""),
            starts_at=row.scope.starts_at,
            ends_at=row.scope.ends_at,
            offices=tuple(row.scope.offices),
            procedure=row.scope.procedure,
        )
        for row in pauses_in_force()
        if row.scope.starts_at < until
        and row.scope.ends_at > since
        and not (office_code and row.scope.offices and office_code not in row.scope.offices)
    ]
    reasons = dict(closure_reasons())
    together: dict[tuple[datetime, datetime, str], list[str]] = {}
    for row in closures(office=office_code or None, since=since, until=until):
        if row.pause is None and row.withdrawn_at is None:
            places = together.setdefault((row.starts_at, row.ends_at, row.reason), [])
            places += [row.office] if row.office else []
    found += [
        StopNotice(
            kind="休業",
            place=_places(places),
            what="",
            when=_when(starts, ends),
            cause=reasons[reason],
            starts_at=starts,
            ends_at=ends,
            offices=tuple(places),
        )
        for (starts, ends, reason), places in together.items()
    ]
    return found


def _places(codes: list[str] | tuple[str, ...]) -> str:
    names = [office(code).name for code in codes[:MAX_PLACES]]
    more = len(codes) - len(names)
    return ("、".join(names) + (f"ほか{more}局" if more else "")) if names else "すべての郵便局"


def _when(starts_at: datetime, ends_at: datetime | None) -> str:
    since = era.staff_datetime(starts_at)
    if ends_at is None:
        return f"{since}から、再開するまで"
    first, last = clock.to_jst(starts_at), clock.to_jst(ends_at)
    if ends_at - starts_at == clock.DAY and first.time() == clock.MIDNIGHT:
        return f"{era.staff_day(first.date())} 終日"
    same = first.date() == last.date()
    return f"{since}から{f'{last:%H:%M}' if same else era.staff_datetime(ends_at)}まで"
