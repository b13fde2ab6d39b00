"""What tests of the secretariat's pages share: who opens them, and bookings to look at."""

from datetime import datetime, time, timedelta

from django.conf import settings
from support.city import slot_at
from support.people import HANAKO, SECRETARIAT

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.proposals import proposals
from madoguchi.workflows.approvals.proposals import save_proposal
from madoguchi.workflows.booking import book as booking


def member(role=Role.SECRETARIAT, username="jimukyoku", *, also=()):
    """Return somebody who works here, with one role or more."""
    opened = services.open_account(
        username=username,
        display_name="中洲 次郎",
        organisation="見本",
        roles=[role, *also],
        actor=SYSTEM,
        is_demo=True,
    )
    return User.objects.get(pk=opened.user_id)


def book(person=HANAKO, *, day=15, hour=10, minute=30, office="HM01", codes=("CERT_RENEW",), channel="PHONE"):
    """Book a visit and return what came of it."""
    return booking.book(
        booking.BookingRequest(
            visitors=(booking.Visitor(tuple(codes), person),),
            slot=slot_at(day, hour, minute, office=office),
            channel=channel,
            actor=SECRETARIAT,
            submission=f"{person.name} {day} {hour} {minute}",
            fingerprint="",
        )
    )


def sign_in(page, client, live_server, user):
    """Sign a browser's tab in, as wide as a desk."""
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": 1440, "height": 900})


def made_proposals():
    """Return a proposal of rules with a long reason, one of a mail and one of an announcement; made once."""
    found = [row.id for row in proposals()]
    if not found:
        facts = {"effective_from": clock.now() + timedelta(7), "reason": "協議による" * 20, "actor": SYSTEM}
        mail_body = "{reference}{when}{office}{link}{phone}お待ちしています"
        until = (clock.now() + timedelta(30)).isoformat()
        told = {"kind": "MAINTENANCE", "title": "保守", "body": "止まります", "shows_until": until}
        found = [
            save_proposal(kind=ProposalKind.RULES, content={"register_days": 9, "hold_minutes": 5}, **facts),
            save_proposal(
                kind=ProposalKind.MAIL,
                scope="confirmation",
                content={"subject": "予約の受付", "body": mail_body},
                **facts,
            ),
            save_proposal(kind=ProposalKind.ANNOUNCEMENT, content=told, **facts),
        ]
    return found


def filled(client, url, **changes):
    """Return what a form sends when only these fields were changed."""
    form = client.get(url).context["form"]
    sent = {}
    for name in form.fields:
        value = form[name].value()
        if hasattr(value, "strftime"):
            written = {time: "%H:%M", datetime: "%Y-%m-%dT%H:%M"}.get(type(value), "%Y-%m-%d")
            value = value.strftime(written)
        if value not in (None, False):
            sent[name] = value
    return {**sent, "action": "save", **changes}
