"""Offices and their seats: the matrix, the month with a change shown before it is saved, hours, closures.

A change of what is offered never drops a booking: who is hit is shown first and stands on a worklist
afterwards (仕様書 4(3)ア 郵便局単位で予約枠や受付時間を設定及び変更).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.roles import Permission
from madoguchi.common import clock, era
from madoguchi.common.calendar import add_months
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import procedures, program, wards, waves
from madoguchi.offices import services
from madoguchi.offices.rules import Span, reseated, trimmed
from madoguchi.offices.selectors import (
    OfficeRow,
    closure_reasons,
    closures,
    day_bounds,
    day_hours,
    hours_in_words,
    office,
    offices,
    presets,
    weekly_hours,
)
from madoguchi.rendering.tables import Column, Table
from madoguchi.reservations.availability import day_loads, starts
from madoguchi.reservations.selectors import Search
from madoguchi.reservations.waiting import waiting_by_office
from madoguchi.sites.secretariat.offices.effects import Asked, EffectView, preview, save
from madoguchi.sites.secretariat.offices.forms import (
    KINDS,
    TIMES,
    ClosureForm,
    DayForm,
    HoursForm,
    PresetForm,
)
from madoguchi.sites.secretariat.offices.loads import loads_ahead, why_no_seats
from madoguchi.sites.secretariat.offices.presenters import (
    MATRIX_DAYS,
    VIEWS,
    View,
    closure_line,
    hours_versions,
    interval,
    matrix,
    month,
    service_days,
    shifted,
)
from madoguchi.sites.secretariat.reservations import files
from madoguchi.sites.secretariat.reservations.presenters import Line
from madoguchi.web.actors import names
from madoguchi.web.days import day_of, typed_day
from madoguchi.web.forms import add_refusal
from madoguchi.web.lists import choice_filter, options, with_values
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.looks import visitors
from madoguchi.workflows.papers import foot
from madoguchi.workflows.slots import change_offering

ALL: Final = "all"
FORM_METHODS: Final = ["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One page about an office."""

    label: str
    url: str
    current: bool


