"""A mail may go to a wrong address: whoever opens its link for the first time is asked for the birth date."""

import pytest
from support.journeys import BIRTH, slot_at, text_of, to_booked
from support.people import OPERATOR, somebody
from support.tabs import Browser

from madoguchi.common.births import PartialDate
from madoguchi.reservations.models import Reservation
from madoguchi.sites.citizen.booking.access import _name
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import lookup

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def link(client):
    """The secret link of 花子's booking, made in the browser `client`."""
    return to_booked(client).url.partition("?")[0]


def asked(link, page="show"):
    return f"{link}confirm/?to={page}"


def test_the_browser_that_booked_is_never_asked(client, link):
    assert "福岡　花子" in text_of(client.get(link))


PAGES = ["", "slip/", "calendar.ics", "change/", "contact/", "cancel/"]


@pytest.mark.parametrize("page", PAGES, ids=[page or "show" for page in PAGES])
def test_any_other_is_asked_before_anything_is_shown_or_done(link, page):
    stranger = Browser()
    for send in (stranger.get, stranger.post):
        answer = send(f"{link}{page}")
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer.url.startswith(f"{link}confirm/")
    assert Reservation.objects.get().status == "BOOKED"


def test_the_question_tells_nothing_of_the_booking(link):
    page = text_of(Browser().get(asked(link)))
    for secret in (
        "花子",
        "HM01",
        "星見東",
        "12月15日",
        "10時30分",
        Reservation.objects.get().reference,
        "hanako",
    ):
        assert secret not in page
    assert "はじめの1回だけ" in page
    assert "000-000-0002" in page


def test_the_right_birth_date_leads_on_and_is_not_asked_again(link):
    other = Browser()
    answer = other.post(asked(link, "change"), BIRTH)
    assert answer.url == f"{link}change/"
    assert "福岡　花子" in text_of(other.get(link))
    assert answer.cookies[_name(link.split("/")[2])]["path"] == link


def test_a_wrong_one_shows_nothing_and_trying_ends(link):
    stranger = Browser()
    wrong = BIRTH | {"birth_date_day": "2"}
    for _ in range(lookup.LOOK_UPS_PER_REFERENCE):
        page = text_of(stranger.post(asked(link), wrong))
        assert "生年月日と合いません" in page
    assert stranger.post(asked(link), BIRTH).status_code == 429
    assert stranger.get(link).status_code == 302


def test_a_cookie_that_somebody_made_up_opens_nothing(link):
    stranger = Browser()
    for value in ("1", "", "x:y:z"):
        stranger.cookies[_name(link.split("/")[2])] = value
        assert stranger.get(link).status_code == 302


def test_the_cookie_of_one_link_opens_no_other(client, link):
    other = booking.book(
        booking.BookingRequest(
            visitors=(booking.Visitor(("CERT_RENEW",), somebody(1)),),
            slot=slot_at(16, 9),
            channel="PHONE",
            actor=OPERATOR,
            submission="x",
            fingerprint="",
        )
    )
    client.cookies[_name(other.link_token)] = client.cookies[_name(link.split("/")[2])].value
    assert client.get(f"/r/{other.link_token}/").status_code == 302


def test_a_person_with_a_partly_unknown_birth_date_is_let_in(city):
    made = booking.book(
        booking.BookingRequest(
            visitors=(booking.Visitor(("CERT_RENEW",), somebody(1, birth_date=PartialDate(1938))),),
            slot=slot_at(16, 9),
            channel="PHONE",
            actor=OPERATOR,
            submission="x",
            fingerprint="",
        )
    )
    assert Browser().get(f"/r/{made.link_token}/").status_code == 200


def test_an_unknown_link_is_not_found_and_asks_nothing(city):
    assert Browser().get("/r/none/").status_code == 404
    assert Browser().get("/r/none/confirm/").status_code == 404


def test_it_leads_nowhere_but_to_pages_of_this_booking(link):
    for to in ("//evil.example", "add", "x", "../lookup"):
        assert Browser().post(asked(link, to), BIRTH).url == link
