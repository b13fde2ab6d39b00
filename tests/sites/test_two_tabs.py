"""Two tabs of one browser: a press acts on what its own tab showed, whatever the other has done."""

import pytest
from support.callcentre import CallScreen, put_texts
from support.crowd import sell_out
from support.journeys import (
    BIRTH,
    CONTACT,
    DETAILS,
    PROCEDURES,
    forget_all_but_links,
    opens,
    slot_at,
    text_of,
    to_booked,
    to_confirm,
    to_details,
)
from support.people import HANAKO, OPERATOR, SECRETARIAT, TARO
from support.presses import DAY, by_link, by_look_up, ledgers, sent_proposal, wish
from support.secretariat import book, member
from support.tabs import words_of

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.proposals import proposal
from madoguchi.reservations import seats
from madoguchi.reservations.models import Reservation, Seat, Wait
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.approvals import proposals as workflow
from madoguchi.workflows.booking import changes

pytestmark = pytest.mark.usefixtures("city")
OTHER = {"name": "博多　太郎", "name_kana": "ハカタ　タロウ", "email": "taro@example.jp"}


def seen_at(client, page, action=""):
    """Open a page in a tab, and return what its form will say."""
    return words_of(client.get(page), page.partition("?")[0])[action or page.partition("?")[0]]


def booked_and_begun_anew(client):
    """Book, choose a time for the next booking, and return what step 4 of the first had shown."""
    to_details(client)
    first = seen_at(client, "/reserve/details/")
    client.post("/reserve/details/", DETAILS)
    client.post("/reserve/confirm/", {"consent": "on"})
    client.post("/reserve/", PROCEDURES)
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    return first


def test_an_office_chosen_in_a_second_tab_is_not_booked_from_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "内容が変わりました" in page
    assert "12月16日（水）午前9時" in page, "what stands now is shown"
    assert not Reservation.objects.exists()
    assert client.post("/reserve/confirm/", {"consent": "on"}).status_code == 302


def test_a_person_typed_in_a_second_tab_is_not_booked_from_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/details/", {**DETAILS, **OTHER})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    assert "博多　太郎" in text_of(answer)
    assert not Reservation.objects.exists()


def test_a_booking_made_in_a_second_tab_is_not_the_answer_to_the_first(client):
    to_confirm(client)
    first = seen_at(client, "/reserve/confirm/")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    booked = client.post("/reserve/confirm/", {"consent": "on"})
    answer = client.post("/reserve/confirm/", {"consent": "on", "seen": first})
    assert answer.status_code == 409
    assert f'href="{booked.url}"' in text_of(answer)
    assert Reservation.objects.count() == 1


def test_a_tab_whose_booking_is_made_types_nothing_into_the_next_booking(client):
    first = booked_and_begun_anew(client)
    before = ledgers()
    answer = client.post("/reserve/details/", {**DETAILS, "seen": first})
    assert answer.status_code == 409
    assert ledgers() == before


def test_a_look_up_in_a_second_tab_leaves_the_first_what_it_was(client):
    hanako, taro = book(HANAKO), book(TARO, hour=11)
    day = TARO.birth_date
    born = {"year": day.year, "month": day.month, "day": day.day}
    born = {"birth_date_era": "西暦", **{f"birth_date_{part}": str(each) for part, each in born.items()}}
    first = client.post("/lookup/", {"reference": hanako.reference, **BIRTH}).url
    second = client.post("/lookup/", {"reference": taro.reference, **born}).url
    assert "午前10時30分" in text_of(client.get(first))
    assert "午前11時" in text_of(client.get(second))
    client.post(f"{first}cancel/", {})
    cancelled = Reservation.objects.get(status="CANCELLED")
    assert cancelled.pk == hanako.id


@pytest.mark.parametrize("way", [by_look_up, by_link])
def test_a_visit_moved_in_a_second_tab_is_not_cancelled_or_moved_in_the_first(client, way):
    page = way(client)
    cancel = seen_at(client, f"{page}cancel/")
    client.post(f"{page}change/", {"slot": slot_at(17, 9), "sure": "1"})
    answer = client.post(f"{page}cancel/", {"seen": cancel})
    assert answer.status_code == 409
    assert "12月17日（木）午前9時" in text_of(answer)
    answer = client.post(f"{page}change/", {"slot": slot_at(16, 9), "sure": "1", "seen": cancel})
    assert answer.status_code == 409
    assert reservation(Reservation.objects.get().pk, scope=EVERYWHERE).is_booked
    assert clock.to_jst(Reservation.objects.get().starts_at).day == 17


def test_a_form_of_one_booking_does_nothing_to_another_at_the_same_time_and_place(client):
    Seat.objects.create(slot_id=slot_at(15, 10, 30), seat_no=9, web_from=seats.ALWAYS)
    first, second = book(HANAKO), book(TARO)
    pages = [opens(client, reservation(made.id, scope=EVERYWHERE).link_token) for made in (first, second)]
    word = seen_at(client, f"{pages[0]}cancel/")
    assert client.post(f"{pages[1]}cancel/", {"seen": word}).status_code == 409
    assert not Reservation.objects.filter(status="CANCELLED").exists()


