"""The waiting list for citizens: wish, confirmation, offer, leaving (仕様書 4(3)ア)."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.names import mask_email
from madoguchi.common.references import show_reference
from madoguchi.notifications.selectors import has_mail_failed
from madoguchi.offices.selectors import OfficeRow, offices_taking_bookings
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting import wait_of
from madoguchi.reservations.waiting_entries import WaitingVisitor, WaitRow
from madoguchi.sites.citizen.booking.presenters import image_of
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.person import person_rows, procedure_row
from madoguchi.sites.citizen.presenters.procedures import Link, SummaryGroup, person_label, said_of
from madoguchi.sites.citizen.reserve.flow import step_url, with_session
from madoguchi.sites.citizen.reserve.forms import ConsentForm
from madoguchi.sites.citizen.reserve.session import COOKIE, OpenSession
from madoguchi.sites.citizen.waiting import presenters
from madoguchi.sites.citizen.waiting.forms import WishForm, read_day, read_time, wish_of
from madoguchi.web.cookies import drop_cookie
from madoguchi.web.kept import left_in
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import pressed_in, refuse_unseen, seen_in
from madoguchi.workflows.booking import waiting
from madoguchi.workflows.booking.offering import WEB, open_days

GET_POST = ("GET", "HEAD", "POST")


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
def choose_wish(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Ask which offices, days and times of day would do."""
    days = _days(session)
    day, at = read_day(request.GET.get("day", "")), read_time(request.GET.get("at", ""))
    kept = session.form_data.wish.get("times", "")
    kwargs: dict[str, Any] = {
        "offices": _offices(request.GET.get("office") or session.form_data.office),
        "days": days,
        "at": at or read_time(kept),
    }
    about = session.visit_shown
    if typed := pressed_in(request) or left_in(request):
        form = WishForm(typed, **kwargs)
        # Pressed twice: what the first press has kept is what this one says.
        if not (form.is_valid() and form.typed() == dict(session.form_data.wish)):
            refuse_unseen(request, about)
        if request.method == "POST" and form.is_valid():
            session.save(wish=form.typed())
            return redirect("citizen:reserve-details")
    else:
        chosen = {
            "offices": [request.GET.get("office", "")],
            "first_day": (day or days[0]).isoformat() if days else "",
            "last_day": (day or days[-1]).isoformat() if days else "",
            "times": f"{at:%H:%M}" if at else "any",
        }
        # Who comes from a full day or a full time waits for that one, whatever was wished for before.
        form = WishForm.shown(chosen if day else session.form_data.wish or chosen, **kwargs)
    return page(
        request,
        "waiting/wish",
        {
            "form": form,
            "days": days,
            "back": reverse("citizen:reserve-office"),
            "seen": about,
            "answer": presenters.answer_time(by_phone=False),
        },
    )


def _days(session: OpenSession) -> list[date]:
    first, last = session.form_data.visit_days()
    return open_days(channel=WEB, first=first, last=last)


