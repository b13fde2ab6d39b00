"""Look up, change and cancel a booking (仕様書 4(3)ア). A GET only shows; a POST acts, and may come twice."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.audit.actor import CITIZEN
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.names import mask_email
from madoguchi.common.phones import show_phone
from madoguchi.contract.selectors import program
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.rendering.ics import calendar_file
from madoguchi.reservations import access_codes
from madoguchi.reservations.errors import AlreadyCancelled
from madoguchi.reservations.selectors import Companion, ReservationRow, companions, reservation
from madoguchi.sites.citizen.booking import moving, presenters
from madoguchi.sites.citizen.booking.access import (
    Access,
    access,
    by_known_browser,
    grant,
    remember_link,
)
from madoguchi.sites.citizen.booking.forms import (
    BirthDateForm,
    CancelForm,
    CodeForm,
    ContactForm,
    LookupForm,
    PhoneEndForm,
)
from madoguchi.sites.citizen.pages import page, too_many
from madoguchi.sites.citizen.presenters.procedures import steps
from madoguchi.sites.citizen.reserve.forms import SlotForm
from madoguchi.sites.citizen.reserve.session import FormData, begin, booked, remember, session_or_none
from madoguchi.web.forms import add_refusal
from madoguchi.web.kept import SeeOther
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import (
    carry_seen,
    is_shown_anew,
    pressed_in,
    refuse_unseen,
    seen_in,
    typed_form,
    typed_in,
)
from madoguchi.workflows.booking import changes, lookup, sessions
from madoguchi.workflows.booking.offering import WEB, run_for
from madoguchi.workflows.messages.mail import calendar_entry
from madoguchi.workflows.privacy import access as privacy_access

GET_POST = ("GET", "HEAD", "POST")


@open_to_everyone
@require_http_methods(GET_POST)
def look_up(request: HttpRequest) -> HttpResponse:
    """Find a booking by reference and birth date; a wrong one of either gives the same answer."""
    form = LookupForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = lookup.look_up(**form.cleaned_data, source=client_address(request))
        except TooManyTries as refusal:
            return too_many(request, refusal)
        except NotVisible:
            form.add_error(
                None, _("予約が見つかりませんでした。予約番号と生年月日を、もう一度お確かめください。")
            )
        else:
            return grant(found, is_full=False)
    return page(request, "booking/lookup", {"form": form})


AFTER_CONFIRMING = ("show", "slip", "calendar", "change", "procedures", "contact", "cancel")


@open_to_everyone
@require_http_methods(GET_POST)
def confirm_person(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the birth date before a link shows anything: the mail may have gone to a wrong address."""
    found = access(request, token)
    to, is_done = request.GET.get("to", ""), request.GET.get("step") == "done"
    after = found.url(to if to in AFTER_CONFIRMING else "show") + ("?step=done" if is_done else "")
    form = BirthDateForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            lookup.confirm_person(
                reservation_id=found.reservation_id,
                birth_date=form.cleaned_data["birth_date"],
                source=client_address(request),
            )
        except TooManyTries as refusal:
            return too_many(request, refusal)
        except NotVisible:
            form.add_error("birth_date", _("この予約の生年月日と合いません。もう一度お確かめください。"))
        else:
            return remember_link(redirect(after), token)
    return page(request, "booking/confirm_person", {"form": form, "is_done": is_done})


def open_booking(found: Access) -> ReservationRow:
    """Return the booking; full access is recorded."""
    if found.is_full:
        return privacy_access.open_reservation(
            reservation_id=found.reservation_id, actor=CITIZEN, scope=BY_OWN_SECRET
        )
    return reservation(found.reservation_id, scope=BY_OWN_SECRET)


def describe(row: ReservationRow, found: Access, others: Sequence[Companion] = ()) -> presenters.Booking:
    """Return what the pages of a booking show."""
    city = program()
    return presenters.booking_of(
        row, found, call_centre=city.call_centre_name, phone=city.call_centre_phone, others=others
    )


