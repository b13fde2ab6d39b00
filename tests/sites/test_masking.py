"""Telephone, mail, birth date and address of a person stand on the pages that need them, and on no other."""

from datetime import datetime

import pytest
from support.callcentre import put_texts
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book, member
from support.staff_pages import address, staff_pages

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.common.phones import show_phone
from madoguchi.notifications.models import Mail
from madoguchi.reservations.disruptions import create_disruption
from madoguchi.reservations.models import DisruptedVisit

pytestmark = pytest.mark.usefixtures("city")
# The business day before the visits, so that the office and the reminder calls see them.
EVE = datetime(2026, 12, 14, 10, tzinfo=JST)
REMINDED = somebody(5)
SECRETS = {
    "phone": tuple(
        text for each in (HANAKO, TARO, REMINDED) for text in (each.phone, show_phone(each.phone))
    ),
    "mail": (HANAKO.email,),
    "birth": ("昭和25年4月1日", "S25.4.1", "1950", "昭和21年11月3日", "S21.11.3", "1946"),
    "address": ("見本町2丁目",),
}
ALL = set(SECRETS)
# A correction is made in a form that holds everything, on record; nothing else needs any of it at once.
SHOWN = {"secretariat:reservations-correct": ALL}
# Pages that name people: with these the tests prove that they would see a value that is not masked.
LISTS = {
    "secretariat:reservations-list",
    "secretariat:checks-list",
    "secretariat:offices-day",
    "secretariat:disruptions-show",
    "secretariat:calls-list",
    "operator:calls-list",
    "office:visits-day",
}


@pytest.fixture
def seen(client):
    """A way to look at a page as a role, the day before the visits of 花子 (mail), 太郎 and 5郎 (no mail).

    A closure has hit the first two, so the third alone is reminded by telephone.
    """
    put_texts()
    made, called = book(), book(TARO, hour=11)
    book(REMINDED, hour=12)
    listed = create_disruption(title="見本", reservations=[made.id, called.id], actor=SECRETARIAT)
    values = {
        "reference": made.reference,
        "code": "HM01",
        "office": "HM01",
        "disruption_id": listed,
        "visit_id": DisruptedVisit.objects.get(reservation=called.id).pk,
        "mail_id": Mail.objects.get().pk,
        "kind": "confirmation",
    }

    def look(role, name="", more=""):
        user = member(role, role.value)
        assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
        client.force_login(user)
        return {
            page_name: client.get(f"{address(route, page, **values)}{more.format(**values)}")
            for page_name, route, page in staff_pages()
            if page_name.startswith(name or f"{role.value}:")
        }

    with clock.travel(EVE):
        yield look


def shown(response):
    html = response.content.decode()
    return {kind for kind, texts in SECRETS.items() if any(text in html for text in texts)}


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.OPERATOR, Role.OFFICE])
def test_a_page_shows_of_a_person_what_its_task_needs(seen, role):
    pages = {name: page for name, page in seen(role).items() if page.status_code == 200}
    assert {name: shown(page) for name, page in pages.items()} == {
        name: SHOWN.get(name, set()) for name in pages
    }
    for name in LISTS & set(pages):
        html = pages[name].content.decode()
        assert any(person.name in html for person in (HANAKO, TARO, REMINDED)), name
    assert {name for name in LISTS if name.startswith(role.value)} <= set(pages)


@pytest.mark.parametrize(
    ("name", "more", "needs"),
    [
        # Telephone and mail only for a reason; whom to call is called.
        ("secretariat:reservations-list", "?open={reference}", {"birth", "address"}),
        ("secretariat:disruptions-show", "?open={visit_id}", {"phone"}),
    ],
)
def test_beside_a_list_stands_what_the_task_needs_of_the_one_who_is_open(seen, name, more, needs):
    assert shown(seen(Role.SECRETARIAT, name, more)[name]) == needs
