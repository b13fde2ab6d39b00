"""Proposals on screen: written and sent by the secretariat, decided by the city, looked at beforehand."""

import re
from datetime import date, time, timedelta

import pytest
from support.callcentre import put_texts
from support.secretariat import filled, member
from support.staff_pages import page
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.proposals import proposal, proposals
from madoguchi.contract.selectors import belongings_for, booking_rules, guidance
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.announcements import put_announcement, shown_announcements
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.rules import PLACEHOLDERS
from madoguchi.notifications.selectors import text_in_force
from madoguchi.notifications.services import put_text
from madoguchi.workflows.approvals.proposals import save_proposal, send_proposal
from madoguchi.workflows.messages.preview import SAMPLE, belongings_in_lines, render_sample_mail

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())
RULES = "/secretariat/proposals/new/rules/"
MAIL = "/secretariat/proposals/new/mail/confirmation/"
SUBJECT = "【星見市】ご予約のお知らせ"
BODY = "予約番号 {reference}\n{when}\n{office}\n{link}\n{phone}\n"
WHY = {"effective_on": "2026-12-01", "reason": "協議による"}


@pytest.fixture
def staff(client):
    client.force_login(member())
    return client


@pytest.fixture
def city_hall():
    other = Browser()
    other.force_login(member(Role.CITY, "shi"))
    return other


def told(response):
    """Return what the page after a press says."""
    return " ".join(str(message) for message in response.context["messages"])


def written(staff, url=RULES, **changes):
    """Write a proposal and return its id."""
    answer = staff.post(url, filled(staff, url, **{**WHY, **changes}))
    assert answer.status_code == 302, page(answer)
    return int(answer.url.rstrip("/").rpartition("/")[2])


def test_a_change_of_rules_goes_from_the_secretariat_to_the_city_and_holds_from_its_day_on(staff, city_hall):
    made = written(staff, register_days="3", ask_sex="on")
    html = page(staff.get(f"/secretariat/proposals/{made}/"))
    assert "5開庁日前" in html
    assert "3開庁日前" in html
    assert proposal(made).content == {"register_days": 3, "ask_sex": True}
    assert page(city_hall.get("/city/")).count("row-link") == 0
    staff.post(f"/secretariat/proposals/{made}/send/")
    assert f"案{made}" in page(city_hall.get("/city/"))
    assert "協議による" in page(city_hall.get(f"/city/proposals/{made}/"))
    assert "承認しました" in told(city_hall.post(f"/city/proposals/{made}/approve/", follow=True))
    assert booking_rules(FROM).register_days == 3
    assert booking_rules(FROM - timedelta(seconds=1)).register_days == 5
    rules = page(staff.get("/secretariat/rules/"))
    assert "12/1(火) 00:00から 3開庁日前" in rules
    assert f'href="/secretariat/proposals/{made}/">案{made}</a>' in rules
    html = page(staff.get(f"/secretariat/proposals/{made}/"))
    for words in ("案を書きました", "承認を求めました", "承認しました", "承認済・適用前"):
        assert words in html
    assert f"案{made}" in page(city_hall.get("/city/?all=1"))


def test_a_returned_proposal_shows_the_reason_and_can_be_edited(staff, city_hall):
    made = written(staff, register_days="3")
    staff.post(f"/secretariat/proposals/{made}/send/")
    assert "入力してください" in page(city_hall.post(f"/city/proposals/{made}/return/", {"answer": ""}))
    city_hall.post(f"/city/proposals/{made}/return/", {"answer": "照合が間に合いません"})
    assert "照合が間に合いません" in page(staff.get(f"/secretariat/proposals/{made}/"))
    assert "差し戻された案 <b>1</b>件" in page(staff.get("/secretariat/"))
    url = f"/secretariat/proposals/{made}/edit/"
    assert staff.get(url).context["form"]["register_days"].value() == 3
    staff.post(url, filled(staff, url, register_days="4"))
    assert proposal(made).state == "written"
    assert "照合が間に合いません" in page(staff.get(f"/secretariat/proposals/{made}/"))


def test_overlapping_proposals_are_answered_with_the_name_of_the_other_and_nothing_typed_is_lost(staff):
    made = written(staff, register_days="3")
    html = page(staff.post(RULES, filled(staff, RULES, **WHY, register_days="4", cancel_days="2")))
    assert (
        f"「予約の締切（申請者）」は、案{made}「予約の締切（申請者）（すべての郵便局）」（中洲 次郎、" in html
    )
    assert 'value="4"' in html
    assert len(proposals()) == 1


