"""A caller who has a booking: nothing is told before it is sure who calls; then told, changed, cancelled."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.callcentre import PERSON, CallScreen
from support.people import HANAKO, SECRETARIAT, TARO
from support.secretariat import book, member, slot_at
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.references import show_reference
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.people import Details
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.services import check_completeness

pytestmark = pytest.mark.usefixtures("city")
SAID = {"name": "ふくおか　はなこ", "birth_date": "S25.4.1", "phone": "090-0000-5678", "do": "check"}
SECRETS = (
    "福岡　花子",
    "090-0000-5678",
    "hanako@example.jp",
    "見本町2丁目",
    "12/15(火) 10:30",
    "星見東郵便局",
)


def url(made, *rest):
    return "/".join(["/operator/visits", made.reference, *rest, ""])


def actions(made):
    rows = AuditEntry.objects.filter(target=f"reservation:{made.id}", actor__startswith="staff:")
    return list(rows.exclude(action="reservations.reservation.booked").values_list("action", flat=True))


def reach(staff, made, **said):
    """Make sure who calls, step by step."""
    staff.post(url(made), {**SAID, **said})
    staff.post(url(made), {"do": "reached"})


def test_before_it_is_sure_who_calls_nothing_is_shown(staff):
    made = book()
    html = page(staff.get(url(made)))
    assert [secret for secret in SECRETS if secret in html] == []
    assert actions(made) == []


@pytest.mark.parametrize(
    "wrong",
    [{"name": "フクオカ　カコ"}, {"birth_date": "S25.4.2"}, {"phone": "090-0000-5679"}],
    ids=["name", "birth date", "phone"],
)
def test_one_wrong_answer_tells_nothing_and_is_on_record(staff, wrong):
    made = book()
    html = page(staff.post(url(made), {**SAID, **wrong}))
    assert "一致しません" in html
    assert "予約があるともないとも答えません" in html
    assert "ご本人以外の方には、お答えしておりません。" in html
    assert [secret for secret in SECRETS if secret in html.replace('value="090-0000-5678"', "")] == []
    entry = AuditEntry.objects.get(action="reservations.caller.checked")
    assert sorted(entry.detail.values()) == [False, True, True]
    staff.post(url(made), {"do": "reached"})
    assert "福岡　花子" not in page(staff.get(url(made)))


def test_a_later_wrong_answer_takes_the_earlier_agreement_back(staff):
    made = book()
    staff.post(url(made), SAID)
    staff.post(url(made), {**SAID, "birth_date": "S25.4.2"})
    staff.post(url(made), {"do": "reached"})
    assert "福岡　花子" not in page(staff.get(url(made)))


def test_office_and_time_stand_in_for_the_number(staff):
    made = book()
    said = {**SAID, "phone": "", "office": "HM01", "day": "2026-12-15", "at": "10:30"}
    assert "3つとも一致しました" in page(staff.post(url(made), said))
    html = page(staff.post(url(made), {**said, "at": "11:00"}))
    assert "電話番号も郵便局・日時も一致しない" in html


def test_without_number_or_time_the_check_asks_for_one(staff):
    made = book()
    html = page(staff.post(url(made), {**SAID, "phone": ""}))
    assert "登録の電話番号か、予約の郵便局・日・時刻を入力してください" in html
    assert 'value="ふくおか　はなこ"' in html
    assert actions(made) == []


def test_somebody_without_kana_is_known_by_the_name(staff):
    made = book(replace(HANAKO, name="SAMPLE MARIA", name_kana=""))
    assert "3つとも一致しました" in page(staff.post(url(made), {**SAID, "name": "sample maria"}))


def test_the_number_to_call_back_is_shown_on_record_only_after_the_answers_agree(staff):
    made = book()
    assert "090-0000-5678" not in page(staff.post(url(made), {"do": "phone"}))
    staff.post(url(made), SAID)
    assert "090-0000-5678" not in page(staff.get(url(made)))
    assert "090-0000-5678" in page(staff.post(url(made), {"do": "phone"}))
    assert actions(made) == ["reservations.caller.checked", "reservations.reservation.revealed"]


def test_a_person_reached_at_the_number_on_file_is_told_everything_but_masked_values(staff):
    made = book()
    reach(staff, made)
    html = page(staff.get(url(made)))
    assert "福岡　花子" in html
    assert "12/15(火) 10:30–11:00" in html
    assert "090-****-5678" in html
    for secret in ("090-0000-5678", "hanako@example.jp", "見本町2丁目"):
        assert secret not in html
    assert "reservations.reservation.viewed" in actions(made)


@pytest.mark.parametrize(
    ("what", "text"),
    [("phone", "090-0000-5678"), ("email", "hanako@example.jp"), ("address", "見本町2丁目")],
)
def test_a_masked_value_is_shown_with_a_reason_on_record(staff, what, text):
    made = book()
    reach(staff, made)
    assert text in page(staff.post(url(made), {"what": what, "reason": "CORRECTION"}))
    entry = AuditEntry.objects.get(action="reservations.reservation.revealed")
    assert entry.detail == {"what": what, "reason": "CORRECTION"}
    assert text not in page(staff.get(url(made)))


def test_after_half_an_hour_it_must_be_made_sure_again(staff):
    made = book()
    reach(staff, made)
    with clock.travel(clock.now() + timedelta(minutes=14)):
        staff.get("/operator/")
    with clock.travel(clock.now() + timedelta(minutes=28)):
        staff.get("/operator/")
    with clock.travel(clock.now() + timedelta(minutes=31)):
        assert "福岡　花子" not in page(staff.get(url(made)))


def test_knowing_one_caller_opens_no_other_booking(staff):
    made, other = book(), book(TARO, hour=11)
    reach(staff, made)
    assert "博多　太郎" not in page(staff.get(url(other)))
    for rest in ("move", "cancel", "booked"):
        assert staff.get(url(other, rest)).url == url(other)
    assert staff.post(url(other, "cancel"), {"reason": "SCHEDULE"}).url == url(other)
    assert staff.post(url(other, "slip")).status_code == 404
    assert reservation(other.id, scope=EVERYWHERE).is_booked


@pytest.mark.parametrize("reference", ["AAAAAAAA00", "nonsense", "K7MTAWXR74"])
def test_no_such_booking_is_a_page_not_found(staff, reference):
    assert staff.get(f"/operator/visits/{reference}/").status_code == 404


def move(staff, made, slot, **changes):
    data = {"do": "move", "slot": slot, "reason": "SCHEDULE", "since": "2026-12-16", **changes}
    return staff.post(url(made, "move"), data)


def test_a_visit_is_moved_with_its_reason_and_the_second_press_changes_nothing(staff):
    made = book()
    reach(staff, made)
    assert "いまの予約" in page(staff.get(url(made, "move")))
    shown = page(staff.post(url(made, "move"), {"do": "days:2026-12-16"}))
    assert 'value="cell:HM01:2026-12-16"' in shown
    shown = page(staff.post(url(made, "move"), {"do": "cell:HM01:2026-12-16", "since": "2026-12-16"}))
    assert "12/16(水) 09:00" in shown
    slot = slot_at(16, 9)
    first, again = move(staff, made, slot), move(staff, made, slot)
    assert first.url == again.url == url(made, "booked")
    row = reservation(made.id, scope=EVERYWHERE)
    assert clock.to_jst(row.starts_at).day == 16
    entry = AuditEntry.objects.get(action="reservations.reservation.moved")
    assert entry.detail["reason"] == "SCHEDULE"
    assert show_reference(made.reference)[:4] in page(staff.get(first.url))


def test_a_visit_moves_closer_than_a_new_booking_may_be_made(staff):
    made = book()
    reach(staff, made)
    html = page(staff.get(url(made, "move")))
    assert 'value="cell:HM01:2026-11-25"' in html
    assert move(staff, made, slot_at(25, 9, month=11)).status_code == 302


def test_a_time_that_is_gone_is_said_and_the_visit_stays(staff):
    made = book()
    book(TARO, day=16, hour=9, minute=0)
    reach(staff, made)
    html = page(move(staff, made, slot_at(16, 9)))
    assert "ほかの方の予約が入りました" in html
    assert clock.to_jst(reservation(made.id, scope=EVERYWHERE).starts_at).day == 15


def test_the_renewal_window_bounds_a_move_as_well(staff):
    made = book(replace(HANAKO, details=Details(cert_expires_on="2027-03-10")), day=16)
    reach(staff, made)
    html = page(staff.get(url(made, "move")))
    assert "cell:HM01:2026-12-11" in html
    assert "cell:HM01:2026-12-10" not in html


def test_details_are_corrected_and_the_check_opens_again(staff):
    made = book()
    check_completeness(reservation_id=made.id, actor=SECRETARIAT)
    reach(staff, made)
    html = page(staff.get(url(made, "correct")))
    assert 'value="090-0000-5678"' in html
    assert 'value="昭和25年4月1日"' in html
    entry = AuditEntry.objects.get(action="reservations.reservation.revealed", detail__what="person")
    assert entry.detail["reason"] == "CORRECTION"
    wrong = page(staff.post(url(made, "correct"), {**PERSON, "phone": "12"}))
    assert "電話番号は、090-1234-5678" in wrong
    done = staff.post(url(made, "correct"), {**PERSON, "address": "星見市西区見本町9番9号"})
    assert done.url == url(made)
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.person.address, row.person.email) == ("星見市西区見本町9番9号", "hanako@example.jp")
    assert row.checked_at is None
    assert row.is_booked


def test_nobody_is_corrected_before_it_is_sure_who_calls(staff):
    made = book()
    assert staff.get(url(made, "correct")).url == url(made)
    assert staff.post(url(made, "correct"), PERSON).url == url(made)
    assert actions(made) == []


def test_a_visit_is_cancelled_with_a_reason_and_the_second_press_changes_nothing(staff):
    made = book()
    reach(staff, made)
    html = page(staff.post(url(made, "cancel"), {"reason": ""}))
    assert "取消しの理由を選んでください" in html
    assert reservation(made.id, scope=EVERYWHERE).is_booked
    first = staff.post(url(made, "cancel"), {"reason": "DONE_ELSEWHERE"})
    again = staff.post(url(made, "cancel"), {"reason": "DONE_ELSEWHERE"})
    assert first.url == again.url == url(made)
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.status, row.cancel_reason) == ("CANCELLED", "DONE_ELSEWHERE")
    html = page(staff.get(url(made)))
    assert "取消し" in html
    assert "日時・郵便局を変更" not in html


def test_a_visit_that_is_over_cannot_be_changed(staff):
    made = book()
    with clock.travel(clock.at(clock.today().replace(month=12, day=20), clock.MIDNIGHT)):
        staff.force_login(member(Role.OPERATOR, "later"))
        reach(staff, made)
        assert "過去の予約" in page(staff.get(url(made)))
        assert staff.get(url(made, "move")).url == url(made)
        assert staff.post(url(made, "cancel"), {"reason": "SCHEDULE"}).url == url(made)
    assert reservation(made.id, scope=EVERYWHERE).is_booked


def test_the_slip_is_a_pdf_on_record(staff):
    made = book()
    reach(staff, made)
    answer = staff.post(url(made, "slip"))
    assert answer.content.startswith(b"%PDF")
    assert made.reference not in answer.headers["Content-Disposition"]
    entry = AuditEntry.objects.get(action="reservations.list.exported")
    assert (entry.target, entry.detail["file"]) == (f"reservation:{made.id}", "slip")
    assert staff.get(url(made, "slip")).status_code == 405


def test_a_name_that_cannot_be_printed_does_not_stop_the_slip(staff):
    made = book(replace(HANAKO, name="福岡　\U000323b0子"))
    reach(staff, made)
    assert staff.post(url(made, "slip")).content.startswith(b"%PDF")


def test_a_known_caller_books_again_with_what_was_given_before(staff):
    made = book()
    screen = CallScreen(staff)
    begin = {"do": f"like:{made.reference}"}
    screen.answer = staff.post("/operator/", begin, follow=True)
    assert "福岡　花子" not in screen.html
    reach(staff, made)
    screen.answer = staff.post("/operator/", begin, follow=True)
    assert screen.fields["name"] == ["福岡　花子"]
    assert screen.fields["near"] == ["8140006"]
    screen.press(procedures=["PIN_RESET"]).press().take("HM01:2026-12-17").press().press(lives_in_city="on")
    assert "電話番号" in screen.html
    screen.press(read=["visit", "bring:CARD", "bring:ID_DOCUMENT", "person", "address", "email", "deadlines"])
    assert Reservation.objects.count() == 2
    again = reservation(Reservation.objects.latest("booked_at", "pk").id, scope=EVERYWHERE)
    assert again.person.email == "hanako@example.jp"


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.OFFICE])
def test_only_operators_open_a_callers_page(client, role):
    made = book()
    client.force_login(member(role, "someone"))
    for rest in ((), ("move",), ("cancel",), ("booked",)):
        assert client.get(url(made, *rest)).status_code == 403


def test_staff_see_in_which_language_the_person_reads_and_a_correction_keeps_it(staff):
    made = book(replace(HANAKO, language="en"))
    reach(staff, made)
    assert "English" in page(staff.get(url(made)))
    html = page(staff.get(url(made, "correct")))
    assert '<option value="en" selected>English</option>' in html