@open_to_everyone
@require_safe
@by_known_browser
def show(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Show a booking: all of it, or what reference and birth date open."""
    try:
        found = access(request, token, key)
    except NotVisible:
        if token:
            raise
        return redirect("citizen:booking-lookup")
    row = open_booking(found)
    described = describe(row, found, companions(row, scope=BY_OWN_SECRET))
    is_done = request.GET.get("step") == "done" and described.is_active and found.is_full
    return page(
        request,
        "booking/show",
        {
            "booking": described,
            "phone_end": PhoneEndForm(),
            "changed": request.GET.get("changed", ""),
            "steps": steps(6) if is_done else [],
            "has_just_cancelled": "cancelled" in request.GET and described.is_cancelled,
        },
    )


@open_to_everyone
@require_safe
def show_done(request: HttpRequest) -> HttpResponse:
    """Show all that this browser has just booked for several people; afterwards each link shows its own."""
    made = booked(request)
    if not made:
        return redirect("citizen:booking-lookup")
    rows = privacy_access.open_reservations(
        reservations=[each.id for each in made], actor=CITIZEN, scope=BY_OWN_SECRET
    )
    return page(request, "reserve/done", {"family": presenters.family_of(rows), "steps": steps(6)})


@open_to_everyone
@require_POST
@by_known_browser
def add_person(request: HttpRequest, token: str) -> HttpResponse:
    """Begin a booking for a companion at a time nearby; a repeated request begins anew."""
    found = access(request, token)
    row = reservation(found.reservation_id, scope=BY_OWN_SECRET)
    if not describe(row, found, companions(row, scope=BY_OWN_SECRET)).may_add:
        return redirect(found.url("show"))
    if before := session_or_none(request):
        sessions.release_hold(token=before.token)
    try:
        session = begin(client_address(request), FormData(joins=str(row.id), office=row.office))
    except TooManyTries as refusal:
        return too_many(request, refusal)
    return remember(redirect(f"{reverse('citizen:reserve-procedures')}?office={row.office}"), session)


@open_to_everyone
@require_safe
@by_known_browser
def show_slip(request: HttpRequest, token: str) -> HttpResponse:
    """Show the booking as a slip for paper."""
    found = access(request, token)
    return page(request, "booking/slip", {"booking": describe(open_booking(found), found)})


@open_to_everyone
@require_safe
@by_known_browser
def show_calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """Give the visit as a file for the owner's calendar."""
    found = access(request, token)
    row = open_booking(found)
    content = calendar_file(calendar_entry(row), cancelled=not row.is_booked)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="yoyaku.ics"', "Cache-Control": "no-store"},
    )


@open_to_everyone
@require_http_methods(GET_POST)
def show_place(request: HttpRequest, key: str) -> HttpResponse:
    """Show the place to who also knows the last four digits of the telephone number, for a while."""
    found = access(request, "", key)
    row = reservation(found.reservation_id, scope=BY_OWN_SECRET)
    to = "change" if request.GET.get("to") == "change" else "show"
    form = PhoneEndForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            lookup.confirm_phone_end(
                reservation_id=row.id, digits=form.cleaned_data["phone_end"], source=client_address(request)
            )
        except TooManyTries as refusal:
            return too_many(request, refusal)
        except NotVisible:
            form.add_error("phone_end", _("登録した電話番号の下4桁と合いません。もう一度お確かめください。"))
        else:
            return grant(row.id, is_full=found.is_full, key=key, place=row.office, to=to)
    return page(request, "booking/place", {"form": form, "back": found.url(to)})


@open_to_everyone
@require_POST
def send_code(request: HttpRequest, key: str) -> HttpResponse:
    """Mail a code to the registered address."""
    found = access(request, "", key)
    try:
        lookup.send_access_code(reservation_id=found.reservation_id, source=client_address(request))
    except TooManyTries as refusal:
        return too_many(request, refusal)
    return redirect(found.url("code-use"))


