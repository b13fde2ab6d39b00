"""The six steps of a booking (仕様書 4(3)ア). Each POST does one thing and may be sent twice."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import wraps
from itertools import chain
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.common import clock
from madoguchi.common.births import TooYoung
from madoguchi.common.era import citizen_datetime, citizen_day
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.contract.selectors import booking_rules, procedures, program, wards
from madoguchi.offices.selectors import office as office_row
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.reservations.availability import Run
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    DeadlinePassed,
    HoldExpired,
    NoMoreExtensions,
    NotEligible,
    NotYetOpen,
    Paused,
    SlotFull,
)
from madoguchi.reservations.rules import advise
from madoguchi.reservations.selectors import visit_of
from madoguchi.reservations.submissions import Created
from madoguchi.sealing.shown import shown
from madoguchi.sites.citizen.booking.access import remember_link
from madoguchi.sites.citizen.guide.presenters import text_of, ward_counter
from madoguchi.sites.citizen.pages import page, shared_page, texts, too_many
from madoguchi.sites.citizen.presenters import calendar, offices
from madoguchi.sites.citizen.presenters import person as zzp_person
from madoguchi.sites.citizen.presenters import procedures as presenters
from madoguchi.sites.citizen.reserve.calendar import times_page
from madoguchi.sites.citizen.reserve.draft import (
    Attempt,
    Draft,
    Member,
    as_day,
    attempt_of,
    attempt_or_none,
    begin_or_go_on,
    booked,
    booked_as,
    draft_of,
    remember,
    renews_token,
)
from madoguchi.sites.citizen.reserve.forms import (
    ConsentForm,
    DetailsForm,
    PostalSearchForm,
    ProceduresForm,
    SlotForm,
)
from madoguchi.sites.citizen.reserve.readings import readings_of
from madoguchi.sites.citizen.reserve.work import asks_for_work
from madoguchi.web.days import day_of
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import refuse_unseen, seen_in
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.offering import WEB, bookable_days, offers, open_days, slots_for

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
            attempt = attempt_of(request)
            return _next_person(attempt) or view(request, attempt, *args, **kwargs)
        except HoldExpired:
            made = booked(request)
            # Another tab has booked: this one showed something that was still to be booked.
            if made and request.method == "POST" and seen_in(request) != booked_as(request):
                raise ContentChanged from None
            return _done(made) if made else expired(request)

    return found


def _done(made: Sequence[Created]) -> HttpResponse:
    response = redirect(
        "citizen:reserve-done"
        if len(made) > 1 or not made[0].link_token
        else f"{reverse('citizen:link-show', args=[made[0].link_token])}?step=done"
    )
    for each in made:
        remember_link(response, each.link_token)
    return response


def _next_person(attempt: Attempt, office: str = "") -> HttpResponse | None:
    """Ask for the procedures of the next of those who come; None once all are known."""
    known = len(attempt.draft.members)
    if known >= attempt.draft.people:
        return None
    query = {"person": known + 1, **({"office": office} if office else {})}
    return redirect(f"{reverse('citizen:reserve-procedures')}?{urlencode(query)}")


def person_index(request: HttpRequest, draft: Draft) -> int:
    """Return of which person a page speaks: the first, unless the address or the form says another."""
    text = request.POST.get("person") or request.GET.get("person", "")
    return min(_positive(text), draft.people, len(draft.members) + 1)


def step_url(page: str, number: int) -> str:
    """Return the address of a step for one of several people."""
    return reverse(f"citizen:reserve-{page}") + (f"?person={number}" if number > 1 else "")


def expired(request: HttpRequest, *, is_paused: bool = False) -> HttpResponse:
    """Return the page for somebody whose time ran out or was stopped; what was typed is still there."""
    draft = draft_of(request)
    times = reverse("citizen:reserve-times", args=[draft.office]) if draft.office else ""
    return page(request, "reserve/expired", {"times": times, "is_paused": is_paused}, status=410)


@open_to_everyone
@require_http_methods(GET_POST)
def choose_procedures(request: HttpRequest) -> HttpResponse:
    """Step 1: how many come, what each wants done, and whether a post office can do it."""
    draft = draft_of(request)
    number = person_index(request, draft)
    kwargs: dict[str, Any] = {
        "procedures": procedures(),
        "city": program().city_name,
        "asks_people": number == 1 and not draft.joins,
    }
    attempt = attempt_or_none(request)
    about = _step_shown(attempt, number)
    if "apart" in request.POST and attempt:
        refuse_unseen(request, about)
        attempt.save(joins="")
        return redirect("citizen:reserve-procedures")
    if request.method == "POST":
        form = ProceduresForm(request.POST, **kwargs)
        # Pressed twice: what the first press has kept is what this one says.
        if not (form.is_valid() and _is_kept(form, draft, number)):
            refuse_unseen(request, about)
        if form.is_valid():
            return _after_procedures(request, form, draft, number)
    else:
        typed = {**draft.member(number).typed_procedures, "people": str(draft.people)}
        if wanted := request.GET.getlist("procedure"):
            # The questions of the guide have been answered: nobody is asked the same again.
            typed = {**typed, "procedures": wanted, "who": request.GET.get("who", typed.get("who"))}
        form = ProceduresForm.shown({**typed, "office": request.GET.get("office", "")}, **kwargs)
    return page(
        request,
        "reserve/procedures",
        {
            "form": form,
            "steps": presenters.steps(1),
            "office": _chosen_office(form),
            "person": presenters.person_label(number) if draft.people > 1 else "",
            "number": number,
            "seen": about,
            "back": step_url("procedures", number - 1) if number > 1 else reverse("citizen:guide-top"),
            "joined": _joined(draft),
        },
    )


def _step_shown(attempt: Attempt | None, number: int) -> str:
    """Return what step 1 shows of one person: nothing yet, or what was typed before in whose attempt."""
    if attempt is None:
        return shown("procedures", "", number)
    draft = attempt.draft
    typed = sorted(draft.member(number).typed_procedures.items())
    return shown("procedures", str(attempt.hold.id), number, draft.people, draft.joins, typed)


def _is_kept(form: ProceduresForm, draft: Draft, number: int) -> bool:
    kept = draft.member(number).typed_procedures
    return dict(form.typed()) == dict(kept) and form.how_many(draft.people) == draft.people


def _joined(draft: Draft) -> str:
    """Say when those go with whom somebody comes along."""
    if not draft.joins:
        return ""
    return citizen_datetime(clock.to_jst(visit_of(uuid.UUID(draft.joins)).starts_at))


def _chosen_office(form: ProceduresForm) -> object:
    code = form["office"].value()
    return next((row for row in offices_taking_bookings() if row.code == code), None)


def _after_procedures(request: HttpRequest, form: ProceduresForm, draft: Draft, number: int) -> HttpResponse:
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
    people = form.how_many(draft.people)
    # Who comes with others may go on without the one who cannot be helped here.
    several = number if number > 1 or min(len(draft.members), people) > 1 else 0
    readings = readings_of(form.typed(), conditions.card_expires_on, conditions.cert_expires_on)
    if advice and advice.guidance:
        name = advice.guidance.removeprefix("ward.")
        # A date that was read from a short year is shown, and never stands in an address.
        return _ward_page(request, name, several, readings) if readings else redirect(_ward(name, several))
    if advice and advice.not_before and advice.is_too_early:
        early = zzp_person.too_early(advice.not_before)
        return page(
            request,
            "reserve/too_early",
            {
                "early": early,
                "leave_out": several,
                "person": presenters.person_label(several),
                "readings": readings,
                "again": step_url("procedures", several or 1),
                "seen": _whole_shown(request),
            },
        )
    codes = advice.instead if advice and advice.instead else conditions.procedures
    try:
        attempt = begin_or_go_on(
            request,
            client_address(request),
            number=number,
            people=people,
            procedures=codes,
            is_new_issue=codes != conditions.procedures,
            card_expires_on=_iso(conditions.card_expires_on),
            cert_expires_on=_iso(conditions.cert_expires_on),
            typed_procedures=form.typed(),
        )
    except TooManyTries as refusal:
        return too_many(request, refusal)
    return remember(_next_page(attempt, form.cleaned_data["office"], number), attempt)


def _whole_shown(request: HttpRequest) -> str:
    attempt = attempt_or_none(request)
    return attempt.hold.shown if attempt else ""


def _ward(name: str, leave_out: int) -> str:
    address = reverse("citizen:reserve-ward", args=[name])
    return f"{address}?leave_out={leave_out}" if leave_out else address


def _next_page(attempt: Attempt, office: str, number: int) -> HttpResponse:
    """Go on where the change leads: a held time that still fits is kept."""
    if asked := _next_person(attempt, office):
        return asked
    if attempt.runs():
        return redirect(step_url("details", number))
    if office in {row.code for row in offices_taking_bookings()}:
        return redirect("citizen:reserve-times", office)
    return redirect("citizen:reserve-office")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@open_to_everyone
@require_http_methods(("GET", "HEAD"))
def show_ward(request: HttpRequest, name: str) -> HttpResponse:
    """Say kindly that the ward office does it, and where and when; no time was shown before."""
    leave_out = _positive(request.GET.get("leave_out", "")) if "leave_out" in request.GET else 0
    return _ward_page(request, name, leave_out)


def _ward_page(request: HttpRequest, name: str, leave_out: int, readings: Sequence[str] = ()) -> HttpResponse:
    again = step_url("procedures", leave_out or 1)
    if name == "UNDER_15" and draft_of(request).member(leave_out or 1).person:
        again = f"{step_url('details', leave_out or 1)}#id_birth_date_0"
    found = texts(f"ward.{name}") or texts("ward.WARD_GUIDANCE")
    return page(
        request,
        "reserve/ward",
        {
            "text": text_of(found[0]) if found else None,
            "is_elsewhere": name == "NOT_RESIDENT",
            "wards": wards(),
            "ward": ward_counter(request.GET.get("ward", "")),
            "soon": zzp_person.expires_soon() if name == "EXPIRES_SOON" else None,
            "leave_out": leave_out,
            "seen": _whole_shown(request),
            "person": presenters.person_label(leave_out),
            "again": again,
            "readings": readings,
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
    area = offices.area_of(attempt.draft.postal_code) if by == "postal" else None
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
    slots, *others = (slots_for(codes) for codes in attempt.draft.codes)
    found = offers(
        slots=slots,
        others=others,
        codes=list(chain.from_iterable(attempt.draft.codes)),
        first=first,
        last=last,
        near=near,
        ward_code=ward,
    )
    is_early_first = request.GET.get("order") == "early"
    shown = OFFICES_A_PAGE * _positive(request.GET.get("page", ""))
    order = "early" if is_early_first else ""
    more = {"by": by, "ward": ward, "day": day or "", "order": order, "page": shown // OFFICES_A_PAGE + 1}
    is_full = not (day or ward or others or any(offer.earliest for offer in found))
    search = offices.office_search(
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
            "notices": _notices(attempt.draft),
            "people": attempt.draft.people,
            "back": step_url("procedures", attempt.draft.people),
            "full": offices.all_full(attempt.draft.codes[0], last) if is_full else None,
        },
    )


def _positive(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1  # noqa: PLR2004 - pages of offices


def _notices(draft: Draft) -> list[str]:
    """Say what the dates of expiry mean for the visit, and for how many people times are shown."""
    if len(draft.members) == 1:
        return _notices_of(draft.members[0])
    first, last = draft.visit_days()
    if first and last and first > last:
        return [_("有効期限から見て、全員が手続きできる日がありません。日を分けて、別々に予約してください。")]
    return [
        _("%(people)d人が、同時に、または続けて手続きできる日時だけを表示しています。")
        % {"people": draft.people},
        *(
            presenters.said_of(number, notice)
            for number, member in enumerate(draft.members, start=1)
            for notice in _notices_of(member)
        ),
    ]


def _notices_of(member: Member) -> list[str]:
    read = readings_of(
        member.typed_procedures, as_day(member.card_expires_on), as_day(member.cert_expires_on)
    )
    return [*read, *_bounds_of(member)]


def _bounds_of(member: Member) -> list[str]:
    first, last = member.visit_days()
    if member.is_new_issue:
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
@asks_for_work
def choose_time(request: HttpRequest, office: str) -> HttpResponse:
    """Step 3: the day and the time; pressing the button holds the seats."""
    place = office_row(office)
    try:
        attempt = attempt_of(request)
    except HoldExpired:
        return redirect(f"{reverse('citizen:reserve-procedures')}?office={place.code}")
    if asked := _next_person(attempt, place.code):
        return asked
    notices = _notices(attempt.draft)
    beside = visit_of(uuid.UUID(attempt.draft.joins)).starts_at if attempt.draft.joins else None
    facts = (attempt.draft.codes, attempt.draft.visit_days(), tuple(notices), beside)
    # Not whose attempt it is: to all who ask for the same the page looks the same.
    about = shown("times", facts)
    refuse_unseen(request, about)
    form = SlotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes, *others = attempt.draft.codes
            sessions.hold_slot(
                token=attempt.token, slot=form.cleaned_data["slot"], codes=codes, others=others
            )
        except HoldExpired:
            return expired(request)
        except (SlotFull, DeadlinePassed, NotYetOpen, NotEligible) as refusal:
            form.add_error("slot", refusal.message)
        else:
            attempt.save(office=place.code)
            return _to_details_or_confirm(attempt.draft)

    def render() -> HttpResponse:
        times = times_page(
            request,
            place,
            codes=attempt.draft.codes,
            bounds=attempt.draft.visit_days(),
            hold=attempt.hold.id,
            back=reverse("citizen:reserve-office"),
            beside=beside,
        )
        return page(
            request,
            "reserve/times",
            {
                "form": form,
                "times": times,
                "steps": presenters.steps(3),
                "notices": notices,
                "seen": about,
            },
        )

    # Whoever holds seats sees them as free; to all others who ask for the same the page looks the same.
    is_common = request.method == "GET" and not attempt.hold.slot_ids
    return shared_page(request, facts, render) if is_common else render()


@open_to_everyone
@require_http_methods(GET_POST)
@with_attempt
@renews_token
def enter_details(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Step 4: who comes. Whatever was typed is kept, right or wrong, in time or not."""
    number = person_index(request, attempt.draft)
    member = attempt.draft.member(number)
    codes = member.procedures
    runs = attempt.runs()
    about = _details_of_what_stands(request, attempt, number)
    if request.method == "POST":
        visit_on = clock.to_jst(runs[number - 1].starts_at).date() if runs else None
        form = DetailsForm(request.POST, procedures=codes, visit_on=visit_on)
        typed = form.typed()
        if "fill" in request.POST:
            form = form.with_address()
            attempt.save_member(number, typed_details=form.initial)
        elif "same" in request.POST:
            form = form.with_contact(attempt.draft.members[0].typed_details)
            attempt.save_member(number, typed_details=form.initial)
        elif form.is_valid():
            person = form.person(
                card_expires_on=member.card_expires_on, cert_expires_on=member.cert_expires_on
            )
            attempt = attempt.save_member(number, typed_details=typed, person=person)
            return _after_details(request, attempt)
        else:
            attempt.save_member(number, typed_details=typed)
    else:
        typed = dict(member.typed_details)
        if not typed and attempt.draft.postal_code:
            typed = {"postal_code": attempt.draft.postal_code}
        form = DetailsForm.shown(typed, procedures=codes)
    around: dict[str, Any]
    if runs:
        back = reverse("citizen:reserve-times", args=[attempt.hold.office])
        around = {"hold": _hold_box(attempt, runs), "steps": presenters.steps(4), "back": back}
    elif attempt.draft.wish:
        around = {"back": reverse("citizen:reserve-wait")}
    else:
        return expired(request)
    if number > 1:
        around["back"] = step_url("details", number - 1)
    around["person"] = presenters.person_label(number) if attempt.draft.people > 1 else ""
    if form.has_error("birth_date", TooYoung.code):
        around["ward"] = _ward("UNDER_15", number if attempt.draft.people > 1 else 0)
    return page(request, "reserve/details", {"form": form, "number": number, "seen": about, **around})