def _tabs(request: StaffRequest, code: str) -> list[Tab]:
    pages = [
        ("offices-month", "カレンダー"),
        ("offices-hours", "基本の受付時間と枠"),
        ("offices-closures", "休業"),
        ("offices-presets", "枠を減らす日"),
        ("offices-rules", "締切日時"),
        ("offices-history", "変更の履歴"),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    here = {"rules-show": "offices-rules"}.get(here or "", here)
    return [
        Tab(label, reverse(f"secretariat:{name}", args=[code]), name == here)
        for name, label in pages
        if code != ALL or name not in {"offices-month", "offices-hours"}
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """What a page about an office, or about all of them, is headed with."""

    code: str
    name: str
    about: str
    codes: tuple[str, ...]


def _place(code: str) -> Place:
    if code == ALL:
        rows = offices()
        return Place(ALL, "すべての郵便局", f"{len(rows)}局に共通の設定", tuple(row.code for row in rows))
    row = office(code)
    spans = [each for each in weekly_hours(code, on=clock.today()) if each.weekday == 0]
    hours = hours_in_words([each.span for each in spans]) or "受付時間 未設定"
    seats = "・".join(str(each) for each in dict.fromkeys(each.span.seats for each in spans))
    about = f"{row.ward_name}・{row.wave_name}　基本 {hours}"
    return Place(code, row.name, f"{about}　{program().slot_minutes}分ごと・{seats or 0}枠", (code,))


def place_codes(code: str) -> tuple[str, ...]:
    """Return the codes of one office, or of all."""
    return _place(code).codes


def place_context(request: StaffRequest, code: str) -> dict[str, object]:
    """Return what every page about an office shows around its content."""
    return {"office": _place(code), "tabs": _tabs(request, code)}


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List the offices by ward, with their hours and what is left in the coming days."""
    now = clock.now()
    rows = offices()
    loads = loads_ahead([row.code for row in rows], service_days(clock.today(), MATRIX_DAYS))
    return render(
        request,
        "secretariat/offices/list.html",
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
    """Show free seats of all offices over fourteen business days; as a file when the address asks (R29)."""
    first = typed_day(request.GET.get("from", "")) or clock.today()
    days = service_days(first, MATRIX_DAYS)
    asked = request.GET.get("view", "")
    view = View(asked) if asked in {*View} else View.FREE
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
    if (kind := request.GET.get("file", "")) in {"xlsx", "csv"}:
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
        return files.tables(
            Table(f"郵便局×日 {VIEWS[view]}", columns, lines),
            name="matrix",
            kind=kind,
            note=foot(request.user.display_name),
        )
    return render(
        request,
        "secretariat/offices/matrix.html",
        {
            "matrix": table,
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
            "filters": [
                choice_filter(
                    name="wave",
                    label="開設",
                    choices=[(row.code, row.name) for row in waves()],
                    query=request.GET,
                ),
                choice_filter(
                    name="ward",
                    label="区",
                    choices=[(row.code, row.name) for row in wards()],
                    query=request.GET,
                ),
            ],
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
    """Show one office's day, slot by slot: who comes, what is free, what is kept for the telephone (R29)."""
    place = office(code)
    since, until = day_bounds(day)
    slots = starts(
        office=code, since=since, until=until, slots=1, slot_minutes=program().slot_minutes, any_hour=True
    )
    people = visitors(
        query=Search(first=day, last=day, offices=(code,), statuses=("BOOKED",)), actor=request.actor
    )
    short = {row.code: row.short_name for row in procedures(enabled_only=False)}
    lines = [
        Line.of(
            row,
            offices={code: place.short_name},
            procedures=short,
            url=f"{reverse('secretariat:reservations-list')}?office={code}&from={day}&to={day}&open={row.reference}",
        )
        for row in people
    ]
    load = next(iter(day_loads(offices=[code], since=since, until=until)), None)
    at: dict[datetime, list[Line]] = {}
    for row, line in zip(people, lines, strict=True):
        at.setdefault(row.starts_at, []).append(line)
    free = {slot.starts_at: slot.free for slot in slots}
    list_query = f"office={code}&from={day}&to={day}&status=BOOKED"
    return render(
        request,
        "secretariat/offices/day.html",
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
            "files": files.CHOICES,
            "take_reasons": files.REASONS,
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_month(request: StaffRequest, code: str) -> HttpResponse:
    """Show a month of one office; beside it the change of a day and, before it is saved, whom it hits."""
    place = office(code)
    chosen = day_of(request.GET.get("day", ""))
    first = (day_of(f"{request.GET.get('month', '')}-01") or chosen or clock.today()).replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    form = DayForm(request.GET if "kind" in request.GET else None)
    effect = (
        preview(request, _day_change(request, place, form)) if form.is_bound and form.is_valid() else None
    )
    since, until = day_bounds(first)[0], day_bounds(last)[1]
    special = day_hours(code, first=first, last=last)
    return render(
        request,
        "secretariat/offices/month.html",
        {
            **place_context(request, code),
            "month": month(
                place=place,
                first=first,
                loads=day_loads(offices=[code], since=since, until=until),
                special=special,
                closures=closures(office=code, since=since, until=until),
                chosen=chosen,
                hit=len(effect.people) if effect else 0,
            ),
            "form": form,
            "effect": effect,
            "change": _change_context(code, chosen, form) if chosen else None,
        },
    )


def _change_context(code: str, day: date, form: DayForm) -> dict[str, object]:
    """Return the panel of a day: what holds now, and the form of a change."""
    spans = _spans(code, day)
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
        "now": hours_in_words(spans) or "受付なし",
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


def _spans(code: str, day: date) -> list[Span]:
    """Return the hours of a day: its own, else the weekday's."""
    special = day_hours(code, first=day, last=day)
    if day in special:
        return special[day]
    return [row.span for row in weekly_hours(code, on=day) if row.weekday == day.weekday()]


def _day_change(request: StaffRequest, place: OfficeRow, form: DayForm) -> Asked:
    """Return the change a day's form asks for, at this office or at all."""
    asked, everywhere = form.cleaned_data, form.cleaned_data["everywhere"]
    since, until = form.borders()
    start, end, day = asked["start"], asked["end"], asked["day"]
    codes = place_codes(ALL if everywhere else place.code)
    words = f"{'すべての郵便局' if everywhere else place.short_name} {interval(since, until)}"
    if asked["kind"] == "closure":
        reason = dict(closure_reasons())[asked["reason"]]
        close = partial(
            services.close_office,
            office=None if everywhere else place.code,
            starts_at=since,
            ends_at=until,
            reason=asked["reason"],
            note="",
            actor=request.actor,
        )
        return Asked(close, codes, f"{words} 臨時休業（{reason}）", since, until)

    def reshape(code: str) -> None:
        spans = _spans(code, day)
        if asked["kind"] == "hours":
            changed = trimmed(spans, start=start, end=end)
        else:
            changed = reseated(spans, start=start, end=end, seats=asked["seats"])
        services.set_day_hours(office=code, day=day, spans=changed, actor=request.actor)

    what = "に受付時間を変更" if asked["kind"] == "hours" else f"の枠数を{asked['seats']}に変更"
    return Asked(_for_each(codes, reshape), codes, f"{words} {what}", *day_bounds(day))


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_POST
def save_day(request: StaffRequest, code: str) -> HttpResponse:
    """Save the change of a day that was shown."""
    form = DayForm(request.POST)
    back = reverse("secretariat:offices-month", args=[code])
    if not form.is_valid():
        messages.error(request, "変更の内容を、もう一度確かめてください。")
        return redirect(back)
    day = form.cleaned_data["day"]
    return save(request, _day_change(request, office(code), form), back=f"{back}?month={day:%Y-%m}&day={day}")


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_POST
def reset_day(request: StaffRequest, code: str, day: date) -> HttpResponse:
    """Give a day its weekday's hours again."""
    place = office(code)
    change = partial(services.set_day_hours, office=code, day=day, spans=[], actor=request.actor)
    asked = Asked(change, [code], f"{place.short_name} {era.staff_day(day)} を基本の受付時間に戻す")
    back = f"{reverse('secretariat:offices-month', args=[code])}?month={day:%Y-%m}&day={day}"
    return save(request, asked, back=back)


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(FORM_METHODS)
def edit_hours(request: StaffRequest, code: str) -> HttpResponse:
    """Show every version of the weekly hours, and ask for the next one (仕様書 4(3)ア)."""
    place = office(code)
    rows = weekly_hours(code)
    form = HoursForm(request.POST or None, initial=_hours_initial(code))
    effect = None
    if request.method == "POST" and form.is_valid():
        since = form.cleaned_data["effective_from"]
        everywhere = form.cleaned_data["everywhere"]
        codes = place_codes(ALL if everywhere else code)
        change = _for_each(
            codes,
            lambda each: services.set_weekly_hours(
                office=each,
                spans=form.spans(),
                effective_from=since,
                actor=request.actor,
                note=form.cleaned_data["note"],
            ),
        )
        name = "すべての郵便局" if everywhere else place.short_name
        asked = Asked(change, codes, f"{name} {era.staff_day(since)}からの受付時間と枠", day_bounds(since)[0])
        outcome = _decide(request, form, asked, back=request.path)
        if isinstance(outcome, HttpResponse):
            return outcome
        effect = outcome
    return render(
        request,
        "secretariat/offices/hours.html",
        {**place_context(request, code), "versions": hours_versions(rows), "form": form, "effect": effect},
    )


def _for_each(codes: Sequence[str], change: Callable[[str], object]) -> Callable[[], object]:
    """Return one change that does the same at several offices."""

    def do() -> None:
        for code in codes:
            change(code)

    return do


def _hours_initial(code: str) -> dict[str, object]:
    """Return the hours in force, as the form asks for them."""
    initial: dict[str, object] = {"effective_from": clock.today() + timedelta(days=1)}
    spans: dict[int, list[Span]] = {}
    for row in weekly_hours(code, on=clock.today()):
        spans.setdefault(row.weekday, []).append(row.span)
    for weekday, day in spans.items():
        initial[f"seats_{weekday}"] = day[0].seats
        for part, span in enumerate(day[:2], start=1):
            initial[f"start_{weekday}_{part}"] = str(span.start)
            initial[f"end_{weekday}_{part}"] = str(span.end)
    return initial


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(FORM_METHODS)
def edit_closures(request: StaffRequest, code: str) -> HttpResponse:
    """Show the closures of an office, or of all, and ask for the next one (R162)."""
    place = _place(code)
    only = None if code == ALL else code
    form = ClosureForm(request.POST or None)
    effect = None
    if request.method == "POST" and form.is_valid():
        since, until = form.borders()
        reason = dict(closure_reasons())[form.cleaned_data["reason"]]
        change = partial(
            services.close_office,
            office=only,
            starts_at=since,
            ends_at=until,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            actor=request.actor,
        )
        asked = Asked(
            change, place.codes, f"{place.name} {interval(since, until)} 休業（{reason}）", since, until
        )
        outcome = _decide(request, form, asked, back=request.path)
        if isinstance(outcome, HttpResponse):
            return outcome
        effect = outcome
    term = program()
    rows = closures(
        office=only, since=day_bounds(term.term_starts_on)[0], until=day_bounds(term.term_ends_on)[1]
    )
    if code == ALL:
        rows = [row for row in rows if row.office is None]
    name, reasons = names(row.created_by for row in rows), dict(closure_reasons())
    return render(
        request,
        "secretariat/offices/closures.html",
        {
            **place_context(request, code),
            "rows": [closure_line(row, name=name, reasons=reasons) for row in reversed(rows)],
            "form": form,
            "effect": effect,
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_POST
def withdraw_closure(request: StaffRequest, code: str, closure_id: int) -> HttpResponse:
    """Take a closure back; its slots are offered again."""
    place = _place(code)
    change = partial(services.withdraw_closure, closure_id=closure_id, actor=request.actor)
    change_offering(
        change=change, places=place.codes, title=f"{place.name} 休業の取下げ", actor=request.actor
    )
    messages.success(request, "休業を取り下げました。空いている枠の受付を再開します。")
    return redirect("secretariat:offices-closures", code)


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(FORM_METHODS)
def edit_presets(request: StaffRequest, code: str) -> HttpResponse:
    """Show on which days fewer slots are offered, and ask for a change."""
    place = _place(code)
    only = None if code == ALL else code
    form = PresetForm(request.POST or None, initial={"effective_from": clock.today() + timedelta(days=1)})
    effect = None
    if request.method == "POST" and form.is_valid():
        change = partial(services.put_preset, office=only, actor=request.actor, **form.cleaned_data)
        kind = dict(form.fields["day_kind"].choices)[form.cleaned_data["day_kind"]]  # type: ignore[attr-defined]
        since = form.cleaned_data["effective_from"]
        asked = Asked(
            change, place.codes, f"{place.name} {era.staff_day(since)}から {kind}の枠", day_bounds(since)[0]
        )
        outcome = _decide(request, form, asked, back=request.path)
        if isinstance(outcome, HttpResponse):
            return outcome
        effect = outcome
    today = clock.today()
    return render(
        request,
        "secretariat/offices/presets.html",
        {
            **place_context(request, code),
            "rows": [
                {
                    "label": row.label,
                    "keep": f"{row.keep_one_in}枠に1枠",
                    "place": "この郵便局" if row.office else "すべての郵便局",
                    "during": f"{era.era_date(row.since)}から"
                    + (f"{era.era_date(row.until - timedelta(days=1))}まで" if row.until else ""),
                    "tone": "done"
                    if row.since <= today and (row.until is None or today < row.until)
                    else "neutral",
                    "state": "終了"
                    if row.until and row.until <= today
                    else "予定"
                    if row.since > today
                    else "適用中",
                }
                for row in presets(office=only)
                if code != ALL or row.office is None
            ],
            "form": form,
            "effect": effect,
        },
    )


def _decide(
    request: StaffRequest, form: Form, asked: Asked, *, back: str
) -> HttpResponse | EffectView | None:
    """Save a change that was shown, or show what it would do; a refusal stands in the form."""
    try:
        if request.POST.get("action") == "save":
            return save(request, asked, back=back)
        return preview(request, asked)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
