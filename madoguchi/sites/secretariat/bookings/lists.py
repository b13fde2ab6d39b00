"""A list of reservations from its address, and the address back from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import QueryDict

from madoguchi.common import clock
from madoguchi.common.era import staff_day
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import offices
from madoguchi.reservations.search import Search
from madoguchi.reservations.selectors import channels
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
}
FILTERS: Final = ("from", "to", "office", "status", "procedure", "channel", "unchecked")


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
        statuses=_known(query, "status", dict(STATUSES)),
        procedures=_known(query, "procedure", [row.code for row in procedures(enabled_only=False)]),
        channels=_known(query, "channel", dict(channels())),
        unchecked=bool(query.get("unchecked")),
        order=asked if asked in ORDERS else order,  # type: ignore[arg-type]  # one of its literals
        page=page_number(query.get("page", "")),
    )


def _known(query: QueryDict, name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return which of the values that there are an address asks for."""
    return tuple(value for value in values if value in query.getlist(name))


def _first(query: QueryDict) -> date | None:
    """Return the first day: visits that are over stay out unless a person is looked for or all days are."""
    if "from" in query:
        return parse_filter_day(query.get("from", ""))
    return None if query.get("q") else clock.today()


def list_page(query: QueryDict, *, order: str = "starts_at") -> ListPage:
    """Return everything around the rows of a list."""
    search, filters = search_of(query, order=order), filters_of(query)
    return ListPage(
        search=search,
        filters=filters,
        columns=(
            sort_column(label="来局日時", name="starts_at", query=query, current=search.order),
            SortColumn("郵便局"),
            SortColumn("氏名・フリガナ"),
            SortColumn("電話番号"),
            SortColumn("手続き"),
            SortColumn("状態"),
            sort_column(label="受付", name="booked_at", query=query, current=search.order),
            SortColumn("予約番号"),
        ),
        order=ORDERS[search.order],
        narrowed=any(query.get(name) for name in (*FILTERS, "q")),
        unread=unread_in(query, filters),
    )


def filters_of(query: QueryDict) -> tuple[Filter, ...]:
    """Return the filters of a list of reservations, with what its address says."""
    places = [(row.code, row.short_name) for row in offices()]
    # One that is no longer offered was booked while it was, and is found by its address.
    kinds = [(row.code, row.name) for row in procedures(enabled_only=False)]
    return (
        _day_filter(query, search_of(query)),
        choice_filter(name="office", label="郵便局", choices=places, query=query),
        choice_filter(name="status", label="状態", choices=STATUSES, query=query),
        choice_filter(name="unchecked", label="確認", choices=CHECKS, query=query),
        choice_filter(name="procedure", label="手続き", choices=kinds, query=query),
        choice_filter(name="channel", label="受付", choices=channels(), query=query),
    )


def _day_filter(query: QueryDict, search: Search) -> Filter:
    chosen = ""
    if search.first and search.first == search.last:
        chosen = "本日" if search.first == clock.today() else staff_day(search.first)
    elif search.first == clock.today() and not search.last:
        chosen = "本日から"
    elif search.first or search.last:
        first, last = (staff_day(day) if day else "" for day in (search.first, search.last))
        chosen = f"{first}–{last}"
    first_typed, last_typed = query.get("from", ""), query.get("to", "")
    return Filter(
        label="来局日",
        chosen=chosen,
        clear_url=with_values(query, **{"from": ""}, to=None, page=None),
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