def test_an_outdated_proposal_is_refused_with_a_sentence_at_every_step(staff, city_hall):
    first = written(staff, register_days="3")
    second = written(staff, cancel_days="2")
    staff.post(f"/secretariat/proposals/{second}/send/")
    for key, value in (("register_days", 7), ("cancel_days", 3)):
        decide_rule(key=key, value=value, effective_from=clock.now(), actor=SYSTEM)
    assert "この案を書いたあとに変わりました" in told(
        staff.post(f"/secretariat/proposals/{first}/send/", follow=True)
    )
    answer = city_hall.post(f"/city/proposals/{second}/approve/", follow=True)
    assert "この案を書いたあとに変わりました" in told(answer)
    assert proposal(second).state == "sent"


def test_nobody_approves_or_returns_what_they_wrote_themselves(city):
    # No screen lets the city write one; the ledger asks all the same.
    user = member(Role.CITY, "shi")
    made = save_proposal(
        kind=ProposalKind.RULES, content={"register_days": 3}, effective_from=clock.now() + timedelta(7),
        reason="協議による", actor=Actor("staff", str(user.pk)),
    )  # fmt: skip
    send_proposal(proposal_id=made, actor=SYSTEM)
    author = Browser()
    author.force_login(user)
    assert "本市のほかの担当者" in told(author.post(f"/city/proposals/{made}/approve/", follow=True))
    assert "本市のほかの担当者" in page(author.post(f"/city/proposals/{made}/return/", {"answer": "直す"}))
    assert proposal(made).state == "sent"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("register_days", "999", "366"),
        ("register_time", "25:00", "17:00"),
        ("hold_minutes", "x", "数字で入力してください"),
        ("reason", "1234-5678-9018", "マイナンバー"),
        ("reason", "", "入力してください"),
        ("effective_on", "2030-01-01", "までの間で"),
        ("effective_on", "2026-12-01", "同じです"),
    ],
)
def test_a_proposal_that_could_not_hold_is_answered(staff, key, value, says):
    assert says in page(staff.post(RULES, filled(staff, RULES, **{**WHY, key: value})))
    assert not proposals()


def test_one_office_is_not_offered_a_rule_that_holds_for_all_alike(staff):
    assert "性別をたずねる" in page(staff.get(RULES))
    assert "性別をたずねる" not in page(staff.get(f"{RULES}HM01/"))
    made = written(staff, f"{RULES}HM01/", register_days="3")
    assert proposal(made).scope == "HM01"
    for nonsense in ("rules/HM99", "nothing", "mail/nothing", "text/no.such", "announcement/9"):
        assert staff.get(f"/secretariat/proposals/new/{nonsense}/").status_code == 404


def test_a_mail_is_seen_as_people_will_read_it_and_its_difference_word_by_word(staff, city_hall):
    put_text(kind=MailKind.CONFIRMATION, subject=SUBJECT, body=BODY, actor=SYSTEM)
    asked = filled(staff, MAIL, **WHY, body=f"{BODY}お待ちしています。\n")
    assert "K7MT-AWX-R74" in page(staff.post(MAIL, {**asked, "action": "preview"}))
    assert not proposals()
    made = written(staff, MAIL, body=f"{BODY}お待ちしています。\n")
    staff.post(f"/secretariat/proposals/{made}/send/")
    html = page(city_hall.get(f"/city/proposals/{made}/"))
    assert '<ins class="came"><span class="visually-hidden">［加える：</span>お待ちしています。' in html
    assert "K7MT-AWX-R74" in html
    city_hall.post(f"/city/proposals/{made}/approve/")
    assert "お待ちしています" not in text_in_force(kind=MailKind.CONFIRMATION, at=clock.now()).body
    assert "お待ちしています" in text_in_force(kind=MailKind.CONFIRMATION, at=FROM).body
    assert "変更の予定あり" in page(staff.get("/secretariat/texts/"))
    assert f'href="/secretariat/proposals/{made}/">案{made}</a>' in page(staff.get(MAIL))


def test_a_text_of_another_language_is_a_text_of_its_own_and_read_in_it(staff, city_hall):
    put_text(kind=MailKind.CONFIRMATION, subject=SUBJECT, body=BODY, actor=SYSTEM)
    url = f"{MAIL}?language=en"
    assert staff.get(url).context["form"]["body"].value() is None
    asked = filled(staff, url, **WHY, subject="Your appointment", body=BODY)
    assert "15 December 2026" in page(staff.post(url, {**asked, "action": "preview"}))
    made = written(staff, url, subject="Your appointment", body=BODY)
    staff.post(f"/secretariat/proposals/{made}/send/")
    html = page(city_hall.get(f"/city/proposals/{made}/"))
    assert "15 December 2026" in html
    assert "English" in html
    city_hall.post(f"/city/proposals/{made}/approve/")
    said = [
        text_in_force(kind=MailKind.CONFIRMATION, at=FROM, language=each).subject for each in ("ja", "en")
    ]
    assert said == [SUBJECT, "Your appointment"]
    assert staff.get(f"{MAIL}?language=xx").status_code == 404