@open_to_everyone
@require_http_methods(GET_POST)
def use_code(request: HttpRequest, key: str) -> HttpResponse:
    """Check the access code, which unlocks the whole booking in this browser for a while."""
    found = access(request, "", key)
    row = reservation(found.reservation_id, scope=BY_OWN_SECRET)
    form = CodeForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        if found.is_full:
            return redirect(found.url("show"))
        try:
            lookup.use_access_code(
                reservation_id=found.reservation_id,
                code=form.cleaned_data["code"],
                source=client_address(request),
            )
        except TooManyTries as refusal:
            return too_many(request, refusal)
        except Refusal as refusal:
            add_refusal(form, refusal, field="code")
        else:
            return grant(found.reservation_id, is_full=True, key=key)
    return page(
        request,
        "booking/code",
        {
            "form": form,
            "email": mask_email(row.person.email),
            "minutes": access_codes.CODE_MINUTES,
            "send": found.url("code"),
            "back": found.url("show"),
        },
    )


@open_to_everyone
@require_http_methods(GET_POST)
@by_known_browser
def change(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Choose another time, at the same office or another, then confirm; the old time is kept until then."""
    found = access(request, token, key)
    row = reservation(found.reservation_id, scope=BY_OWN_SECRET)
    described = describe(row, found)
    if not (described.is_active and described.may_change):
        return redirect(found.url("show"))
    form = SlotForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        slot = form.cleaned_data["slot"]
        if "sure" not in request.POST:
            refuse_unseen(request, row.shown)
            query = request.GET.copy()
            query["slot"] = str(slot)
            return SeeOther(f"{found.url('change')}?{query.urlencode()}")
        try:
            changes.move(reservation_id=row.id, slot=slot, actor=CITIZEN, channel=WEB, seen=seen_in(request))
        except Refusal as refusal:
            add_refusal(form, refusal, field="slot")
        else:
            return moving.moved(found, was=row.office, now_at=run_for(slot, row.procedures))
    chosen = SlotForm(request.GET)
    if pressed_in(request) is None and not is_shown_anew(request) and chosen.is_valid():
        return moving.confirm_change(request, row, found, chosen.cleaned_data["slot"])
    return moving.choose_change(request, row, found, form)


@open_to_everyone
@require_http_methods(GET_POST)
@by_known_browser
def correct_contact(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Correct telephone, mail and needs; only for somebody who may see all of the booking."""
    found = access(request, token, key)
    if not found.is_full:
        raise NotVisible
    row = open_booking(found)
    if not describe(row, found).is_active:
        return redirect(found.url("show"))
    person = row.person
    initial = {
        "phone": show_phone(person.phone),
        "email": person.email,
        "contact_by": person.contact_by,
        "needs": person.details.needs,
    }
    form = typed_form(request, ContactForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        details = replace(person.details, needs=tuple(typed["needs"]))
        contact = {name: typed[name] for name in ("phone", "email", "contact_by")}
        try:
            changes.correct(
                reservation_id=row.id,
                person=replace(person, **contact, details=details),
                actor=CITIZEN,
                seen=seen_in(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(found.url("show"))
    return page(
        request,
        "booking/contact",
        {"form": form, "back": found.url("show"), "seen": carry_seen(request, row.shown_person)},
    )


@open_to_everyone
@require_http_methods(GET_POST)
@by_known_browser
def cancel(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Cancel, after one question; the reason is optional."""
    found = access(request, token, key)
    row = reservation(found.reservation_id, scope=BY_OWN_SECRET)
    described = describe(row, found)
    form = CancelForm(typed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.cancel(
                reservation_id=row.id,
                actor=CITIZEN,
                channel=WEB,
                reason=form.cleaned_data["reason"] or "NOT_GIVEN",
                seen=seen_in(request),
            )
        except AlreadyCancelled:
            pass  # Pressed twice: the first press did it.
        except Refusal as refusal:
            add_refusal(form, refusal)
        if not form.errors:
            return redirect(f"{found.url('show')}?cancelled=1")
    if not (described.is_active and described.may_cancel):
        return redirect(found.url("show"))
    return page(
        request,
        "booking/cancel",
        {
            "form": form,
            "rows": described.visit,
            "back": found.url("show"),
            "seen": carry_seen(request, row.shown),
        },
    )
