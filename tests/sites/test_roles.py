"""Every page for staff, asked as every role: open to those whose role allows it, closed to all others."""

from itertools import chain

import pytest
from support.secretariat import book, member
from support.staff_pages import address, staff_pages

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.roles import permissions_of
from madoguchi.audit.actor import SYSTEM
from madoguchi.web.policies import POLICY

pytestmark = [pytest.mark.usefixtures("city"), pytest.mark.slow]
OPEN = {200, 302, 404, 405}
# Who may open what, written down a second time (docs/roles.md): a permission too many shows here.
SITES = {
    Role.SECRETARIAT: ("/secretariat/",),
    Role.OPERATOR: ("/operator/",),
    Role.OFFICE: ("/office/",),
    Role.ADMIN: ("/secretariat/accounts/", "/secretariat/devices/", "/secretariat/status/"),
    Role.CITY: ("/city/", "/secretariat/retention/"),
    Role.CITY_ADMIN: ("/city/accounts/", "/city/devices/"),
    Role.WARD: (),
    Role.HELPDESK: (),
    # What an inspector reads of the other sites opens no person.
    Role.AUDITOR: (
        "/city/",
        "/secretariat/retention/",
        "/secretariat/rules/",
        "/secretariat/offices/HM01/rules/",
        "/secretariat/offices/HM01/history/",
        "/secretariat/announcements/",
        "/secretariat/texts/",
        "/secretariat/status/",
    ),
    Role.PRIVACY: ("/secretariat/retention/", "/secretariat/personal/", "/secretariat/exports/"),
}
# Of one role alone, among the pages of another: what an inspector opens, what only the city decides, erasing
# and disclosing, the city's accounts and tablets.
RESTRICTED_PAGES = {
    "/city/inspection/": Role.AUDITOR,
    "/city/proposals/1/approve/": Role.CITY,
    "/city/proposals/1/return/": Role.CITY,
    "/city/proposals/1/take-back/": Role.CITY,
    "/secretariat/announcements/add/": Role.SECRETARIAT,
    "/secretariat/announcements/1/": Role.SECRETARIAT,
    "/secretariat/personal/": Role.PRIVACY,
    "/city/accounts/": Role.CITY_ADMIN,
    "/city/devices/": Role.CITY_ADMIN,
}
# The landing page sends everybody who has a site to it.
PAGES = [each for each in staff_pages() if each[0] != "login:landing"]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_the_pages_that_its_permissions_name_and_no_other(client, role):
    made = book()
    user = member(role)
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    wrong = []
    for _, route, page in PAGES:
        here = address(route, page, reference=made.reference, code="HM01", office="HM01")
        is_allowed = bool(permissions_of([role]) & POLICY[page.callback].permissions)
        status = client.get(here).status_code
        if status not in (OPEN if is_allowed else {403}):
            wrong.append((here, status))
        if is_allowed != (
            here.startswith(SITES[role])
            and all(role == only or not here.startswith(place) for place, only in RESTRICTED_PAGES.items())
        ):
            wrong.append((here, "docs/roles.md"))
    assert wrong == []


def test_strangers_are_sent_to_sign_in_from_every_page(client):
    asked = [address(route, page) for _, route, page in PAGES]
    assert [
        here for here in asked if "/accounts/login" not in client.get(here).headers.get("Location", "")
    ] == []


def test_every_permission_opens_a_page():
    used = set(chain.from_iterable(POLICY[page.callback].permissions for _, _, page in PAGES))
    assert used == set(Permission)
