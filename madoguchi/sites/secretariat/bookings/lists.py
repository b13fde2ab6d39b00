"""A list of reservations from its address, and the address back from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.http import QueryDict

from madoguchi.common import clock
from madoguchi.common.era import staff_day
from madoguchi.contract.rows import WardRow
from madoguchi.contract.selectors import procedures, wards
from madoguchi.offices.selectors import offices
from madoguchi.reservations.kinds import channels
from madoguchi.reservations.search import Search
from madoguchi.web.days import parse_filter_day
from madoguchi.web.lists import (
    DateField,
    Filter,
    SortColumn,
    choice_filter,
    page_number,
    sort_column,
    typed_text,
    unread_day,
    unread_in,
    with_values,
)

STATUSES: Final = [("BOOKED", "予約中"), ("CANCELLED", "取消し")]
CHECKS: Final = [("1", "確認待ちだけ")]
ORDERS: Final = {
    "starts_at": "来局日の早い順",
    "-starts_at": "来局日の遅い順",
    "booked_at": "受付の古い順",
    "-booked_at": "受付の新しい順",
    "office": "郵便局の順",
    "-office": "郵便局の逆の順",
    "state": "状態の順、確認待ちから",
    "-state": "状態の順、取消しから",
}
FILTERS: Final = ("from", "to", "ward", "office", "status", "procedure", "channel", "unchecked")


@dataclass(frozen=True, slots=True)
class ListPage:
    """The search and what the page shows of it."""

    search: Search
    filters: tuple[Filter, ...]
    columns: tuple[SortColumn, ...]
    order: str
    narrowed: bool
    unread: list[str]


def search_of(query: QueryDict, *, order: str = "starts_at") -> Search:
    """Return what the address asks for; what it cannot mean is left out."""
    asked = query.get("order", order)
    return Search(
        text=typed_text(query, "q"),
        first=_first(query),
        last=parse_filter_day(query.get("to", "")),
        offices=_known(query, "office", [row.code for row in offices()]),
        wards=_known(query, "ward", [row.code for row in _wards()]),
        statuses=_known(query, "status", dict(STATUSES)),
        procedures=_known(query, "procedure", [row.code for row in procedures(enabled_only=False)]),
        channels=_known(query, "channel", dict(channels())),
        unchecked=bool(query.get("unchecked")),
        order=asked if asked in ORDERS else order,  # type: ignore[arg-type]  # one of its literals
        page=page_number(query.get("page", "")),
    )


def _wards() -> list[WardRow]:
    """Return the wards that have an office."""
    with_office = {row.ward_code for row in offices()}
    return [row for row in wards() if row.code in with_office]


def _known(query: QueryDict, name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return which of the values that there are an address asks for."""
    return tuple(value for value in values if value in query.getlist(name))


def _first(query: QueryDict) -> date | None:
    """Return the first day: visits that are over stay out unless a person is looked for or all days are."""
    if "from" in query:
        return parse_filter_day(query.get("from", ""))
    return None if query.get("q") else clock.today()


def list_page(query: QueryDict, *, order: str = "starts_at", checks: bool = False) -> ListPage:
    """Return everything around the rows of a list; of `checks` the deadlines instead of telephones."""
    search, filters = search_of(query, order=order), filters_of(query)
    unread = unread_in(query, filters)
    if checks:
        # What waits stands and is unchecked: nothing else is to be chosen here.
        filters = tuple(each for each in filters if each.name not in {"status", "unchecked"})

    def by(name: str, label: str) -> SortColumn:
        return sort_column(label=label, name=name, query=query, current=search.order)

    return ListPage(
        search=search,
        filters=filters,
        columns=(
            by("starts_at", "来局日時"),
            by("office", "郵便局"),
            SortColumn("氏名・フリガナ"),
            SortColumn("期限" if checks else "電話番号"),
            SortColumn("手続き"),
            by("booked_at", "受付"),
            *(() if checks else (by("state", "状態"),)),
            SortColumn("予約番号"),
        ),
        order=ORDERS[search.order],
        narrowed=any(query.get(name) for name in (*FILTERS, "q") if not (checks and name == "unchecked")),
        unread=unread,
    )


def filters_of(query: QueryDict) -> tuple[Filter, ...]:
    """Return the filters of a list of reservations, with what its address says."""
    places = [(row.code, row.short_name) for row in offices()]
    # One that is no longer offered was booked while it was, and is found by its address.
    kinds = [(row.code, row.name) for row in procedures(enabled_only=False)]
    return (
        _day_filter(query, search_of(query)),
        choice_filter(
            name="ward",
            label="郵便局の区",
            choices=[(row.code, row.name) for row in _wards()],
            query=query,
        ),
        choice_filter(name="office", label="郵便局", choices=places, query=query),
        choice_filter(name="status", label="状態", choices=STATUSES, query=query),
        choice_filter(name="unchecked", label="確認", choices=CHECKS, query=query),
        choice_filter(name="procedure", label="手続き", choices=kinds, query=query),
        choice_filter(name="channel", label="受付", choices=channels(), query=query),
    )


def quick_days() -> list[tuple[str, date, date]]:
    """Return the days and weeks that are looked for most, each with its first and last day."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    next_month = (month + timedelta(days=31)).replace(day=1)
    return [
        ("今日", today, today),
        ("明日", today + timedelta(days=1), today + timedelta(days=1)),
        ("今週", monday, monday + timedelta(days=6)),
        ("来週", monday + timedelta(days=7), monday + timedelta(days=13)),
        ("今月", month, next_month - timedelta(days=1)),
        ("来月", next_month, (next_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
    ]


def _day_filter(query: QueryDict, search: Search) -> Filter:
    chosen = ""
    if quick := [label for label, *span in quick_days() if span == [search.first, search.last]]:
        chosen = quick[0]
    elif search.first and search.first == search.last:
        chosen = staff_day(search.first)
    elif search.first == clock.today() and not search.last:
        chosen = "今日から"
    elif search.first or search.last:
        first, last = (staff_day(day) if day else "" for day in (search.first, search.last))
        chosen = f"{first}–{last}"
    first_typed, last_typed = query.get("from", ""), query.get("to", "")
    return Filter(
        label="来局日",
        chosen=chosen,
        clear_url=with_values(query, **{"from": ""}, to=None, page=None),
        links=[
            (label, with_values(query, **{"from": str(first)}, to=str(last), page=None, open=None))
            for label, first, last in quick_days()
        ],
        dates=(
            DateField(
                "from",
                "から",
                search.first.isoformat() if search.first else first_typed,
                unread_day(query, "from"),
            ),
            DateField(
                "to", "まで", search.last.isoformat() if search.last else last_typed, unread_day(query, "to")
            ),
        ),
    )
