"""A citizen waits for a seat, is told, and takes it or leaves it; nothing but forms and links."""

from datetime import timedelta

import pytest
from support.crowd import sell_out
from support.journeys import BIRTH, DETAILS, PROCEDURES, text_of
from support.people import OPERATOR
from support.waiting_line import DAY, WISH, to_check, to_line

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.references import show_reference
from madoguchi.reservations.models import Reservation, Seat, Wait
from madoguchi.reservations.waiting import wait
from madoguchi.workflows.booking import changes as booking_changes

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def visits(city):
    return sell_out(DAY)


def free_a_seat(visits):
    booking_changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")


def test_the_waiting_list_shows_everything_once_more_before_the_last_press(client, visits):
    page = text_of(to_check(client))
    assert "12月15日（火）" in page
    assert "福岡　花子" in page
    assert not Wait.objects.exists()


def test_from_the_full_office_to_the_booking_by_the_link_in_the_mail(client, visits):
    link = to_line(client)
    assert "空きをお待ちいただいています" in text_of(client.get(link))
    free_a_seat(visits)
    page = text_of(client.get(link))
    assert "空きが出ました" in page
    assert "12月15日（火）午前9時" in page
    asked = client.get(client.post(f"{link}accept/").url)
    assert "予約を受け付けました" in text_of(client.get(asked.url))
    assert "予約番号" not in text_of(client.get(asked.url)), "the mail may have gone astray"
    answer = client.post(asked.url, BIRTH)
    assert "予約番号" in text_of(client.get(answer.url))
    assert "予約が決まりました" in text_of(client.get(link))
    assert Reservation.objects.filter(status="BOOKED", starts_at=visits[0].starts_at).count() == 1


def test_looking_takes_nothing(client, visits):
    link = to_line(client)
    free_a_seat(visits)
    for path in ("", "accept/", "leave/"):
        client.get(f"{link}{path}")
    assert wait(Wait.objects.get().id, scope=EVERYWHERE).is_open


def test_an_offer_that_is_over_is_said_and_books_nothing(client, visits):
    link = to_line(client)
    free_a_seat(visits)
    with clock.travel(Wait.objects.get().offer_until + timedelta(seconds=1)):
        answer = client.post(f"{link}accept/")
    assert answer.status_code == 409
    assert "期限が過ぎました" in text_of(answer)
    assert Reservation.objects.filter(status="BOOKED", starts_at=visits[0].starts_at).count() == 0


def test_a_person_who_left_the_waiting_list_sees_so_and_may_begin_again(client, visits):
    link = to_line(client)
    answer = client.post(f"{link}leave/")
    assert "空き待ちは終わりました" in text_of(client.get(answer.url))
    assert to_line(client) != link


def test_a_second_waiting_entry_of_a_person_is_refused_and_typed_values_stay(client, visits):
    to_line(client)
    to_check(client)
    answer = client.post("/reserve/wait/check/", {"consent": "on"})
    assert "すでに空きをお待ちいただいています" in text_of(answer)
    assert "福岡　花子" in text_of(answer)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"offices": []}, "郵便局を、1つ以上選んでください"),
        ({"first_day": "2026-12-16"}, "「いつまで」は、「いつから」と同じ日か、あとの日を選んでください"),
        ({"times": "midnight"}, "表示されている中から選んでください"),
    ],
)
def test_a_wish_that_cannot_be_is_said_beside_the_field(client, visits, changes, sentence):
    client.post("/reserve/", PROCEDURES)
    answer = client.post("/reserve/wait/", {**WISH, **changes})
    assert answer.status_code == 200
    assert sentence in text_of(answer)


def test_the_page_of_a_full_office_leads_to_the_list(client, visits):
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get("/reserve/wait/?office=HM01"))
    assert "空きを待つ条件を選んでください" in page


def test_a_full_office_in_the_list_and_its_own_page_lead_to_the_list(client):
    Seat.objects.filter(slot__office="HM01").update(web_from=clock.now() + timedelta(days=400))
    client.post("/reserve/", PROCEDURES)
    for path in ("/reserve/office/?by=earliest", "/reserve/HM01/"):
        assert 'href="/reserve/wait/?office=HM01"' in client.get(path).content.decode(), path


def test_a_link_nobody_was_given_shows_nothing(client):
    assert client.get("/w/unknown-token/").status_code == 404


def test_a_full_day_and_a_full_time_are_waited_for_from_the_page_of_the_day(client, visits):
    client.post("/reserve/", PROCEDURES)
    page = client.get(f"/reserve/HM01/?day={DAY}")
    links = {link.label: link.href for link in page.context["times"].wait_for}
    assert list(links)[:2] == ["12月15日（火）の空きを待つ", "午前9時の空きを待つ"]
    for label, times in (("12月15日（火）の空きを待つ", "any"), ("午前9時の空きを待つ", "09:00")):
        form = client.get(links[label]).context["form"]
        assert (form["first_day"].value(), form["last_day"].value()) == (DAY.isoformat(), DAY.isoformat())
        assert form["times"].value() == times
    answer = client.post(links["午前9時の空きを待つ"], {**WISH, "times": "09:00"})
    assert answer.url == "/reserve/details/"
    client.post("/reserve/details/", DETAILS)
    assert "午前9時だけ" in text_of(client.get("/reserve/wait/check/"))
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    booking_changes.cancel(reservation_id=visits[1].id, actor=OPERATOR, channel="PHONE")
    assert "空きをお待ちいただいています" in text_of(client.get(link)), "9:30 is another time"
    free_a_seat(visits)
    assert "空きが出ました" in text_of(client.get(link))


def test_number_code_and_time_to_answer_are_on_page_and_slip_and_an_offer_is_passed_on(client, visits):
    client.post("/reserve/", PROCEDURES)
    assert "120分以内" in text_of(client.get("/reserve/wait/"))
    client.post("/reserve/wait/", WISH)
    client.post("/reserve/details/", DETAILS)
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    number = show_reference(Wait.objects.get().reference)
    for page in (client.get(link), client.get(f"{link}slip/")):
        for shown in (number, "data:image/svg+xml", "120分以内"):
            assert shown in text_of(page)
    free_a_seat(visits)
    assert client.post(f"{link}pass/").url == f"{link}?step=passed"
    assert "今回は見送りました" in text_of(client.get(f"{link}?step=passed"))
    assert Wait.objects.get().state == "WAITING"