def _details_of_what_stands(request: HttpRequest, attempt: Attempt, number: int) -> str:
    """Return what step 4 shows. Raises ContentChanged where the form was another's."""
    about = _details_shown(attempt, number)
    # Nothing is held any more, so that nothing but what was typed can be kept.
    if not attempt.has_lost_its_time:
        refuse_unseen(request, about)
    return about


def _details_shown(attempt: Attempt, number: int) -> str:
    """Return what step 4 shows besides its form: of which person it asks, for what visit."""
    return shown("details", attempt.visit_shown, number)


def _after_details(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Go on to book the time that is held, or to wait for one."""
    if attempt.runs():
        return _to_details_or_confirm(attempt.draft)
    return redirect("citizen:reserve-wait-check") if attempt.draft.wish else expired(request)


def _to_details_or_confirm(draft: Draft) -> HttpResponse:
    if number := draft.nameless:
        return redirect(step_url("details", number))
    return redirect("citizen:reserve-confirm")


def _hold_box(attempt: Attempt, runs: Sequence[Run]) -> calendar.HoldBox:
    hold = attempt.hold
    if hold.held_until is None:
        raise HoldExpired
    rules = booking_rules(clock.now(), hold.office)
    return calendar.hold_box(
        runs=runs,
        office=office_row(hold.office).name,
        held_until=hold.held_until,
        may_extend=hold.extensions < rules.hold_extensions,
    )


@open_to_everyone
@require_POST
@with_attempt
@renews_token
def extend(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Hold the time longer, once; what stands in the form that was sent along is kept."""
    back = "confirm" if request.POST.get("back") == "confirm" else "details"
    number = person_index(request, attempt.draft)
    about = attempt.hold.shown if back == "confirm" else _details_shown(attempt, number)
    if seen_in(request) != about:
        raise ContentChanged(page=step_url(back, number))
    if back == "details":
        form = DetailsForm(request.POST, procedures=attempt.draft.member(number).procedures)
        attempt.save_member(number, typed_details=form.typed())
    # Pressed twice: the first press did it.
    with suppress(NoMoreExtensions):
        sessions.extend_hold(token=attempt.token, people=attempt.draft.people)
    return redirect(step_url(back, number))


@open_to_everyone
@require_POST
def leave_out(request: HttpRequest) -> HttpResponse:
    """Go on with one person fewer; the others keep the beginning of their time."""
    attempt = attempt_or_none(request)
    if attempt is None or len(attempt.draft.members) + attempt.draft.people == 2:  # noqa: PLR2004 - one alone
        return redirect("citizen:reserve-procedures")
    if seen_in(request) != attempt.hold.shown:
        raise ContentChanged(page=step_url("procedures", person_index(request, attempt.draft)))
    draft = attempt.draft.without(person_index(request, attempt.draft))
    attempt = attempt.save(people=draft.people, members=draft.members)
    if asked := _next_person(attempt):
        return asked
    if not attempt.hold.is_live:
        return redirect("citizen:reserve-office")
    codes, *others = draft.codes
    try:
        sessions.hold_slot(token=attempt.token, slot=attempt.hold.slot_ids[0], codes=codes, others=others)
    except Refusal:
        return redirect("citizen:reserve-times", attempt.hold.office)
    return _to_details_or_confirm(draft)


@open_to_everyone
@require_http_methods(GET_POST)
@with_attempt
def confirm(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Step 5: everything once more; the press books."""
    if number := attempt.draft.nameless:
        return redirect(step_url("details", number))
    if attempt.has_lost_its_time:
        return expired(request)
    about = attempt.hold.shown
    refuse_unseen(request, about)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    visitors = [booking.Visitor(member.procedures, member.as_person()) for member in attempt.draft.members]
    if request.method == "POST" and form.is_valid() and (done := _book(request, attempt, visitors, form)):
        return done
    runs = attempt.runs()
    if runs is None:
        return expired(request)
    place = office_row(attempt.hold.office)
    visits = [(visitor.procedures, visitor.person) for visitor in visitors]
    groups = (
        zzp_person.family_groups(visits=visits, runs=runs, office=place)
        if len(visits) > 1
        else zzp_person.confirm_groups(
            draft_codes=visits[0][0], person=visits[0][1], office=place, starts_at=runs[0].starts_at
        )
    )
    return page(
        request,
        "reserve/confirm",
        {
            "form": form,
            "groups": groups,
            "hold": _hold_box(attempt, runs),
            "steps": presenters.steps(5),
            "seen": about,
        },
    )


def _book(
    request: HttpRequest, attempt: Attempt, visitors: Sequence[booking.Visitor], form: ConsentForm
) -> HttpResponse | None:
    """Book, and return where that leads; None when the page says what stands against it, and for whom."""
    joins = uuid.UUID(attempt.draft.joins) if attempt.draft.joins else None
    try:
        made = booking.book_together(
            token=attempt.token, visitors=visitors, joins=joins, seen=seen_in(request)
        )
    except Paused:
        return expired(request, is_paused=True)
    except (SlotFull, HoldExpired):
        return expired(request)
    except AlreadyCancelled:
        attempt.save(joins="")
        form.add_error(None, _("いっしょに行く方の予約は、取り消されています。この方だけで予約できます。"))
    except ContentChanged:
        raise
    except Refusal as refusal:
        number = int(str(refusal.fields.get("person", 1))) if len(visitors) > 1 else 0
        if refusal.fields.get("guidance") == "ward.UNDER_15":
            return redirect(_ward("UNDER_15", number))
        form.add_error(None, presenters.said_of(number, refusal.message))
    else:
        return _done(made)
    return None
