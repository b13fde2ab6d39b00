"""The call screen: procedures, the ways to the ward office, and the grid of offices and days."""

import pytest
from support.callcentre import PERSON, values
from support.staff_pages import page

from madoguchi.audit.models import AuditEntry
from madoguchi.reservations.models import Seat
from madoguchi.sites.operator.desk.forms import CONDITIONS

pytestmark = pytest.mark.usefixtures("city")


def test_without_a_procedure_the_first_block_stays_open_and_says_why(call):
    call.press(card_expires_on="2035-13-01")
    assert "手続きを、1つ以上選んでください" in call.html
    assert "カードの有効期限は、2027.2.3 か R9.2.3 のように入力してください" in call.html
    assert call.fields["card_expires_on"] == ["2035-13-01"]
    assert call.html.startswith("<!doctype html>")
    assert "<title>エラー：" in call.html


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "R99.2.30", "明日", "2027-2-3ごろ", "12"])
def test_a_date_that_no_card_carries_is_answered_with_an_example(call, typed):
    call.to_place(cert_expires_on=typed)
    assert "電子証明書の有効期限は、2027.2.3 か R9.2.3 のように入力してください" in call.html
    assert call.fields["cert_expires_on"] == [typed]


def test_a_card_that_ends_with_its_certificate_leads_to_the_ward_office(call):
    call.to_place(card_expires_on="R9.2.3", cert_expires_on="2027.2.3")
    assert "カードの作り直しは区役所で。" in call.html
    assert call.fields["step"] == ["1"]


def test_what_the_caller_says_can_lead_to_the_ward_office(call):
    call.to_place(conditions=["not_self"])
    assert "代理の方の手続きは区役所で。" in call.html
    assert call.fields["step"] == ["1"]


@pytest.mark.parametrize("condition", [code for code, _says in CONDITIONS])
def test_the_way_to_the_ward_office_is_an_answer_of_its_own(call, condition):
    """No procedure needs to be named; the call ends with it, and it is on record without a name."""
    call.press(conditions=[condition])
    assert "手続きを、1つ以上選んでください" not in call.html
    assert "案内して通話を終える" in call.html
    sent = {**call.fields, "do": "guided"}
    call.press("guided")
    assert "区役所を案内して、通話を終えました" in page(call.client.get(call.answer.url))
    entry = AuditEntry.objects.get(action="reservations.caller.guided")
    assert entry.target.startswith("guidance:ward.")
    call.client.post("/operator/", sent)
    assert AuditEntry.objects.filter(action="reservations.caller.guided").count() == 1
    assert "新しい電話" in page(call.client.get("/operator/"))


def test_somebody_too_young_is_guided_from_the_third_block_and_the_time_is_free_again(call):
    call.to_person().press("guided", **{**PERSON, "birth_date": "2015-04-01"})
    assert AuditEntry.objects.get(action="reservations.caller.guided").target == "guidance:ward.UNDER_15"
    assert not Seat.objects.exclude(session=None).exists()


def test_nobody_is_guided_who_can_be_booked(call):
    call.press("guided", procedures=["CERT_RENEW"])
    assert not AuditEntry.objects.filter(action="reservations.caller.guided").exists()
    assert call.fields["step"] == ["2"]


def test_a_certificate_that_is_over_is_issued_anew(call):
    call.to_place(cert_expires_on="R8.11.1")
    assert "「新規発行」にしました" in call.html
    assert call.fields["procedures"] == ["CERT_ISSUE"]


def test_a_renewal_that_no_bookable_day_reaches_stays_at_the_procedures_and_says_from_when(call):
    call.to_place(cert_expires_on="2027-04-22")
    assert "更新できるのは、令和9年1月23日(土)からです。" in call.html
    assert "1月25日（月）の予約は、11月26日（木）午前9時から受け付けます。" in call.html
    assert call.fields["step"] == ["1"]
    call.press(cert_expires_on="2031-04-22")
    assert "区役所をご案内してください" in call.html


def test_a_certificate_that_ends_before_any_visit_by_telephone_is_led_to_the_ward(call):
    call.to_place(cert_expires_on="2026-11-26")
    assert "区役所で受け付けています。" in call.html
    assert call.fields["step"] == ["1"]
    call.press(cert_expires_on="2026-11-27")
    assert call.fields["step"] == ["2"]


def test_the_renewal_window_bounds_the_grid(call):
    call.to_place(cert_expires_on="2027-03-14")
    assert "更新できるのは、12月15日（火）からです。" in call.html
    assert "cell:HM01:2026-12-15" in call.html
    assert "cell:HM01:2026-12-14" not in call.html


def test_the_nearest_office_comes_first_and_a_key_takes_a_time(call):
    call.to_place().press(near="999-0002")
    rows = call.html[call.html.index('<table class="grid">') :]
    assert rows.index("星見西") < rows.index("星見東")
    assert "data-key=" in rows
    call.press("cell:HM02:2026-12-01")
    assert 'aria-pressed="true"' in call.html
    assert "<mark>星見西郵便局</mark>" in call.html
    assert "<mark>12月1日、火曜日、</mark>" in call.html


def test_an_unknown_postal_code_is_no_reason_to_refuse(call):
    call.to_place().press(near="100-0001")
    assert "早い順に並べています" in call.html
    assert '<table class="grid">' in call.html


def test_a_postal_code_that_is_none_is_answered_beside_the_field(call):
    call.to_place().press(near="12")
    assert "郵便番号は、810-0001 のように7桁の数字で入力してください" in call.html
    assert call.fields["near"] == ["12"]


def test_the_grid_turns_to_later_days_and_back(call):
    call.to_place()
    first = call.fields["since"]
    call.press(next(values(call.html, "days:")))
    assert call.fields["since"] != first
    call.press(next(values(call.html, "days:")))
    assert call.fields["since"] == first


def test_seats_kept_for_the_telephone_are_offered_and_days_closer_than_on_the_web(call):
    call.to_place()
    assert "cell:HM01:2026-11-27" in call.html
    assert "cell:HM01:2026-11-26" not in call.html


def test_without_a_time_the_second_block_stays_open(call):
    call.to_place().press("next", slot="")
    assert "日時を選んでください" in call.html