def test_a_guidance_text_may_be_written_where_the_pack_has_none_in_that_language(staff, city_hall):
    put_texts()
    name = guidance("")[0].name
    url = f"/secretariat/proposals/new/text/{name}/?language=ja-easy"
    assert "まだありません" in page(staff.get(url))
    made = written(staff, url, title="おかね", body="いりません。")
    staff.post(f"/secretariat/proposals/{made}/send/")
    city_hall.post(f"/city/proposals/{made}/approve/")
    with clock.travel(FROM):
        assert guidance(name, language="ja-easy")[0].title == "おかね"
        assert guidance(name)[0].title != "おかね"


@pytest.mark.parametrize(
    ("subject", "body", "says"),
    [
        ("マイナンバーカードの予約", BODY, "用件が分からない件名"),
        (SUBJECT, BODY.replace("{link}", ""), "{link}"),
        (SUBJECT, BODY + "{code}", "{code}"),
        (SUBJECT, BODY + "1234-5678-9018", "マイナンバー"),
    ],
)
def test_a_text_that_would_fail_or_tell_too_much_is_answered_and_kept_on_screen(staff, subject, body, says):
    put_text(kind=MailKind.CONFIRMATION, subject=SUBJECT, body=BODY, actor=SYSTEM)
    html = page(staff.post(MAIL, filled(staff, MAIL, **WHY, subject=subject, body=body)))
    assert says in html
    assert "予約番号 {reference}" in html
    assert not proposals()


@pytest.mark.parametrize(("language", "is_refused"), [("ja", True), ("en", False)])
def test_a_subject_that_another_kind_of_mail_has_is_answered_beside_it(staff, language, is_refused):
    put_text(kind=MailKind.CONFIRMATION, subject=SUBJECT, body=BODY, actor=SYSTEM)
    put_text(kind=MailKind.CHANGED, subject="変更", body=BODY, actor=SYSTEM, language=language)
    html = page(staff.post(MAIL, filled(staff, MAIL, **WHY, subject="変更", body=BODY + "!")))
    assert ("「変更」のメールと同じ件名です" in html) == is_refused
    assert bool(proposals()) != is_refused


def test_the_sample_reads_as_the_mail_does(city):
    assert render_sample_mail("{minutes}分\n{belongings}") == "30分\n・マイナンバーカード"
    paper = belongings_for(["PIN_RESET"])[-1]
    assert belongings_in_lines([paper]) == "・本人確認書類 1点\n　運転免許証、資格確認書など"
    assert render_sample_mail("{cause}", values={"cause": "停電"}) == "停電"


def test_the_preview_knows_every_word_a_mail_may_use():
    assert set().union(*(allowed for allowed, _ in PLACEHOLDERS.values())) <= set(SAMPLE)


def test_a_guidance_text_is_changed_by_the_same_way(staff, city_hall):
    put_texts()
    name = guidance("")[0].name
    assert name in page(staff.get("/secretariat/texts/"))
    made = written(staff, f"/secretariat/proposals/new/text/{name}/", body="■費用\n\nいりません。")
    staff.post(f"/secretariat/proposals/{made}/send/")
    city_hall.post(f"/city/proposals/{made}/approve/")
    with clock.travel(FROM):
        assert guidance(name)[0].body == "■費用\n\nいりません。\n"


def announced(staff, url="/secretariat/proposals/new/announcement/", **changes):
    said = {"kind": "MAINTENANCE", "title": "夜間の停止", "body": "予約できません。"}
    times = {"shows_from": "2026-12-01T00:00", "shows_until": "2026-12-03T00:00"}
    return staff.post(url, {**said, **times, "reason": "保守", "action": "save", **changes})


