"""A post office's tablet: its own visitors around today, never another office's, every look on record."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from support.city import slot_at
from support.pauses import scope, stop
from support.people import HANAKO, TARO, somebody
from support.printed import words_of
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts import tablets
from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.announcements import put_announcement
from madoguchi.offices import services as offices
from madoguchi.reservations.people import Details
from madoguchi.web.middleware import DEVICE, DEVICE_COOKIE
from madoguchi.workflows.booking import changes

pytestmark = pytest.mark.usefixtures("city")
# Visits of the tests are on Tuesday the 15th of December; it is half past ten there.
DAY = date(2026, 12, 15)
NOW = datetime(2026, 12, 15, 10, 45, tzinfo=JST)
TODAY = "/office/HM01/"


def clerk(client, *offices, username="kyoku"):
    user = member(Role.OFFICE, username)
    assign_offices(user_id=user.pk, offices=offices, actor=SYSTEM)
    client.force_login(user)
    return user


@pytest.fixture
def counter(client):
    """Somebody of HM01 on the day of the visits."""
    with clock.travel(NOW):
        clerk(client, "HM01")
        yield client


def booked(*args, **facts):
    """Book while it is still possible, three weeks before."""
    with clock.travel(datetime(2026, 11, 24, 10, tzinfo=JST)):
        return book(*args, **facts)


def actions(made):
    rows = AuditEntry.objects.filter(target=f"reservation:{made.id}", actor__startswith="staff:")
    return list(rows.exclude(action="reservations.reservation.booked").values_list("action", flat=True))


def test_today_stands_in_time_order_with_what_each_visitor_needs(counter):
    made = booked(
        replace(HANAKO, details=Details(needs=("WRITING",))),
        codes=("CERT_RENEW", "PIN_RESET"),
        hour=11,
        minute=0,
    )
    booked(TARO, hour=9, minute=30)
    html = page(counter.get(TODAY))
    assert html.index("博多　太郎") < html.index("福岡　花子")
    for text in ("フクオカ　ハナコ", "11:00", "更新", "暗証番号", "筆談", "予約中", "星見東郵便局"):
        assert text in html
    assert actions(made) == ["reservations.list.viewed"]


def test_neither_telephone_nor_address_nor_birth_date_is_on_the_list(counter):
    booked()
    html = page(counter.get(TODAY))
    for text in ("5678", "見本町2丁目", "昭和25", "1950", "hanako@"):
        assert text not in html


def test_the_line_for_now_stands_before_the_next_visitor(counter):
    booked(TARO, hour=9, minute=30)
    booked(HANAKO, hour=11, minute=0)
    html = page(counter.get(TODAY))
    assert html.index("博多　太郎") < html.index("いま 10:45") < html.index("福岡　花子")
    assert html.count("いま 10:45") == 1
    assert html.count("visit-next") == 1
    with clock.travel(clock.at(DAY, time(16))):
        clerk(counter, "HM01", username="afternoon")
        late = page(counter.get(TODAY))
    assert late.index("福岡　花子") < late.index("いま 16:00")


def test_totals_are_sums_of_the_rows(counter):
    booked(TARO, hour=9, minute=30)
    booked(HANAKO, hour=11, minute=0)
    gone = booked(somebody(1), hour=12)
    changes.cancel(reservation_id=gone.id, actor=SYSTEM, channel="PHONE")
    html = "".join(line.strip() for line in page(counter.get(TODAY)).splitlines())
    for label, people in (("予約", 2), ("これから", 1), ("取消し", 1)):
        assert f"<dt>{label}</dt><dd>{people}" in html
    assert "更新 <b>2</b>" in html
    assert "visit-cancelled" in html


def test_tomorrow_and_the_next_days_are_tabs_with_their_numbers(counter):
    booked(TARO, day=16)
    booked(HANAKO, day=18)
    html = page(counter.get(TODAY))
    assert "明日 <span" in html
    assert "12/17(木)" in html
    assert "12/18(金)" in html
    assert html.count("1人") == 2
    assert "博多　太郎" in page(counter.get(f"{TODAY}2026-12-16/"))


@pytest.mark.parametrize("day", ["2026-12-14", "2026-12-21", "2027-01-15", "2026-13-01", "2026-02-30"])
def test_other_dates_are_hidden(counter, day):
    assert counter.get(f"{TODAY}{day}/").status_code == 404
    assert counter.post(f"{TODAY}{day}/print/").status_code == 404


def test_how_many_days_are_shown_is_a_rule(counter):
    with clock.travel(NOW):
        decide_rule(key="office_days_ahead", value=4, effective_from=NOW, note="", actor=SYSTEM)
    assert counter.get(f"{TODAY}2026-12-21/").status_code == 200
    assert counter.get(f"{TODAY}2026-12-22/").status_code == 404


def test_another_offices_list_does_not_exist(counter):
    booked(TARO, office="HM02")
    for path in ("/office/HM02/", "/office/HM02/2026-12-15/", "/office/PO99/", "/office/visits/"):
        assert counter.get(path).status_code == 404
    assert counter.post("/office/HM02/2026-12-15/print/").status_code == 404
    assert not AuditEntry.objects.filter(action__startswith="reservations.list").exists()


def test_another_offices_visit_does_not_exist_even_when_its_number_is_guessed(counter):
    made = booked(TARO, office="HM02")
    assert counter.get(f"/office/visits/{made.reference}/").status_code == 404
    assert counter.post(f"/office/visits/{made.reference}/").status_code == 404
    assert counter.get("/office/visits/K7MTAWXR74/").status_code == 404
    assert actions(made) == []


def test_a_visit_on_a_hidden_day_does_not_exist(counter):
    made = booked(TARO, day=22)
    assert counter.get(f"/office/visits/{made.reference}/").status_code == 404
    assert counter.post(f"/office/visits/{made.reference}/").status_code == 404
    assert actions(made) == []


def test_a_visitor_is_shown_with_belongings_and_the_number_masked(counter):
    details = Details(needs=("WHEELCHAIR",), called_name="はなさん", unknown_pins=("FOUR_DIGITS",))
    made = booked(replace(HANAKO, details=details), codes=("CERT_RENEW", "PIN_RESET"))
    html = page(counter.get(f"/office/visits/{made.reference}/"))
    for text in (
        "福岡　花子",
        "電子証明書の更新",
        "本人確認書類 1点",
        "車いす",
        "はなさん",
        "数字4桁",
        "090-****-5678",
    ):
        assert text in html
    for text in ("090-0000-5678", "見本町2丁目", "1950", "昭和25", "hanako@"):
        assert text not in html
    assert actions(made) == ["reservations.reservation.viewed"]


def test_the_number_is_shown_on_record(counter):
    made = booked()
    html = page(counter.post(f"/office/visits/{made.reference}/"))
    assert "090-0000-5678" in html
    entry = AuditEntry.objects.get(action="reservations.reservation.revealed")
    assert entry.detail == {"what": "phone", "reason": "CALL"}


def test_a_cancelled_visit_says_so(counter):
    made = booked(hour=11)
    changes.cancel(reservation_id=made.id, actor=SYSTEM, channel="PHONE")
    assert "この予約は取り消されています" in page(counter.get(f"/office/visits/{made.reference}/"))


def test_what_later_parts_bring_is_not_hinted_at(counter):
    made = booked()
    for path in (TODAY, f"/office/visits/{made.reference}/"):
        html = page(counter.get(path))
        assert [word for word in ("来局", "署名", "完了", "未送信") if word in html] == []


def test_the_list_is_printed_on_record(counter):
    made = booked()
    other = booked(TARO, office="HM02")
    answer = counter.post(f"{TODAY}2026-12-15/print/")
    assert answer.content.startswith(b"%PDF")
    assert "20261215" in answer.headers["Content-Disposition"]
    entry = AuditEntry.objects.get(action="reservations.list.exported")
    assert entry.target == f"reservation:{made.id}"
    of = {"office": "HM01", "day": "2026-12-15"}
    assert entry.detail == {"file": "visitor_list", "reason": "PREPARATION", "people": 1, **of}
    assert actions(other) == []
    assert counter.get(f"{TODAY}2026-12-15/print/").status_code == 405


def test_the_paper_opens_beside_the_list(counter):
    booked()
    assert '<form method="post" target="_blank"' in page(counter.get(TODAY))


def test_who_is_called_as_the_section_is_named_once(counter):
    user = member(Role.OFFICE, "same")
    type(user).objects.filter(pk=user.pk).update(organisation="郵便局", display_name="郵便局")
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    counter.force_login(user)
    assert page(counter.get(TODAY)).split("<details")[1].split("</summary>")[0].count("郵便局") == 1


def test_a_name_that_cannot_be_printed_does_not_stop_the_paper(counter):
    booked(replace(HANAKO, name="福岡　\U000323b0\x0b子"))
    assert counter.post(f"{TODAY}2026-12-15/print/").content.startswith(b"%PDF")


def test_a_day_without_anybody_has_a_paper_that_names_the_office_and_says_so(counter):
    words = words_of(counter.post(f"{TODAY}2026-12-15/print/").content)
    assert "星見東郵便局" in words
    assert "この日の予約はありません。" in words


def test_those_of_one_office_come_straight_to_today(counter):
    assert counter.get("/office/").url == "/office/HM01/#now"


def test_those_of_several_offices_choose_and_change(client):
    with clock.travel(NOW):
        clerk(client, "HM01", "HM02")
        html = page(client.get("/office/"))
        assert "星見東郵便局" in html
        assert "星見西郵便局" in html
        assert "星見南郵便局" not in html
        assert "郵便局を変える" in page(client.get("/office/HM02/"))


def test_somebody_without_an_office_sees_none(client):
    clerk(client)
    assert "担当の郵便局が登録されていません" in page(client.get("/office/"))
    assert client.get(TODAY).status_code == 404


def test_on_a_shared_tablet_only_the_office_it_stands_in_is_there(client):
    with clock.travel(NOW):
        clerk(client, "HM01", "HM02")
        code = tablets.register_device(label="窓口1", zone=Zone.CONTRACTOR, office_code="HM02", actor=SYSTEM)
        secret = tablets.enrol_device(code=code, source="192.0.2.1")
        client.cookies[DEVICE_COOKIE] = secret
        session = client.session
        session[DEVICE] = secret.partition(".")[0]
        session.save()
        assert client.get("/office/").url == "/office/HM02/#now"
        assert client.get(TODAY).status_code == 404


def test_an_empty_day_says_so(counter):
    html = page(counter.get(TODAY))
    assert "予約はありません" in html
    assert "予約者リストを印刷" not in html


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.OPERATOR, Role.HELPDESK, Role.CITY, Role.ADMIN])
def test_only_post_offices_open_the_tablets_pages(client, role):
    user = member(role, "someone")
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    for path in ("/office/", TODAY, f"{TODAY}2026-11-24/"):
        assert client.get(path).status_code == 403


def test_more_visitors_take_no_more_queries(counter, django_assert_max_num_queries):
    for number in range(3):
        booked(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(25) as few:
        counter.get(TODAY)
    for number in range(3, 7):
        booked(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(len(few)):
        counter.get(TODAY)


def test_the_name_to_be_called_by_stands_on_the_list(counter):
    booked(replace(HANAKO, details=Details(called_name="博多　花子", sex="FEMALE")))
    html = page(counter.get(TODAY))
    assert "お呼びする名前　博多　花子" in html
    assert "女" not in html


def test_what_changed_since_the_list_was_printed_is_said_and_marked_on_each_row(counter):
    made = [
        booked(hour=11),
        booked(TARO, hour=12),
        booked(somebody(1), hour=13),
        booked(somebody(2), hour=14),
    ]
    url, some_days_before = f"/office/HM01/{DAY}/", datetime(2026, 12, 10, 10, 45, tzinfo=JST)
    with clock.travel(some_days_before):
        assert "印刷した一覧から" not in page(counter.get(url))
        counter.post(f"{url}print/")
        assert "印刷した一覧から" not in page(counter.get(url))
    with clock.travel(some_days_before + timedelta(minutes=5)):
        changes.cancel(reservation_id=made[0].id, actor=SYSTEM, channel="PHONE")
        changes.move(reservation_id=made[1].id, slot=slot_at(15, 15), actor=SYSTEM, channel="PHONE")
        changes.move(reservation_id=made[2].id, slot=slot_at(16, 15), actor=SYSTEM, channel="PHONE")
        book(somebody(3), hour=16)
        html = page(counter.get(url))
    assert "12/10 10:45 に印刷した一覧から変わりました" in html
    assert "追加 1人、変更 1人、取消し 1人、ほかの日・郵便局へ変更 1人" in html
    for mark in ("印刷後に追加", "印刷後に変更", "印刷後に取消し"):
        assert html.count(mark) == 1
    with clock.travel(some_days_before + timedelta(minutes=10)):
        counter.post(f"{url}print/")
        assert "印刷した一覧から" not in page(counter.get(url))


def test_the_page_learns_that_something_changed_without_seeing_anybody(counter):
    made = booked(hour=11)
    look = f"/office/HM01/{DAY}/version/"
    first = counter.get(look).json()
    assert first["version"] in page(counter.get(TODAY))
    seen = AuditEntry.objects.count()
    assert counter.get(look).json() == first
    assert AuditEntry.objects.count() == seen
    changes.cancel(reservation_id=made.id, actor=SYSTEM, channel="PHONE")
    second = counter.get(look).json()
    assert second != first
    stop(scope(14, 17, offices=("HM01",)))
    assert counter.get(look).json() not in (first, second)
    assert counter.get(f"/office/HM02/{DAY}/version/").status_code == 404
    assert counter.get(f"/office/HM01/{date(2027, 1, 15)}/version/").status_code == 404


def test_a_page_that_looks_by_itself_does_not_keep_a_session_open(counter):
    counter.get(TODAY)
    for minutes in (5, 10, 14):
        with clock.travel(NOW + timedelta(minutes=minutes)):
            look = counter.get(f"/office/HM01/{DAY}/version/", headers={"X-By-Itself": "1"})
            assert look.status_code == 200
    with clock.travel(NOW + timedelta(minutes=16)):
        look = counter.get(f"/office/HM01/{DAY}/version/", headers={"X-By-Itself": "1"})
    assert look.status_code == 302


def test_the_tablet_tells_the_secretariats_number_and_what_the_city_announces(counter):
    put_announcement(
        kind="OUTAGE",
        title="通信の障害",
        body="調べています。",
        shows_from=NOW,
        shows_until=NOW + timedelta(hours=1),
        actor=SYSTEM,
    )
    html = page(counter.get(TODAY))
    assert "000-000-0005" in html
    assert "通信の障害" in html


@pytest.mark.parametrize(
    ("hours", "marked"), [((14, 17), ["15:30"]), ((9, 12), ["11:30"]), ((9, 17), ["11:30", "15:30"])]
)
@pytest.mark.parametrize("kind", ["停止", "休業"])
def test_a_stop_or_closure_stands_on_the_printed_list_and_on_each_row_it_hits(counter, kind, hours, marked):
    booked(hour=11)
    booked(TARO, hour=15)
    span = scope(*hours, offices=("HM01",))
    if kind == "停止":
        stop(span)
    else:
        offices.close_office(
            office="HM01",
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            reason="TYPHOON",
            note="",
            actor=SYSTEM,
        )
    lines = re.findall(r'visit-time">([^<]+)<(.*?)</a>', page(counter.get(TODAY)), re.DOTALL)
    assert [time for time, rest in lines if f"{kind}</span>" in rest] == marked
    paper = words_of(counter.post(f"/office/HM01/{DAY}/print/").content)
    assert paper.count(kind) == 1 + len(marked)
