"""Offices and their seats: the matrix, the month with a change shown before it is saved, hours, closures.

A change of capacity never drops a booking: the affected people are shown first and put on a worklist
afterwards (仕様書 4(3)ア 郵便局単位で予約枠や受付時間を設定及び変更).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock, era
from madoguchi.common.calendar import add_months
from madoguchi.contract.selectors import procedures, program, wards, waves
from madoguchi.offices.selectors import (
    OfficeRow,
    closure_reasons,
    closures,
    day_bounds,
    day_hours,
    format_hours,
    office,
    offices,
    shown_day,
)
from madoguchi.panels import downloads
from madoguchi.rendering.tables import Column, Table
from madoguchi.reservations.availability import day_loads, starts
from madoguchi.reservations.figures import waiting_by_office
from madoguchi.reservations.search import Search
from madoguchi.sites.secretariat.bookings.presenters import BookingLine
from madoguchi.sites.secretariat.capacity.offices.changes import day_change
from madoguchi.sites.secretariat.capacity.offices.effects import preview
from madoguchi.sites.secretariat.capacity.offices.forms import KINDS, TIMES, DayForm
from madoguchi.sites.secretariat.capacity.offices.frame import place_context, spans_of
from madoguchi.sites.secretariat.capacity.offices.loads import loads_ahead, why_no_seats
from madoguchi.sites.secretariat.capacity.offices.presenters import (
    MATRIX_DAYS,
    VIEWS,
    View,
    closure_line,
    matrix,
    month,
    service_days,
    shifted,
)
from madoguchi.web.actors import names
from madoguchi.web.days import parse_filter_day, parse_iso_day
from madoguchi.web.lists import (
    choice_filter,
    options,
    unread_choice,
    unread_day,
    unread_in,
    with_values,
)
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import is_shown_anew, refuse_other_look
from madoguchi.workflows.booking.documents import document_footer
from madoguchi.workflows.privacy.access import visitors


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List the offices by ward, with their hours and what is left in the coming days."""
    now = clock.now()
    rows = offices()
    loads = loads_ahead([row.code for row in rows], service_days(clock.today(), MATRIX_DAYS))
    return render(
        request,
        "secretariat/capacity/offices/list.html",
        {
            "days": MATRIX_DAYS,
            "rows": [
                {
                    "code": row.code,
                    "name": row.name,
                    "ward": row.ward_name,
                    "wave": row.wave_name,
                    "opens_on": era.era_date(row.opens_on),
                    "is_open": row.takes_bookings(now),
                    "booking_opens": era.staff_datetime(row.booking_opens_at),
                    "free": loads[row.code][0],
                    "seats": loads[row.code][1],
                    "phone": row.phone,
                }
                for row in sorted(rows, key=lambda row: (row.ward_code, row.code))
            ],
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_matrix(request: StaffRequest) -> HttpResponse:
    """Show free seats of all offices over fourteen business days; as a file with `file` in the address."""
    first = parse_filter_day(request.GET.get("from", "")) or clock.today()
    days = service_days(first, MATRIX_DAYS)
    asked = request.GET.get("view", "")
    view = View(asked) if asked in {*View} else View.FREE
    filters = [
        choice_filter(
            name="wave", label="開設", choices=[(row.code, row.name) for row in waves()], query=request.GET
        ),
        choice_filter(
            name="ward", label="区", choices=[(row.code, row.name) for row in wards()], query=request.GET
        ),
    ]
    unread = [
        *filter(None, [unread_day(request.GET, "from"), unread_choice(request.GET, "view", VIEWS)]),
        *unread_in(request.GET, filters),
    ]
    chosen_waves, chosen_wards = request.GET.getlist("wave"), request.GET.getlist("ward")
    places = [
        row
        for row in sorted(offices(), key=lambda row: (row.ward_code, row.code))
        if (row.wave_code in chosen_waves if chosen_waves else row.takes_bookings(clock.now()))
        and (not chosen_wards or row.ward_code in chosen_wards)
    ]
    table = matrix(
        places=places,
        days=days,
        loads=day_loads(
            offices=[row.code for row in places],
            since=day_bounds(days[0])[0],
            until=day_bounds(days[-1])[1],
        ),
        view=view,
        office_url=lambda code: reverse("secretariat:offices-month", args=[code]),
        day_url=lambda code, day: reverse("secretariat:offices-day", args=[code, day]),
    )
    if (kind := request.GET.get("file", "")) in {"xlsx", "csv"} and not unread:
        columns = [Column("郵便局", 20), Column("区", 10), *(Column(era.staff_day(day), 10) for day in days)]
        lines = [
            [
                row.name,
                row.ward,
                *(
                    f"{cell.word} {cell.of}".strip()
                    if cell.word
                    else f"{cell.number or 0}/{cell.of.partition('/')[2]}"
                    for cell in row.cells
                ),
            ]
            for row in table.rows
        ]
        return downloads.tables(
            Table(f"郵便局×日 {VIEWS[view]}", columns, lines),
            name="matrix",
            kind=kind,
            note=document_footer(request.user.display_name),
        )
    return render(
        request,
        "secretariat/capacity/offices/matrix.html",
        {
            "matrix": table,
            "unread": unread,
            "waiting": _waiting(places),
            "earlier": with_values(request.GET, **{"from": shifted(days[0], -MATRIX_DAYS).isoformat()}),
            "later": with_values(request.GET, **{"from": shifted(days[-1], 1).isoformat()}),
            "today": with_values(request.GET, **{"from": None}),
            "views": [
                {"label": label, "url": with_values(request.GET, view=name), "current": name == view}
                for name, label in VIEWS.items()
            ],
            "view_label": VIEWS[view],
            "kept": [(name, request.GET[name]) for name in ("from", "view") if name in request.GET],
            "filters": filters,
            "files": [
                (with_values(request.GET, file="xlsx"), "Excel"),
                (with_values(request.GET, file="csv"), "CSV"),
            ],
        },
    )


def _waiting(places: Sequence[OfficeRow]) -> list[tuple[str, int]]:
    """Return how many wait for a seat at each of these offices."""
    people = waiting_by_office()
    return [(row.short_name, people[row.code]) for row in places if row.code in people]


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show_day(request: StaffRequest, code: str, day: date) -> HttpResponse:
    """Show one office's day, slot by slot: who comes, what is free, what is kept for the telephone."""
    place = office(code)
    since, until = day_bounds(day)
    slots = starts(
        office=code, since=since, until=until, slots=1, slot_minutes=program().slot_minutes, any_hour=True
    )
    people = visitors(
        query=Search(first=day, last=day, offices=(code,), statuses=("BOOKED",)),
        actor=request.actor,
        scope=EVERYWHERE,
    )
    short = {row.code: row.short_name for row in procedures(enabled_only=False)}
    lines = [
        BookingLine.of(
            row,
            offices={code: place.short_name},
            procedures=short,
            url=f"{reverse('secretariat:reservations-list')}?office={code}&from={day}&to={day}&open={row.reference}",
        )
        for row in people
    ]
    load = next(iter(day_loads(offices=[code], since=since, until=until)), None)
    at: dict[datetime, list[BookingLine]] = {}
    for row, line in zip(people, lines, strict=True):
        at.setdefault(row.starts_at, []).append(line)
    free = {slot.starts_at: slot.free for slot in slots}
    list_query = f"office={code}&from={day}&to={day}&status=BOOKED"
    return render(
        request,
        "secretariat/capacity/offices/day.html",
        {
            "office": place,
            "title": era.staff_day(day),
            "date": era.era_date_weekday(day),
            "load": load,
            "no_seats": why_no_seats(place, day, load),
            "times": [
                {
                    "label": f"{clock.to_jst(instant):%H:%M}",
                    "people": at.get(instant, []),
                    "free": free.get(instant, 0),
                }
                for instant in sorted({*free, *at})
            ],
            "total": len(lines),
            "earlier": reverse("secretariat:offices-day", args=[code, shifted(day, -1)]),
            "later": reverse("secretariat:offices-day", args=[code, shifted(day, 1)]),
            "change_url": f"{reverse('secretariat:offices-month', args=[code])}?month={day:%Y-%m}&day={day}",
            "add_url": f"{reverse('secretariat:reservations-add')}?office={code}&day={day}",
            "export_url": f"{reverse('secretariat:reservations-export')}?{list_query}",
            "files": downloads.CHOICES,
            "take_reasons": downloads.REASONS,
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_month(request: StaffRequest, code: str) -> HttpResponse:
    """Show a month of one office, with the change of a day and a preview of the affected people."""
    place = office(code)
    chosen = parse_iso_day(request.GET.get("day", ""))
    first = (parse_iso_day(f"{request.GET.get('month', '')}-01") or chosen or clock.today()).replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    form = DayForm(request.GET if "kind" in request.GET else None)
    effect, seen = None, shown_day([code], chosen) if chosen else ""
    if form.is_bound and form.is_valid():
        refuse_other_look(request, seen)
        asked = day_change(request, place, form)
        if not is_shown_anew(request):
            seen = asked.words
            effect = preview(request, asked)
    since, until = day_bounds(first)[0], day_bounds(last)[1]
    special = day_hours(code, first=first, last=last)
    return render(
        request,
        "secretariat/capacity/offices/month.html",
        {
            **place_context(request, code),
            "month": month(
                place=place,
                first=first,
                loads=day_loads(offices=[code], since=since, until=until),
                special=special,
                closures=closures(office=code, since=since, until=until),
                chosen=chosen,
                affected=len(effect.people) if effect else 0,
            ),
            "form": form,
            "effect": effect,
            "change": {**_change_context(code, chosen, form), "seen": seen} if chosen else None,
        },
    )


def _change_context(code: str, day: date, form: DayForm) -> dict[str, object]:
    """Return the panel of a day: what holds now, and the form of a change."""
    spans = spans_of(code, day)
    values = (
        form.data
        if form.is_bound
        else {
            "kind": "closure",
            "start": str(spans[0].start) if spans else "",
            "end": str(spans[-1].end) if spans else "",
            "seats": str(spans[0].seats) if spans else "1",
            "reason": "",
        }
    )
    since, until = day_bounds(day)
    return {
        "day": era.staff_day(day),
        "on": day,
        "iso": day.isoformat(),
        "month": f"{day:%Y-%m}",
        "now": format_hours(spans) or "受付なし",
        "seats_now": "・".join(str(each) for each in dict.fromkeys(span.seats for span in spans)),
        "is_special": bool(day_hours(code, first=day, last=day)),
        "closures": [
            closure_line(row, name=names([row.created_by]), reasons=dict(closure_reasons()))
            for row in closures(office=code, since=since, until=until)
            if row.withdrawn_at is None
        ],
        "is_past": day < clock.today(),
        "kinds": options(KINDS, [values.get("kind", "")]),
        "starts": options(TIMES, [values.get("start", "")]),
        "ends": options(TIMES, [values.get("end", "")]),
        "seats": values.get("seats", ""),
        "reasons": options(closure_reasons(), [values.get("reason", "")]),
        "everywhere": bool(values.get("everywhere")),
        "sent": [(name, values[name]) for name in DayForm.base_fields if values.get(name)],
    }
