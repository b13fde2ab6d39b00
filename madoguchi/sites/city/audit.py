"""操作記録の検索: who saw, exported or changed what, for the city (仕様書 4(5)イ, 6, 7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock
from madoguchi.common.era import staff_day
from madoguchi.common.errors import Refusal
from madoguchi.panels import downloads
from madoguchi.rendering.tables import Cell, Column, Table
from madoguchi.web.actors import names
from madoguchi.web.days import parse_filter_day
from madoguchi.web.lists import (
    DateField,
    Filter,
    choice_filter,
    page_number,
    page_of,
    typed_text,
    unread_day,
    unread_in,
    without,
)
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.privacy.trail import (
    ACTS,
    PAGE_SIZE,
    TrailSearch,
    export_trail,
    search_trail,
)
from madoguchi.workflows.privacy.trail_words import TrailLine

# A search that says no days looks at the last week.
USUAL_DAYS: Final = 7
COLUMNS: Final = [
    Column("日時", 18),
    Column("操作した人", 20),
    Column("操作", 24),
    Column("対象", 28),
    Column("内容", 60),
    Column("操作の記号", 36),
    Column("操作した人の記号", 20),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the trail, and what of it nobody can read."""

    query: TrailSearch
    filters: tuple[Filter, ...]
    unread: list[str]


@open_to(Permission.CITY_AUDIT_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """Search the trail by day, member of staff, person and act; the search is on record."""
    asked = _asked(request.GET)
    found, unread = None, asked.unread
    if not unread:
        try:
            found = search_trail(query=asked.query, actor=request.actor)
        except Refusal as refusal:
            unread = [refusal.message]
    lines = found.lines if found else []
    name = names(line.actor for line in lines)
    return render(
        request,
        "city/audit.html",
        {
            "filters": asked.filters,
            "staff": asked.query.staff,
            "reference": asked.query.reference,
            "unread": unread,
            "rows": [{**_words(line, name), "at": clock.to_jst(line.at)} for line in lines],
            "is_cut": bool(found and found.is_cut),
            "page": page_of(
                number=found.page if found else 1, size=PAGE_SIZE, total=found.total if found else 0
            ),
            "file_url": f"{reverse('city:audit-take')}?{request.GET.urlencode()}",
        },
    )


@open_to(Permission.CITY_AUDIT_READ)
@require_safe
def take(request: StaffRequest) -> HttpResponse:
    """Give what the search finds as CSV, on record; a search that finds too much goes back to its page."""
    asked = _asked(request.GET)
    back = f"{reverse('city:audit-list')}?{request.GET.urlencode()}"
    if asked.unread:
        return redirect(back)
    try:
        lines = export_trail(query=asked.query, actor=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    name = names(line.actor for line in lines)
    rows: list[list[Cell]] = [
        [line.at, *_words(line, name).values(), line.action, line.actor] for line in lines
    ]
    return downloads.tables(Table("操作記録", COLUMNS, rows), name="audit", kind="csv", note="")


def _words(line: TrailLine, name: Callable[[str], str]) -> dict[str, str]:
    return {"who": name(line.actor), "act": line.act, "target": line.target, "detail": line.detail}


def _asked(query: QueryDict) -> Asked:
    today = clock.today()
    last = parse_filter_day(query.get("to", "")) or today
    first = parse_filter_day(query.get("from", "")) or last - timedelta(USUAL_DAYS - 1)
    acts = [(name, label) for name, (label, _) in ACTS.items()]
    filters = (
        _days(query, first, last),
        choice_filter(name="act", label="操作", choices=acts, query=query),
    )
    unread = unread_in(query, filters)
    if not unread and first > last:
        unread = ["日にち：「から」が「まで」より後になっています"]
    return Asked(
        TrailSearch(
            first=first,
            last=last,
            staff=typed_text(query, "staff"),
            reference=typed_text(query, "reference"),
            acts=tuple(name for name in ACTS if name in query.getlist("act")),
            page=page_number(query.get("page", "")),
        ),
        filters,
        unread,
    )


def _days(query: QueryDict, first: date, last: date) -> Filter:
    fields = []
    for name, label, day in (("from", "から", first), ("to", "まで", last)):
        error = unread_day(query, name)
        fields.append(DateField(name, label, query.get(name, "") if error else day.isoformat(), error))
    chosen = staff_day(first) if first == last else f"{staff_day(first)}–{staff_day(last)}"
    return Filter(label="日にち", chosen=chosen, clear_url=without(query, "from", "to"), dates=tuple(fields))