def test_an_announcement_waits_for_the_city_and_takes_the_place_of_another(staff, city_hall):
    old = put_announcement(
        kind="INFORMATION", title="前の", body="", shows_from=clock.now(),
        shows_until=FROM + timedelta(days=9), actor=SYSTEM,
    )  # fmt: skip
    edit = staff.get(f"/secretariat/announcements/{old}/")
    assert edit.url == f"/secretariat/proposals/new/announcement/{old}/"
    assert "banner-warning" in page(announced(staff, edit.url, action="preview"))
    made = announced(staff, edit.url).url.split("/")[-2]
    staff.post(f"/secretariat/proposals/{made}/send/")
    assert "夜間の停止" in page(city_hall.get(f"/city/proposals/{made}/"))
    city_hall.post(f"/city/proposals/{made}/approve/")
    assert [row.title for row in shown_announcements()] == ["前の"]
    with clock.travel(FROM):
        assert [row.title for row in shown_announcements()] == ["夜間の停止"]
    staff.post(f"/secretariat/proposals/{made}/withdraw/")
    with clock.travel(FROM):
        assert [row.title for row in shown_announcements()] == ["前の"]


def test_an_outage_is_published_without_a_proposal(staff):
    assert "表示されている中から選んでください" in page(announced(staff, kind="OUTAGE"))
    assert not proposals()


def test_the_list_shows_what_goes_on_and_with_all_the_history(staff):
    assert "進行中の案はありません" in page(staff.get("/secretariat/proposals/"))
    made = written(staff, register_days="3")
    staff.post(f"/secretariat/proposals/{made}/withdraw/")
    again = staff.post(f"/secretariat/proposals/{made}/withdraw/", follow=True)
    assert "ほかの人が先に" in told(again)
    assert "進行中の案はありません" in page(staff.get("/secretariat/proposals/"))
    assert "取下げ" in page(staff.get("/secretariat/proposals/?all=1"))
    assert staff.get(f"/secretariat/proposals/{made}/edit/").url == f"/secretariat/proposals/{made}/"


def test_the_simulator_shows_both_ways_side_by_side_to_both_sites(staff, city_hall):
    made = written(staff, register_days="10", hold_minutes="5")
    staff.post(f"/secretariat/proposals/{made}/send/")
    for client, url in ((staff, "/secretariat/simulator/"), (city_hall, "/city/simulator/")):
        html = page(client.get(url, {"proposal": made}))
        assert "10分" in html
        assert '<ins class="came">5分</ins>' in html
        assert "12/1(火) 00:00 に見えるもの" in html
        assert html.count('<td class="differs">') == 5
        early = page(client.get(url, {"proposal": made, "day": "2026-11-25", "time": "09:00"}))
        assert "まだ何も変わりません" in early
        assert "変わります</span>" not in early
        today = client.get(url)
        assert "案を選ばない" in page(today)
        assert page(today).count('class="marks"') == 2


def test_the_page_of_a_proposal_leads_to_the_simulator_with_this_proposal(staff, city_hall):
    made = written(staff, hold_minutes="5")
    staff.post(f"/secretariat/proposals/{made}/send/")
    for client, site in ((staff, "/secretariat/"), (city_hall, "/city/")):
        [link] = re.findall(r'href="([^"]*simulator/\?[^"]*)"', page(client.get(f"{site}proposals/{made}/")))
        assert '<ins class="came">5分</ins>' in page(client.get(link))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"day": "2026-11-23"}, "これからの日時"),
        ({"day": "2031-01-01"}, "までの間で"),
        ({"time": "25:00"}, "09:00"),
        ({"office": "HM99"}, "表示されている中から選んでください"),
        ({"procedure": "NOTHING"}, "表示されている中から選んでください"),
        ({"proposal": "999"}, "表示されている中から選んでください"),
        ({"proposal": "x"}, "表示されている中から選んでください"),
    ],
)
def test_a_look_at_what_there_is_not_is_answered(staff, asked, says):
    assert says in page(staff.get("/secretariat/simulator/", {"time": "09:00", "day": "2026-11-25", **asked}))


def test_an_office_that_takes_no_bookings_yet_is_said_so(staff):
    assert "受け付けていません" in page(staff.get("/secretariat/simulator/", {"office": "HM03"}))


def test_more_proposals_take_no_more_queries(staff, city_hall, django_assert_max_num_queries):
    for number in range(12):
        made = save_proposal(
            kind=ProposalKind.RULES, content={"register_days": 9}, reason="協議",
            effective_from=FROM + timedelta(days=number), actor=SYSTEM,
        )  # fmt: skip
        staff.post(f"/secretariat/proposals/{made}/send/")
    with django_assert_max_num_queries(12):
        staff.get("/secretariat/proposals/")
    with django_assert_max_num_queries(12):
        city_hall.get("/city/")
    # The page of a proposal holds the simulator's comparison.
    with django_assert_max_num_queries(64):
        city_hall.get(f"/city/proposals/{made}/")
    with django_assert_max_num_queries(60):
        city_hall.get("/city/simulator/", {"proposal": made})
