"""Step 5: everything once more; the press books (仕様書 4(3)ア)."""

import uuid
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.offices.selectors import office as office_row
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    HoldExpired,
    Paused,
    SlotFull,
)
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.person import confirm_groups, family_groups
from madoguchi.sites.citizen.presenters.procedures import said_of, steps
from madoguchi.sites.citizen.reserve.flow import (
    GET_POST,
    expired,
    hold_box_of,
    link_to_ward,
    redirect_to_booked,
    step_url,
    with_session,
)
from madoguchi.sites.citizen.reserve.forms import (
    ConsentForm,
)
from madoguchi.sites.citizen.reserve.session import (
    OpenSession,
)
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import pressed_in, refuse_unseen, seen_in
from madoguchi.workflows.booking import book as booking


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
def confirm(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Step 5: everything once more; the press books."""
    if number := session.form_data.nameless:
        return redirect(step_url("details", number))
    if session.has_lost_its_time:
        return expired(request)
    about = session.row.shown
    refuse_unseen(request, about)
    form = ConsentForm(pressed_in(request))
    visitors = [
        booking.Visitor(member.procedures, member.as_person()) for member in session.form_data.members
    ]
    if request.method == "POST" and form.is_valid() and (done := _book(request, session, visitors, form)):
        return done
    runs = session.runs()
    if runs is None:
        return expired(request)
    place = office_row(session.row.office)
    visits = [(visitor.procedures, visitor.person) for visitor in visitors]
    groups = (
        family_groups(visits=visits, runs=runs, office=place)
        if len(visits) > 1
        else confirm_groups(
            codes=visits[0][0], person=visits[0][1], office=place, starts_at=runs[0].starts_at
        )
    )
    return page(
        request,
        "reserve/confirm",
        {
            "form": form,
            "groups": groups,
            "hold": hold_box_of(session, runs),
            "steps": steps(5),
            "seen": about,
        },
    )


def _book(
    request: HttpRequest, session: OpenSession, visitors: Sequence[booking.Visitor], form: ConsentForm
) -> HttpResponse | None:
    """Book, and return where that leads; None when the page says what stands against it, and for whom."""
    joins = uuid.UUID(session.form_data.joins) if session.form_data.joins else None
    try:
        made = booking.book_held(
            booking.BookingRequest(
                visitors=tuple(visitors), token=session.token, joins=joins, seen=seen_in(request)
            )
        )
    except Paused:
        return expired(request, is_paused=True)
    except (SlotFull, HoldExpired):
        return expired(request)
    except AlreadyCancelled:
        session.save(joins="")
        form.add_error(None, _("いっしょに行く方の予約は、取り消されています。この方だけで予約できます。"))
    except ContentChanged:
        raise
    except Refusal as refusal:
        number = int(str(refusal.fields.get("person", 1))) if len(visitors) > 1 else 0
        if refusal.fields.get("guidance") == "ward.UNDER_15":
            return redirect(link_to_ward("UNDER_15", number))
        form.add_error(None, said_of(number, refusal.message))
    else:
        return redirect_to_booked(made)
    return None
