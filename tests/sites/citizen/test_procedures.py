"""Step 1: whom a post office can help, and what the dates of expiry mean."""

import pytest
from support.journeys import PROCEDURES, expiry, text_of

from madoguchi.reservations.models import BookingSession, Seat

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"who": "agent"}, "AGENT_VISIT"),
        ({"conditions": ["under_15"]}, "UNDER_15"),
        ({"conditions": ["not_resident"]}, "NOT_RESIDENT"),
        ({"conditions": ["continuation"]}, "CONTINUATION_PENDING"),
        ({"conditions": ["period_of_stay"]}, "RESIDENCE_CARD_TYPE"),
        ({"conditions": ["face_auth_card"]}, "FACE_AUTH_CARD"),
    ],
)
def test_a_person_whom_only_the_ward_can_serve_is_shown_no_times(client, changes, name):
    answer = client.post("/reserve/", {**PROCEDURES, **changes})
    assert answer.url == f"/reserve/ward/{name}/"
    assert not BookingSession.objects.exists()
    assert client.get(answer.url).status_code == 200


def test_a_card_that_ends_with_its_certificate_is_made_anew_at_the_ward(client):
    answer = client.post("/reserve/", {**PROCEDURES, **expiry("2027-2-3", "2027-02-03")})
    assert answer.url == "/reserve/ward/CARD_EXPIRED_OR_DUE/"


def test_a_certificate_that_is_over_is_issued_anew_and_the_page_says_so(client):
    client.post("/reserve/", {**PROCEDURES, **expiry("2032-2-3", "2026-11-1")})
    page = text_of(client.get("/reserve/HM01/"))
    assert "「電子証明書の新規発行」として予約します" in page
    assert "手数料はかかりません" in page


def test_a_certificate_that_ends_before_any_visit_leads_to_the_ward_or_to_a_new_issue(client):
    answer = client.post("/reserve/", {**PROCEDURES, **expiry("2032-2-3", "2026-11-30")})
    assert answer.url == "/reserve/ward/EXPIRES_SOON/"
    page = text_of(client.get(answer.url))
    assert "いま予約できるのは、12月1日（火）からです" in page
    assert "お電話では、11月27日（金）からの予約を受け付けています" in page
    assert 'href="/reserve/?procedure=CERT_ISSUE"' in page
    assert not BookingSession.objects.exists()
    issue = {**PROCEDURES, "procedures": ["CERT_ISSUE"], **expiry("2032-2-3", "2026-11-30")}
    assert client.post("/reserve/", issue).url == "/reserve/office/"


def test_a_certificate_that_ends_on_the_first_bookable_day_is_renewed_on_it(client):
    assert (
        client.post("/reserve/", {**PROCEDURES, **expiry("2032-2-3", "2026-12-1")}).url == "/reserve/office/"
    )
    page = text_of(client.get("/reserve/HM01/"))
    assert "有効期限の12月1日（火）までに手続きできる日時だけ" in page
    assert "day=2026-12-01" in page
    assert "day=2026-12-02" not in page


def test_a_card_that_ends_with_its_certificate_still_gets_a_new_pin(client):
    """Only what makes a new certificate waits for the new card."""
    answer = client.post(
        "/reserve/", {**PROCEDURES, "procedures": ["PIN_RESET"], **expiry("2027-2-3", "2027-02-03")}
    )
    assert answer.url == "/reserve/office/"


def test_no_opening_is_announced_that_comes_after_the_expiry(client):
    Seat.objects.update(is_withdrawn=True)
    client.post("/reserve/", {**PROCEDURES, **expiry("2032-2-3", "2026-12-1")})
    page = text_of(client.get("/reserve/HM01/"))
    assert "予約枠の空きは、どの郵便局にもありません" in page
    assert "次の予約枠" not in page
    assert "次の予約枠" not in text_of(client.get("/reserve/HM03/"))


def test_a_card_that_ends_before_any_visit_is_made_anew_at_the_ward(client):
    answer = client.post("/reserve/", {**PROCEDURES, **expiry("2026-11-30", "2026-11-29")})
    assert answer.url == "/reserve/ward/CARD_EXPIRED_OR_DUE/"


def test_a_renewal_that_no_bookable_day_reaches_is_told_from_when(client):
    page = text_of(client.post("/reserve/", {**PROCEDURES, **expiry("2032-4-30", "2027-4-22")}))
    assert "2027年1月23日から更新できます" in page
    # 1月23日は土曜日
    assert "2027年1月25日" in page
    assert "11月26日（木）午前9時" in page
    assert not BookingSession.objects.exists()
    bookable = client.post("/reserve/", {**PROCEDURES, **expiry("2032-4-30", "2027-4-21")})
    assert bookable.url == "/reserve/office/"


def test_a_renewal_after_the_term_is_led_to_the_ward_office(client):
    page = text_of(client.post("/reserve/", {**PROCEDURES, **expiry("2036-4-30", "2031-4-22")}))
    assert "2031年1月23日から更新できます" in page
    assert "2027年3月31日までの予定です" in page


def test_before_the_renewal_window_no_day_can_be_chosen(client):
    client.post("/reserve/", {**PROCEDURES, **expiry("2032-3-20", "2027-3-20")})
    page = text_of(client.get("/reserve/HM01/?month=2026-12"))
    assert "12月21日（月）から手続きできます" in page
    assert "day=2026-12-18" not in page
    assert "day=2026-12-21" in page
