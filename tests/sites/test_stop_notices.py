"""A stop is said, with place, time and cause, to everybody of staff whom it concerns."""

import pytest
from support.pauses import scope, stop
from support.secretariat import member
from support.staff_pages import page

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.offices.models import Closure
from madoguchi.offices.services import close_office, withdraw_closure
from madoguchi.workflows.outage.notices import stop_notices

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


@pytest.mark.parametrize(("role", "url"), SITES)
def test_a_closure_is_said_with_place_time_and_cause(client, role, url, now):
    span = scope(9, 12)
    close("HM01", span.starts_at, span.ends_at)
    with clock.travel(scope(10).starts_at):
        (notice,) = notices(client, role, url)
    for words in ("休業", "星見東郵便局", "12/15(火) 09:00から12:00まで", "台風"):
        assert words in notice


def close(office, starts_at, ends_at):
    close_office(office=office, starts_at=starts_at, ends_at=ends_at, reason="TYPHOON", note="", actor=SYSTEM)


def test_closures_with_one_time_and_cause_are_one_notice_and_a_whole_day_has_no_hours(now):
    day = scope(9).starts_at.date()
    since = clock.at(day, clock.MIDNIGHT)
    for office in ("HM01", "HM02"):
        close(office, since, since + clock.DAY)
    close("HM03", since, since + clock.DAY / 2)
    found = [(each.kind, each.place, each.when) for each in stop_notices(day)]
    assert found == [
        ("休業", "星見南郵便局", "12/15(火) 00:00から12:00まで"),
        ("休業", "星見東郵便局、星見西郵便局", "12/15(火) 終日"),
    ]
    assert [each.place for each in stop_notices(day, office_code="HM02")] == ["星見西郵便局"]
    assert stop_notices(day + clock.DAY) == []


def test_a_closure_that_was_taken_back_is_said_no_more(now):
    span = scope(9, 12)
    close("HM01", span.starts_at, span.ends_at)
    withdraw_closure(closure_id=Closure.objects.get().pk, actor=SYSTEM)
    assert stop_notices(span.starts_at.date()) == []
