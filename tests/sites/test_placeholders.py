"""A sentence of the city with {placeholders} stands filled on every page, but where it is written."""

import re
from datetime import date, datetime
from html import unescape
from http import HTTPStatus
from urllib.parse import urljoin

import pytest
from support.callcentre import put_texts
from support.people import OPERATOR, SECRETARIAT, TARO, somebody
from support.secretariat import book, made_proposals, member
from support.staff_pages import address, placeholders, staff_pages

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import permissions_of
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail
from madoguchi.reservations.disruptions import create_disruption
from madoguchi.reservations.models import DisruptedVisit
from madoguchi.reservations.waiting import Wish
from madoguchi.web.policies import POLICY
from madoguchi.workflows.booking.waiting import enter

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("city")]
EVE = datetime(2026, 12, 14, 10, tzinfo=JST)
# Who writes or approves a text sees its placeholders.
WRITTEN_ON = {"city:proposals-show", *(f"secretariat:proposals-{name}" for name in ("add", "edit", "show"))}
LINE = re.compile(r'class="row-link" href="([^"]+)"')


@pytest.fixture
def world():
    """Return values for addresses: bookings, a stop, an offer, proposals; the day before the visits."""
    put_texts()
    made, called = book(), book(TARO, hour=11)
    book(somebody(5), hour=12)
    listed = create_disruption(title="見本", reservations=[made.id, called.id], actor=SECRETARIAT)
    proposal = made_proposals()
    wish = Wish(("HM02",), date(2026, 12, 18), date(2026, 12, 25))
    wait = enter(person=somebody(9), procedures=("CERT_RENEW",), wish=wish, channel="PHONE", actor=OPERATOR)
    with clock.travel(EVE):
        yield {
            "reference": [made.reference, called.reference],
            "code": ["HM01"],
            "office": ["HM01"],
            "disruption_id": [listed],
            "visit_id": [DisruptedVisit.objects.get(reservation=called.id).pk],
            "mail_id": [Mail.objects.first().pk],
            "proposal_id": proposal,
            "wait_id": [wait.id],
        }


def pages_of(client, role, world, *, without):
    """Yield name, address and answer of each page of a role, and of the first line that opens on it."""
    user = member(role, role.value)
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    for name, route, page in staff_pages():
        if name in without or not permissions_of([role]) & POLICY[page.callback].permissions:
            continue
        several = max(len(world.get(each, "1")) for each in ("", *page.pattern.converters))
        for number in range(several):
            here = address(route, page, **{key: each[number % len(each)] for key, each in world.items()})
            answer = client.get(here)
            yield name, here, answer
            if answer.status_code == HTTPStatus.OK and (lines := LINE.findall(answer.content.decode())):
                line = urljoin(here, unescape(lines[0]))
                yield name, line, client.get(line)


def test_no_page_for_staff_shows_a_placeholder(client, world):
    seen, left = set(), {}
    for role in Role:
        for name, here, answer in pages_of(client, role, world, without=frozenset(seen)):
            if answer.status_code == HTTPStatus.OK and "html" in answer.headers["Content-Type"]:
                seen.add(name)
                if found := placeholders(answer):
                    left.setdefault(answer.resolver_match.view_name, {})[here] = found
    assert set(left) <= WRITTEN_ON, left
    assert "secretariat:proposals-add" in left, "where a text is written, the test sees its placeholders"
    assert len(seen) > 60