def _offices(first: str) -> list[OfficeRow]:
    rows = list(offices_taking_bookings())
    here = next((row for row in rows if row.code == first), None)
    origin = here.lat_lon if here else None
    if origin is None:
        return rows
    return sorted(rows, key=lambda row: (row.code != first, row.km_from(origin) or 0.0))


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
def check(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Show everything for confirmation; a POST adds the person to the list."""
    if not session.form_data.wish:
        return redirect("citizen:reserve-wait")
    if number := session.form_data.nameless:
        return redirect(step_url("details", number))
    wish = wish_of(dict(session.form_data.wish))
    first, *others = [
        WaitingVisitor(member.procedures, member.as_person()) for member in session.form_data.members
    ]
    about = session.row.shown
    refuse_unseen(request, about)
    form = ConsentForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = waiting.enter(
                person=first.person, procedures=first.procedures, companions=others, wish=wish
            )
        except Refusal as refusal:
            number = int(str(refusal.fields.get("person", 1))) if others else 0
            form.add_error(None, said_of(number, refusal.message))
        else:
            emptied = (replace(each, person={}, typed_details={}) for each in session.form_data.members)
            session.save(wish={}, members=tuple(emptied))
            response = redirect(f"{reverse('citizen:wait-show', args=[row.link_token])}?step=done")
            drop_cookie(response, COOKIE)
            return response
    visits = [each.procedures for each in (first, *others)]
    rows = presenters.wish_rows(wish, visits, change=reverse("citizen:reserve-wait"))
    groups = [
        SummaryGroup(_("空きを待つ条件"), rows),
        *(
            SummaryGroup(
                person_label(place) if others else _("お名前など"),
                [
                    *([procedure_row(each.procedures, each.person)] if others else []),
                    *person_rows(each.person, change=step_url("details", place)),
                ],
            )
            for place, each in enumerate((first, *others), start=1)
        ),
    ]
    return page(request, "waiting/check", {"form": form, "groups": groups, "seen": about})


@open_to_everyone
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the state of a waiting entry and its offer."""
    return _shown(request, wait_of(token))


def _shown(request: HttpRequest, row: WaitRow, *, message: str = "") -> HttpResponse:
    return page(
        request,
        "waiting/show",
        {
            **_context(row),
            "is_waiting": row.state == "WAITING",
            "is_new": request.GET.get("step") == "done",
            "has_passed": request.GET.get("step") == "passed",
            "booked": _links_to_booked(row),
            "by_phone": not row.person.email,
            "failed_address": _failed_address(row),
            "offer": presenters.offer_rows(row) if row.is_open else [],
            "message": message,
        },
        status=409 if message else 200,
    )


def _context(row: WaitRow) -> dict[str, object]:
    """Return what page and slip show of a waiting entry."""
    link = f"{settings.SITE_URL}{reverse('citizen:wait-show', args=[row.link_token])}"
    return {
        "wait": row,
        "reference": show_reference(row.reference),
        "link": link,
        "code_image": image_of(link),
        "wish": presenters.wish_rows(row.wish, [each.procedures for each in row.visitors]),
        "answer": presenters.answer_time(by_phone=not row.person.email),
    }


def _links_to_booked(row: WaitRow) -> list[Link]:
    """Return the way to the visit of each of a family that took its offer; who it is, is asked there."""
    if row.state != "BOOKED" or len(row.visitors) == 1:
        return []
    return [
        Link(person_label(number), reverse("citizen:link-show", args=[made.link_token]))
        for number, made in enumerate(waiting.booked(row), start=1)
        if made.link_token
    ]


def _failed_address(row: WaitRow) -> str:
    """Return the address, masked, to which the last mail about the waiting could not be sent, or ""."""
    email = row.person.email
    is_failing = row.ended_at is None and email and has_mail_failed(target=str(row.id), address=email)
    return mask_email(email) if is_failing else ""


@open_to_everyone
@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Book what is offered; a family is shown the way to each of its visits."""
    try:
        made = waiting.accept(token=token, seen=seen_in(request))
    except Refusal as refusal:
        return _shown(request, wait_of(token), message=refusal.message)
    if len(made) > 1:
        return redirect("citizen:wait-show", token)
    link = reservation(made[0].id, scope=BY_OWN_SECRET).link_token
    return redirect(f"{reverse('citizen:link-show', args=[link])}?step=done")


@open_to_everyone
@require_POST
def pass_offer(request: HttpRequest, token: str) -> HttpResponse:
    """Pass on the time that is offered, and go on waiting."""
    try:
        waiting.pass_offer(token=token, seen=seen_in(request))
    except Refusal as refusal:
        return _shown(request, wait_of(token), message=refusal.message)
    return redirect(f"{reverse('citizen:wait-show', args=[token])}?step=passed")


@open_to_everyone
@require_safe
def show_slip(request: HttpRequest, token: str) -> HttpResponse:
    """Show the waiting as a slip for paper."""
    return page(request, "waiting/slip", _context(wait_of(token)))


@open_to_everyone
@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Remove the person from the list."""
    try:
        waiting.leave(token=token, seen=seen_in(request))
    except ContentChanged as refusal:
        return _shown(request, wait_of(token), message=refusal.message)
    return redirect("citizen:wait-show", token)
