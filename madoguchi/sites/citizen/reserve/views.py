"""The six steps of a booking (仕様書 4(3)ア). Each POST does one thing and may be sent twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.common import clock
from madoguchi.common.era import citizen_day
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import booking_rules, procedures, program, wards
from madoguchi.offices.selectors import office as office_row
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.reservations.errors import (
    DeadlinePassed,
    HoldExpired,
    NoMoreExtensions,
    NotEligible,
    NotYetOpen,
    SlotFull,
    TooManyTries,
)
from madoguchi.reservations.people import Person
from madoguchi.reservations.rules import advise
from madoguchi.sites.citizen.guide.presenters import text_of, ward_counter
from madoguchi.sites.citizen.pages import page, shared_page, texts, too_many
from madoguchi.sites.citizen.reserve import presenters
from madoguchi.sites.citizen.reserve.calendar import times_page
from madoguchi.sites.citizen.reserve.draft import (
    Attempt,
    attempt_of,
    begin_or_go_on,
    booked_link,
    draft_of,
    remember,
)
from madoguchi.sites.citizen.reserve.forms import (
    ConsentForm,
    DetailsForm,
    PostalSearchForm,
    ProceduresForm,
    SlotForm,
)
from madoguchi.web.days import day_of
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.workflows import booking
from madoguchi.workflows.offering import WEB, bookable_days, offers, open_days, slots_for

P = ParamSpec("P")
OFFICES_A_PAGE = 5
GET_POST = ("GET", "HEAD", "POST")


def with_attempt(
    view: Callable[Concatenate[HttpRequest, Attempt, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the attempt of this browser; one that is booked leads to its booking.

    Without any, say kindly that it has to start again.
    """

    @wraps(view)
    def found(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, attempt_of(request), *args, **kwargs)
        except HoldExpired:
            token = booked_link(request)
            return _done(token) if token else expired(request)

    return found


def _done(token: str) -> HttpResponse:
    return redirect(f"{reverse('citizen:link-show', args=[token])}?step=done")


def expired(request: HttpRequest) -> HttpResponse:
    """Return the page for somebody whose time ran out; what was typed is still there if the draft is."""
    draft = draft_of(request)
    times = reverse("citizen:reserve-times", args=[draft.office]) if draft.office else ""
    return page(request, "reserve/expired", {"times": times}, status=410)


@open_to_everyone
@require_http_methods(GET_POST)
def choose_procedures(request: HttpRequest) -> HttpResponse:
    """Step 1: what is to be done, and whether a post office can do it."""
    kwargs: dict[str, Any] = {"procedures": procedures(), "city": program().city_name}
    if request.method == "POST":
        form = ProceduresForm(request.POST, **kwargs)
        if form.is_valid():
            return _after_procedures(request, form)
    else:
        typed = draft_of(request).typed_procedures
        if wanted := request.GET.getlist("procedure"):
            # The questions of the guide have been answered: nobody is asked the same again.
            typed = {**typed, "procedures": wanted, "who": request.GET.get("who", typed.get("who"))}
        form = ProceduresForm.shown({**typed, "office": request.GET.get("office", "")}, **kwargs)
    return page(
        request,
        "reserve/procedures",
        {"form": form, "steps": presenters.steps(1), "office": _chosen_office(form)},
    )


def _chosen_office(form: ProceduresForm) -> object:
    code = form["office"].value()
    return next((row for row in offices_taking_bookings() if row.code == code), None)


def _after_procedures(request: HttpRequest, form: ProceduresForm) -> HttpResponse:
    conditions = form.conditions_row()
    rules = booking_rules(clock.now())
    days = bookable_days(channel=WEB)
    advice = advise(
        conditions,
        today=clock.today(),
        first=days.first,
        last=days.last,
        window_months=rules.renewal_window_months,
    )
    if advice and advice.guidance:
        return redirect("citizen:reserve-ward", name=advice.guidance.removeprefix("ward."))
    if advice and advice.not_before and advice.is_too_early:
        return page(request, "reserve/too_early", {"early": presenters.too_early(advice.not_before)})
    codes = advice.instead if advice and advice.instead else conditions.procedures
    try:
        attempt = begin_or_go_on(
            request,
            client_address(request),
            procedures=codes,
            is_new_issue=codes != conditions.procedures,
            card_expires_on=_iso(conditions.card_expires_on),
            cert_expires_on=_iso(conditions.cert_expires_on),
            typed_procedures=form.typed(),
        )
    except TooManyTries as refusal:
        return too_many(request, refusal)
    return remember(_next_page(attempt, form.cleaned_data["office"]), attempt)


