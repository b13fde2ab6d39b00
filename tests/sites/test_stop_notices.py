"""A stop is said, with place, time and cause, to everybody of staff whom it concerns."""

import pytest
from support.pauses import scope, stop
from support.secretariat import member
from support.staff_pages import page

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock

pytestmark = pytest.mark.usefixtures("city")
SITES = [
    (Role.SECRETARIAT, "/secretariat/"),
    (Role.SECRETARIAT, "/secretariat/reservations/"),
    (Role.SECRETARIAT, "/secretariat/checks/"),
    (Role.OPERATOR, "/operator/"),
    (Role.OFFICE, "/office/HM01/"),
]


def notices(client, role, url, *, office="HM01"):
    user = member(role, "somebody")
    assign_offices(user_id=user.pk, offices=[office], actor=SYSTEM)
    client.force_login(user)
    return page(client.get(url)).split("stop-notice")[1:]


@pytest.mark.parametrize(("role", "url"), SITES)
def test_a_stop_is_said_with_place_time_and_cause(client, role, url, now):
    stop(scope(9, 17, offices=("HM01",)))
    with clock.travel(scope(10).starts_at):
        (notice,) = notices(client, role, url)
    for words in ("停止", "星見東郵便局", "12/15(火) 09:00から17:00まで", "台風・災害"):
        assert words in notice


def test_an_office_reads_of_its_own_stops_only(client):
    stop(scope(9, 17, offices=("HM02",)))
    with clock.travel(scope(10).starts_at):
        assert notices(client, Role.OFFICE, "/office/HM01/") == []
