"""停止・休業の対応 as staff see it: choose, see whom it hits, stop, tell, start again."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from support.people import SECRETARIAT, TARO, somebody
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Announcement, Mail
from madoguchi.notifications.services import put_text
from madoguchi.offices.models import Pause
from madoguchi.reservations.models import DisruptedVisit, Disruption

pytestmark = pytest.mark.usefixtures("city")
LIST = "/secretariat/pauses/"
ASKED = {
    "cause": "TYPHOON",
    "where": "all",
    "start": "at",
    "starts_at": "2026-12-15T00:00",
    "end": "until",
    "ends_at": "2026-12-16T00:00",
    "title": "台風のため",
    "body": "",
}


def stop(staff, **changes):
    answer = staff.post(LIST, {**ASKED, **changes, "action": "stop"})
    assert answer.status_code == 302, page(answer)
    return answer.url


def test_the_effect_is_shown_before_anything_stops(staff):
    book()
    book(TARO, hour=11)
    html = page(staff.post(LIST, {**ASKED, "action": "preview"}))
    assert '<span class="effect-number">2<small>人</small>' in html
    assert "すべての郵便局 12/15(火) 終日 台風・災害" in html
    assert not Pause.objects.exists()


def test_stopped_it_leads_to_what_comes_next(staff):
    book()
    book(TARO, hour=11)
    html = page(staff.get(stop(staff)))
    assert "確かめるため、1 と入力" in html
    assert "メールのない <b>1人</b>" in html
    assert Announcement.objects.get().title == "台風のため"
    assert AuditEntry.objects.filter(action="offices.pause.begun").count() == 1


def test_mail_leaves_only_with_the_right_number_and_the_page_goes_on(staff):
    book()
    here = stop(staff)
    send = reverse("secretariat:disruptions-mail", args=[Disruption.objects.get().pk])
    assert "入力した数と違います" in page(staff.post(send, {"people": "3"}, follow=True))
    assert "入力した数と違います" in page(staff.post(send, {"people": ""}, follow=True))
    assert not Mail.objects.filter(kind="move_request").exists()
    assert "1人にメールを送ります" in page(staff.post(send, {"people": "１"}, follow=True))
    assert "メールで知らせる方は、残っていません" in page(staff.get(here))


def test_the_words_of_the_mail_are_shown_before_it_leaves(staff):
    put_text(
        kind=MailKind.MOVE_REQUEST,
        subject="大切なお知らせ",
        body="{cause}のため {when} {office} {link} {phone}",
        actor=SECRETARIAT,
    )
    book()
    assert "台風・災害のため" in page(staff.get(stop(staff)))


def test_started_again_it_says_how_many_come_as_planned(staff):
    book()
    here = stop(staff)
    html = page(staff.post(f"{here}lift/", follow=True))
    assert "1人の予約は、予定どおりです" in html
    assert "停止は終わりました" in html
    assert "すでに終わっています" in page(staff.post(f"{here}lift/", follow=True))


def test_a_longer_pause_says_how_many_more_are_hit(staff):
    book(day=16)
    here = stop(staff)
    html = page(staff.post(f"{here}extend/", {"end": "until", "ends_at": "2026-12-17T00:00"}, follow=True))
    assert "新しく影響を受ける方は1人" in html
    html = page(staff.post(f"{here}extend/", {"end": "until", "ends_at": "2026-12-16T12:00"}))
    assert "いまの終わりより後" in html
    assert "終わりの日時を入力してください" in page(staff.post(f"{here}extend/", {"end": "until"}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cause": ""}, "原因"),
        ({"where": "some"}, "止める郵便局を選んでください"),
        ({"where": "some", "offices": ["XX"]}, "表示されている中から選んでください"),
        ({"procedure": "NONE"}, "表示されている中から選んでください"),
        ({"starts_at": ""}, "始まりの日時を入力してください"),
        ({"starts_at": "あした"}, "のように入力してください"),
        ({"starts_at": "2026-11-20T09:00"}, "過ぎた日は止められません"),
        ({"ends_at": "2026-12-14T00:00"}, "終わりは、始まりといまの時刻より後"),
        ({"end": "today"}, "終わりは、始まりといまの時刻より後"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_stops_nothing(staff, changes, sentence):
    html = page(staff.post(LIST, {**ASKED, **changes, "action": "stop"}))
    assert sentence in html
    assert not Pause.objects.exists()
    assert not Announcement.objects.exists()


def test_a_number_that_may_not_be_kept_is_refused_in_the_banner(staff):
    html = page(staff.post(LIST, {**ASKED, "body": "1234 5678 9018", "action": "stop"}))
    assert "消してください" in html
    assert not Pause.objects.exists()


def test_the_same_scope_twice_is_refused_and_the_same_press_twice_is_one(staff):
    assert stop(staff) == stop(staff)
    html = page(staff.post(LIST, {**ASKED, "starts_at": "2026-12-15T09:00", "action": "stop"}))
    assert "すでに停止しています" in html
    assert Pause.objects.count() == 1


def test_from_now_on_is_the_moment_of_the_first_press(staff):
    asked = {**ASKED, "start": "now", "starts_at": "", "end": "today", "ends_at": ""}
    html = page(staff.post(LIST, {**asked, "action": "preview"}))
    decided = html.split('name="decided" value="')[1].split('"')[0]
    for _ in range(2):
        stop(staff, **asked, decided=decided.replace("&#x2B;", "+"))
    assert Pause.objects.get().during.lower == clock.now()


def test_until_lifted_lasts_to_the_end_of_the_term(staff):
    stop(staff, end="open", ends_at="")
    assert Pause.objects.get().during.upper == datetime(2027, 4, 1, tzinfo=JST)
    assert "12/15(火) 00:00–再開まで" in page(staff.get(LIST))


def test_one_procedure_at_one_office_is_named(staff):
    stop(staff, where="some", offices=["HM01"], procedure="CERT_RENEW", cause="NATIONAL_SYSTEM")
    assert "星見東 更新 12/15(火) 終日 国のシステム（J-LIS）の停止" in page(staff.get(LIST))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_record_leaves_as_a_table_without_names_of_citizens(staff, kind):
    book()
    stop(staff)
    answer = staff.get(f"{LIST}?file={kind}")
    assert answer.status_code == 200
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
        assert "すべての郵便局 12/15(火) 終日 台風・災害" in text
        assert "福岡" not in text


def test_the_list_of_people_shows_fifty_at_a_time_and_each_part_of_them(staff):
    book()
    book(TARO, hour=11)
    stop(staff)
    listed = Disruption.objects.get()
    html = page(staff.get(f"/secretariat/disruptions/{listed.pk}/?part=call"))
    assert TARO.name in html
    assert "福岡　花子" not in html
    last = staff.get(f"/secretariat/disruptions/{listed.pk}/?part=all&page=99")
    assert all(name in page(last) for name in (TARO.name, "福岡　花子"))
    assert last.context["page"].number == 1


def test_the_page_asks_as_much_for_many_pauses_as_for_one(staff):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            staff.get(LIST)
        return len(asked)

    book()
    stop(staff)
    queries()
    one = queries()
    book(somebody(1), day=17)
    stop(staff, starts_at="2026-12-17T00:00", ends_at="2026-12-18T00:00")
    stop(staff, starts_at="2026-12-18T00:00", ends_at="2026-12-19T00:00", where="some", offices=["HM02"])
    queries()
    assert queries() == one


def test_people_who_were_called_are_told_that_the_visit_stands(staff):
    book(TARO)
    here = stop(staff)
    visit = DisruptedVisit.objects.get()
    tell = reverse("secretariat:disruptions-tell", args=[visit.disruption_id, visit.pk])
    staff.post(tell)
    staff.post(f"{here}lift/")
    assert "まだ伝えていない方が <b>1人</b>" in page(staff.get(here))
    panel = page(staff.get(f"/secretariat/disruptions/{visit.disruption_id}/?open={visit.pk}"))
    assert "予定どおりと伝えた" in panel
    staff.post(tell)
    assert "まだ伝えていない" not in page(staff.get(here))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICE, Role.CITY, Role.ADMIN])
def test_other_roles_stop_nothing(client, role):
    client.force_login(member(role))
    assert client.get(LIST).status_code == 403
    assert client.post(LIST, {**ASKED, "action": "stop"}).status_code == 403
    assert not Pause.objects.exists()