def _next_page(attempt: Attempt, office: str) -> HttpResponse:
    """Go on where the change leads: a held time that still fits is kept."""
    hold = attempt.hold
    if hold.is_live and len(hold.slot_ids) == slots_for(attempt.draft.procedures):
        return redirect("citizen:reserve-details")
    if office in {row.code for row in offices_taking_bookings()}:
        return redirect("citizen:reserve-times", office)
    return redirect("citizen:reserve-office")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@open_to_everyone
@require_http_methods(("GET", "HEAD"))
def show_ward(request: HttpRequest, name: str) -> HttpResponse:
    """Say kindly that the ward office does it, and where and when; no time was shown before."""
    found = texts(f"ward.{name}") or texts("ward.WARD_GUIDANCE")
    return page(
        request,
        "reserve/ward",
        {
            "text": text_of(found[0]) if found else None,
            "is_elsewhere": name == "NOT_RESIDENT",
            "wards": wards(),
            "ward": ward_counter(request.GET.get("ward", "")),
            "soon": presenters.expires_soon() if name == "EXPIRES_SOON" else None,
        },
    )


@open_to_everyone
@require_http_methods(GET_POST)
@with_attempt
def choose_office(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Step 2: by postal code, by ward, by day, or by the earliest time."""
    form = PostalSearchForm(initial={"postal_code": attempt.draft.postal_code})
    if request.method == "POST":
        form = PostalSearchForm(request.POST)
        if form.is_valid():
            attempt.save(postal_code=form.cleaned_data["postal_code"])
            return redirect(reverse("citizen:reserve-office") + "#offices")
    by = request.GET.get("by", "postal")
    ward = request.GET.get("ward", "") if by == "ward" else ""
    ward = ward if ward in {row.code for row in wards()} else ""
    area = presenters.area_of(attempt.draft.postal_code) if by == "postal" else None
    near = (
        (area.latitude, area.longitude)
        if area and area.latitude is not None and area.longitude is not None
        else None
    )
    first, last = attempt.draft.visit_days()
    days = open_days(channel=WEB, first=first, last=last) if by == "date" else []
    day = next((each for each in days if each == day_of(request.GET.get("day", ""))), None)
    if day:
        first = last = day
    codes = attempt.draft.procedures
    found = offers(slots=slots_for(codes), first=first, last=last, near=near, ward_code=ward)
    is_early_first = request.GET.get("order") == "early"
    shown = OFFICES_A_PAGE * _positive(request.GET.get("page", ""))
    order = "early" if is_early_first else ""
    more = {"by": by, "ward": ward, "day": day or "", "order": order, "page": shown // OFFICES_A_PAGE + 1}
    is_full = not day and not ward and not any(offer.earliest for offer in found)
    search = presenters.office_search(
        found,
        by=by,
        ward=ward,
        area=area if near else None,
        is_early_first=is_early_first,
        total=len(offices_taking_bookings()),
        shown=shown,
        more=f"?{urlencode(more)}",
        days=days,
        day=day,
    )
    return page(
        request,
        "reserve/office",
        {
            "form": form,
            "search": search,
            "steps": presenters.steps(2),
            "notices": _notices(attempt),
            "full": presenters.all_full(codes, last) if is_full else None,
        },
    )


def _positive(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1  # noqa: PLR2004 - pages of offices


def _notices(attempt: Attempt) -> list[str]:
    """Say what the dates of expiry mean for the visit."""
    first, last = attempt.draft.visit_days()
    if attempt.draft.is_new_issue:
        return [
            _(
                "電子証明書の有効期限が過ぎているため、「電子証明書の新規発行」として予約します。"
                "手数料はかかりません。"
            )
        ]
    if first and first > clock.today():
        return [_("電子証明書の更新は、%(day)sから手続きできます。") % {"day": citizen_day(first)}]
    if last and last < clock.today() + timedelta(days=booking_rules(clock.now()).opens_days_before):
        return [
            _("有効期限の%(day)sまでに手続きできる日時だけを表示しています。") % {"day": citizen_day(last)}
        ]
    return []


@open_to_everyone
@require_http_methods(GET_POST)
def choose_time(request: HttpRequest, office: str) -> HttpResponse:
    """Step 3: the day and the time; pressing the button holds the seats."""
    place = office_row(office)
    try:
        attempt = attempt_of(request)
    except HoldExpired:
        return redirect(f"{reverse('citizen:reserve-procedures')}?office={place.code}")
    form = SlotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            booking.hold_slot(
                token=attempt.token, slot=form.cleaned_data["slot"], codes=attempt.draft.procedures
            )
        except HoldExpired:
            return expired(request)
        except (SlotFull, DeadlinePassed, NotYetOpen, NotEligible) as refusal:
            form.add_error("slot", refusal.message)
        else:
            attempt.save(office=place.code)
            return redirect("citizen:reserve-confirm" if attempt.draft.person else "citizen:reserve-details")
    notices = _notices(attempt)
    facts = (attempt.draft.procedures, attempt.draft.visit_days(), tuple(notices))

    def render() -> HttpResponse:
        times = times_page(
            request,
            place,
            codes=attempt.draft.procedures,
            bounds=attempt.draft.visit_days(),
            hold=attempt.hold.id,
            back=reverse("citizen:reserve-office"),
        )
        return page(
            request,
            "reserve/times",
            {"form": form, "times": times, "steps": presenters.steps(3), "notices": notices},
        )

    # Whoever holds seats sees them as free; to all others who ask for the same the page looks the same.
    is_common = request.method == "GET" and not attempt.hold.slot_ids
    return shared_page(request, facts, render) if is_common else render()


@open_to_everyone
@require_http_methods(GET_POST)
@with_attempt
def enter_details(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Step 4: who comes. Whatever was typed is kept, right or wrong, in time or not."""
    codes = attempt.draft.procedures
    if request.method == "POST":
        form = DetailsForm(request.POST, procedures=codes)
        typed = form.typed()
        if "fill" in request.POST:
            form = form.with_address()
            attempt.save(typed_details=form.initial)
        elif form.is_valid():
            person = form.person(
                card_expires_on=attempt.draft.card_expires_on, cert_expires_on=attempt.draft.cert_expires_on
            )
            attempt.save(typed_details=typed, person=person)
            return _after_details(request, attempt)
        else:
            attempt.save(typed_details=typed)
    else:
        typed = dict(attempt.draft.typed_details)
        if not typed and attempt.draft.postal_code:
            typed = {"postal_code": attempt.draft.postal_code}
        form = DetailsForm.shown(typed, procedures=codes)
    if attempt.hold.is_live:
        back = reverse("citizen:reserve-times", args=[attempt.hold.office])
        around = {"hold": _hold_box(attempt), "steps": presenters.steps(4), "back": back}
    elif attempt.draft.wish:
        around = {"back": reverse("citizen:reserve-wait")}
    else:
        return expired(request)
    return page(request, "reserve/details", {"form": form, **around})


def _after_details(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Go on to book the time that is held, or to wait for one."""
    if attempt.hold.is_live:
        return redirect("citizen:reserve-confirm")
    return redirect("citizen:reserve-wait-check") if attempt.draft.wish else expired(request)


def _hold_box(attempt: Attempt) -> presenters.HoldBox:
    hold = attempt.hold
    if hold.held_until is None or hold.starts_at is None:
        raise HoldExpired
    rules = booking_rules(clock.now(), hold.office)
    return presenters.hold_box(
        office=office_row(hold.office).name,
        starts_at=hold.starts_at,
        held_until=hold.held_until,
        may_extend=hold.extensions < rules.hold_extensions,
    )


@open_to_everyone
@require_POST
@with_attempt
def extend(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Hold the time longer, once; what stands in the form that was sent along is kept."""
    back = "confirm" if request.POST.get("back") == "confirm" else "details"
    if back == "details":
        attempt.save(typed_details=DetailsForm(request.POST, procedures=attempt.draft.procedures).typed())
    # Pressed twice: the first press did it.
    with suppress(NoMoreExtensions):
        booking.extend_hold(token=attempt.token)
    return redirect(f"citizen:reserve-{back}")


@open_to_everyone
@require_http_methods(GET_POST)
@with_attempt
def confirm(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Step 5: everything once more; the press books."""
    if not attempt.draft.person:
        return redirect("citizen:reserve-details")
    form = ConsentForm(request.POST if request.method == "POST" else None)
    person = attempt.draft.as_person()
    if request.method == "POST" and form.is_valid() and (done := _book(request, attempt, person, form)):
        return done
    if attempt.hold.starts_at is None or not attempt.hold.is_live:
        return expired(request)
    groups = presenters.confirm_groups(
        draft_codes=attempt.draft.procedures,
        person=person,
        office=office_row(attempt.hold.office),
        starts_at=attempt.hold.starts_at,
    )
    return page(
        request,
        "reserve/confirm",
        {"form": form, "groups": groups, "hold": _hold_box(attempt), "steps": presenters.steps(5)},
    )


def _book(request: HttpRequest, attempt: Attempt, person: Person, form: ConsentForm) -> HttpResponse | None:
    """Book, and return where that leads; None when the page says what stands against it."""
    try:
        made = booking.book_held(token=attempt.token, procedures=attempt.draft.procedures, person=person)
    except (SlotFull, HoldExpired):
        return expired(request)
    except NotEligible as refusal:
        name = str(refusal.fields.get("guidance", "")).removeprefix("ward.")
        if name == "UNDER_15":
            return redirect("citizen:reserve-ward", name=name)
        form.add_error(None, refusal.message)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
    else:
        return _done(made.link_token)
    return None
