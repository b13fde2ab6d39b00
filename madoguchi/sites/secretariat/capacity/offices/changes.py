"""Change the hours, seats and closures of a post office; who is affected is shown first (仕様書 4(3)ア)."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, NotVisible, Refusal
from madoguchi.contract.selectors import program
from madoguchi.offices import services
from madoguchi.offices.rules import Span, reseated, trimmed
from madoguchi.offices.selectors import (
    OfficeRow,
    closure,
    closure_reasons,
    closures,
    day_bounds,
    office,
    presets,
    shown_day,
    shown_hours,
    shown_presets,
    weekly_hours,
)
from madoguchi.sites.secretariat.capacity.offices.effects import CapacityChange, EffectView, preview, save
from madoguchi.sites.secretariat.capacity.offices.forms import ClosureForm, DayForm, HoursForm, PresetForm
from madoguchi.sites.secretariat.capacity.offices.frame import (
    ALL,
    FORM_METHODS,
    office_page,
    place_codes,
    place_context,
    spans_of,
)
from madoguchi.sites.secretariat.capacity.offices.presenters import closure_line, hours_versions, interval
from madoguchi.web.actors import names
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, typed_in
from madoguchi.workflows.capacity.slots import change_offering


def day_change(request: StaffRequest, place: OfficeRow, form: DayForm) -> CapacityChange:
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
        return CapacityChange(
            close,
            codes,
            f"{words} 臨時休業（{reason}）",
            since,
            until,
            page=[place.code],
            version=partial(shown_day, day=day),
        )

    def reshape(code: str) -> None:
        spans = spans_of(code, day)
        if asked["kind"] == "hours":
            changed = trimmed(spans, start=start, end=end)
        else:
            changed = reseated(spans, start=start, end=end, seats=asked["seats"])
        services.set_day_hours(office=code, day=day, spans=changed, actor=request.actor)

    what = "に受付時間を変更" if asked["kind"] == "hours" else f"の枠数を{asked['seats']}に変更"
    return CapacityChange(
        _for_each(codes, reshape),
        codes,
        f"{words} {what}",
        *day_bounds(day),
        page=[place.code],
        version=partial(shown_day, day=day),
    )


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
    asked = day_change(request, office(code), form)
    typed = urlencode({name: form.data[name] for name in form.fields if form.data.get(name)})
    try:
        return save(request, asked, back=f"{back}?month={day:%Y-%m}&day={day}")
    except ContentChanged:
        raise ContentChanged(page=f"{back}?month={day:%Y-%m}&{typed}") from None


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_POST
def reset_day(request: StaffRequest, code: str, day: date) -> HttpResponse:
    """Give a day its weekday's hours again."""
    place = office(code)
    change = partial(services.set_day_hours, office=code, day=day, spans=[], actor=request.actor)
    asked = CapacityChange(
        change,
        [code],
        f"{place.short_name} {era.staff_day(day)} を基本の受付時間に戻す",
        version=partial(shown_day, day=day),
    )
    back = f"{reverse('secretariat:offices-month', args=[code])}?month={day:%Y-%m}&day={day}"
    try:
        return save(request, asked, back=back)
    except ContentChanged:
        raise ContentChanged(page=back) from None


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(FORM_METHODS)
def edit_hours(request: StaffRequest, code: str) -> HttpResponse:
    """Show every version of the weekly hours, and ask for the next one (仕様書 4(3)ア)."""
    place = office(code)
    effect, seen = None, carry_seen(request, shown_hours([code]))
    rows = weekly_hours(code)
    form = HoursForm(typed_in(request), initial=_hours_initial(code))
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
        asked = CapacityChange(
            change,
            codes,
            f"{name} {era.staff_day(since)}からの受付時間と枠",
            day_bounds(since)[0],
            page=[code],
            version=shown_hours,
        )
        seen = asked.words
        outcome = _decide(request, form, asked, back=request.path)
        if isinstance(outcome, HttpResponse):
            return outcome
        effect = outcome
    return render(
        request,
        "secretariat/capacity/offices/hours.html",
        {
            **place_context(request, code),
            "versions": hours_versions(rows),
            "form": form,
            "effect": effect,
            "seen": seen,
        },
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
    """Show the closures of an office, or of all, and ask for the next one (仕様書 4(3)ア)."""
    place = office_page(code)
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
        asked = CapacityChange(
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
        "secretariat/capacity/offices/closures.html",
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
    """Withdraw a closure of this office, or of all; its slots are offered again, where it closed them."""
    row = closure(closure_id)
    if row.office not in {None, code}:
        raise NotVisible
    place = office_page(row.office or ALL)
    change = partial(services.withdraw_closure, closure_id=closure_id, actor=request.actor)
    try:
        change_offering(
            change=change, places=place.codes, title=f"{place.name} 休業の取下げ", actor=request.actor
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{place.name}の休業を取り下げました。空いている枠の受付を再開します。")
    return redirect("secretariat:offices-closures", code)


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(FORM_METHODS)
def edit_presets(request: StaffRequest, code: str) -> HttpResponse:
    """Show on which days fewer slots are offered, and ask for a change."""
    place = office_page(code)
    only = None if code == ALL else code
    effect, seen = None, carry_seen(request, shown_presets(only))
    form = PresetForm(typed_in(request), initial={"effective_from": clock.today() + timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        change = partial(services.put_preset, office=only, actor=request.actor, **form.cleaned_data)
        kind = dict(form.fields["day_kind"].choices)[form.cleaned_data["day_kind"]]  # type: ignore[attr-defined]
        since = form.cleaned_data["effective_from"]
        asked = CapacityChange(
            change,
            place.codes,
            f"{place.name} {era.staff_day(since)}から {kind}の枠",
            day_bounds(since)[0],
            version=lambda _codes: shown_presets(only),
        )
        seen = asked.words
        outcome = _decide(request, form, asked, back=request.path)
        if isinstance(outcome, HttpResponse):
            return outcome
        effect = outcome
    today = clock.today()
    return render(
        request,
        "secretariat/capacity/offices/presets.html",
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
            "seen": seen,
        },
    )


def _decide(
    request: StaffRequest, form: Form, asked: CapacityChange, *, back: str
) -> HttpResponse | EffectView | None:
    """Save a change that was shown, or show what it would do; a refusal stands in the form."""
    try:
        if request.POST.get("action") == "save":
            return save(request, asked, back=back)
        return preview(request, asked)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
