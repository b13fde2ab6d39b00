"""While many times are taken, a browser works a little before it takes one; nobody is locked out."""

import hashlib
from datetime import timedelta

import pytest
from support.journeys import PROCEDURES, slot_at, text_of, to_details
from support.secretariat import member
from support.tabs import Browser

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.contract.services import decide_rule
from madoguchi.reservations.models import BookingSession, Seat
from madoguchi.workflows.booking import admission
from madoguchi.workflows.operations.status import gauges, system_status

WORK = "/reserve/work/"

pytestmark = pytest.mark.usefixtures("city")


def decide(key, value):
    decide_rule(key=key, value=value, effective_from=clock.now(), note="", actor=SYSTEM)
    clear_caches()


@pytest.fixture
def staff(city):
    signed_in = Browser()
    signed_in.force_login(member())
    return signed_in


@pytest.fixture
def high_demand(city):
    """A city where every hold is one too many."""
    decide("work_from_holds", 0)


def begin(client):
    client.post("/reserve/", PROCEDURES)
    clear_caches()


def press(client, work="", hour=10):
    return client.post("/reserve/HM01/", {"slot": slot_at(15, hour, 30), "work": work})


def done(client):
    """Work as the browser does and return the answer for the form."""
    task = client.get(WORK).json()
    assert set(task) == {"salt", "rounds", "most", "target"}
    for number in range(task["most"]):
        found = hashlib.pbkdf2_hmac("sha256", str(number).encode(), task["salt"].encode(), task["rounds"])
        if found.hex() == task["target"]:
            return f"{task['salt'].rpartition(':')[2]}:{number}"
    raise AssertionError


def held():
    return Seat.objects.exclude(session=None).count()


@pytest.fixture
def used_up(high_demand, client):
    """An address that took all the holds it gets without the work."""
    for _ in range(admission.WITHOUT_WORK_PER_SOURCE):
        begin(other := Browser())
        assert press(other, hour=9).status_code in (200, 302)
    begin(client)
    return client


def test_no_work_is_asked_for_while_demand_is_low(client):
    begin(client)
    assert client.get(WORK).status_code == 204
    assert press(client)["Location"] == "/reserve/details/"


def test_without_a_booking_session_nothing_is_asked(high_demand, client):
    assert client.get(WORK).status_code == 204
    assert press(client)["Location"].startswith("/reserve/?office=")


def test_with_the_work_done_a_hold_is_taken_from_any_address(used_up):
    assert press(used_up, done(used_up))["Location"] == "/reserve/details/"


def test_without_the_work_an_address_gets_a_few_holds_and_then_a_kind_refusal(used_up):
    before = held()
    answer = press(used_up)
    assert answer.status_code == 429
    assert "15分ほどたってから" in text_of(answer)
    assert "ここまでの入力は残っています" in text_of(answer)
    assert "000-000-0002" in text_of(answer)
    assert held() == before


def test_a_quarter_of_an_hour_later_the_address_gets_in_again(used_up):
    with clock.travel(clock.now() + timedelta(minutes=16)):
        begin(again := Browser())
        assert press(again)["Location"] == "/reserve/details/"


def test_a_wrong_answer_is_no_answer(used_up, subtests):
    right = done(used_up)
    asked, _, number = right.partition(":")
    wrong = (int(number) + 1) % admission.MAX_NUMBER
    for work in (
        "",
        ":",
        f"{asked}:{wrong}",
        f"{asked}:",
        f":{number}",
        f"{int(asked) + 5}:{number}",
        "٣:٣",
        "9" * 99,
    ):
        with subtests.test(work=work):
            assert press(used_up, work).status_code == 429
    assert press(used_up, right).status_code == 302


def test_an_answer_is_good_for_one_hold_and_for_one_browser(used_up):
    right = done(used_up)
    begin(other := Browser())
    assert press(other, right).status_code == 429
    assert press(used_up, right).status_code == 302
    assert press(used_up, right, hour=14).status_code == 429, "the hold has changed, and the answer with it"
    assert press(used_up, done(used_up), hour=14).status_code == 302


def test_an_answer_grows_old(used_up):
    right = done(used_up)
    with clock.travel(clock.now() + timedelta(minutes=31)):
        decide("work_from_holds_of_one", 0)
        begun = BookingSession.objects.all()
        begun.update(created_at=clock.now())
        for _ in range(admission.WITHOUT_WORK_PER_SOURCE):
            begin(other := Browser())
            press(other, hour=9)
        assert press(used_up, right).status_code == 429


def test_an_address_that_begins_often_is_asked_while_the_others_are_not(client):
    decide("work_from_holds_of_one", 2)
    for _ in range(3):
        begin(busy := Browser())
    assert busy.get(WORK).status_code == 200
    begin(client)
    assert client.get(WORK, REMOTE_ADDR="192.0.2.9").status_code == 204


def test_the_form_that_takes_a_hold_names_the_work(high_demand, client):
    to_details(client)
    assert "work once" in text_of(client.get("/reserve/HM01/?day=2026-12-15"))


def test_a_press_costs_one_index_lookup_while_demand_is_low(client, django_assert_num_queries):
    begin(client)
    press(client)
    with django_assert_num_queries(1):
        admission.admit(token=client.cookies["hold"].value, work="", source="127.0.0.1")


def test_the_status_page_and_the_alarms_tell_of_a_rush(used_up, staff):
    press(used_up)
    alarms = {gauge.name: gauge.value for gauge in gauges(system_status()) if gauge.is_alarm}
    assert alarms["madoguchi_work_asked"] == 1
    assert system_status().demand.refused == 1
    page = text_of(staff.get("/secretariat/status/"))
    assert "見えない計算をたのんでいます" in page
    assert "10分間に始まった予約 6件・30分間に断った操作 1件" in page


def test_the_status_page_is_quiet_while_demand_is_low(client, staff):
    begin(client)
    assert not system_status().demand.is_high
    assert "10分間に始まった予約 1件・30分間に断った操作 0件" in text_of(staff.get("/secretariat/status/"))