def test_a_correction_in_a_second_tab_is_not_undone_by_the_first(client):
    page = by_link(client)
    first = seen_at(client, f"{page}contact/")
    client.post(f"{page}contact/", CONTACT)
    answer = client.post(f"{page}contact/", {**CONTACT, "email": "old@example.jp", "seen": first})
    assert answer.status_code == 409
    assert "new@example.jp" in text_of(answer)


def test_an_offer_that_the_page_did_not_show_is_neither_taken_nor_given_up(client):
    visits = sell_out(DAY)
    client.post(*wish(client))
    client.post("/reserve/details/", DETAILS)
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    waits = seen_at(client, link, f"{link}leave/")
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    for page in ("accept", "leave"):
        answer = client.post(f"{link}{page}/", {"seen": waits})
        assert answer.status_code == 409
        assert "空きが出ました" in text_of(answer)
    assert Wait.objects.get().state == "OFFERED"


def test_a_proposal_that_was_written_anew_is_not_approved_from_the_page_before(client):
    made = sent_proposal(client)
    first = seen_at(client, f"/city/proposals/{made}/", f"/city/proposals/{made}/approve/")
    workflow.return_proposal(proposal_id=made, answer="直す", actor=OPERATOR)
    row = proposal(made)
    with clock.travel(clock.now().replace(hour=23)):
        workflow.save_proposal(
            kind=ProposalKind.ANNOUNCEMENT,
            content={**row.content, "title": "ちがう題"},
            effective_from=row.effective_from,
            reason="直した",
            actor=SECRETARIAT,
            proposal_id=made,
        )
        workflow.send_proposal(proposal_id=made, actor=SECRETARIAT)
    answer = client.post(f"/city/proposals/{made}/approve/", {"seen": first})
    assert answer.status_code == 409
    assert proposal(made).state == ProposalState.SENT


def test_a_tab_of_a_call_that_is_over_changes_nothing_of_the_next_call(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    old = CallScreen(client).to_read_back()
    CallScreen(client).press("leave")
    assert not Seat.objects.exclude(session=None).exists()
    CallScreen(client).to_person(cell="HM02:2026-12-16")
    answer = old.press(read=old.lines()).answer
    assert answer.status_code == 409
    assert "福岡　花子" not in text_of(answer)
    assert not Reservation.objects.exists()
    assert {seat.slot.office_id for seat in Seat.objects.exclude(session=None)} == {"HM02"}


@pytest.mark.parametrize("language", ["en", "ja-easy"])
def test_a_refused_press_says_in_every_language_that_the_content_changed(client, language):
    page = by_link(client)
    client.cookies["language"] = language
    answer = client.post(f"{page}cancel/", {"seen": "x"})
    assert answer.status_code == 409
    assert "この画面を開いたあとで内容が変わったため" not in text_of(answer)


def test_a_browser_without_its_cookies_is_told_that_the_booking_is_gone(client):
    to_booked(client)
    forget_all_but_links(client)
    assert client.post("/reserve/confirm/", {"consent": "on", "seen": "x"}).status_code == 410


# Step 4: what the tab had typed stays


def moved_in_a_second_tab(client):
    """Open step 4, choose another time in a second tab, and return what the first form says."""
    to_details(client)
    first = seen_at(client, "/reserve/details/")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    return first


@pytest.mark.parametrize("press", ["details", "extend"])
def test_what_was_typed_at_step_4_stays_when_a_second_tab_chose_another_time(client, press):
    first = moved_in_a_second_tab(client)
    before = ledgers()
    answer = client.post(f"/reserve/{press}/", {**DETAILS, "back": "details", "seen": first})
    assert answer.status_code == 409
    assert ledgers() == before
    page = text_of(answer)
    assert "内容が変わりました" in page
    assert DETAILS["name"] in page
    assert DETAILS["address_rest"] in page
    assert "12月16日（水）午前9時" in page, "what stands now is shown"
    shown = words_of(answer, "/reserve/details/")["/reserve/details/"]
    assert client.post("/reserve/details/", {**DETAILS, "seen": shown}).url == "/reserve/confirm/"


def test_what_was_typed_about_another_person_does_not_come_into_the_form(client):
    first = moved_in_a_second_tab(client)
    client.post("/reserve/details/", {**DETAILS, **OTHER})
    page = text_of(client.post("/reserve/details/", {**DETAILS, "seen": first}))
    assert OTHER["name"] in page
    assert DETAILS["name"] not in page


def test_what_was_typed_for_a_booking_that_is_made_does_not_come_into_the_next(client):
    first = booked_and_begun_anew(client)
    answer = client.post("/reserve/details/", {**DETAILS, "seen": first})
    assert answer.status_code == 409
    assert DETAILS["name"] not in text_of(answer)


def test_what_was_typed_for_the_second_of_two_people_stays_with_the_second(client):
    client.post("/reserve/", {**PROCEDURES, "people": 2})
    client.post("/reserve/?person=2", {**PROCEDURES, "person": 2})
    client.post("/reserve/HM01/", {"slot": slot_at(16, 9)})
    client.post("/reserve/details/", {**DETAILS, "person": 1})
    first = seen_at(client, "/reserve/details/?person=2")
    client.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    answer = client.post("/reserve/details/", {**DETAILS, **OTHER, "person": 2, "seen": first})
    assert answer.status_code == 409
    assert OTHER["name"] in text_of(answer)
    assert "2人目" in text_of(answer)
