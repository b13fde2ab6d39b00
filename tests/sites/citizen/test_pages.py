"""Pages that explain, pages for what went wrong, and the frame around all of them."""

import re
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from support.journeys import text_of

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.services import decide_rule, put_rows
from madoguchi.notifications.announcements import put_announcement

pytestmark = pytest.mark.usefixtures("city")


def put_text(name, title="見出し", body="本文"):
    put_rows(
        kind=GuidanceRow, rows=[GuidanceRow(name=name, language="ja", title=title, body=body, position=1)]
    )


@pytest.mark.parametrize(
    "path", ["/", "/wizard/", "/faq/", "/offices/", "/wards/", "/how-to/", "/reserve/", "/lookup/"]
)
def test_a_public_page_opens_for_everybody(client, path):
    assert client.get(path).status_code == 200


def test_a_text_of_the_city_is_laid_out_by_its_marks(client):
    put_text("privacy", "個人情報の取扱い", "■ 使いみち\nご連絡に使います。\n\n・一つ目\n・二つ目")
    page = text_of(client.get("/privacy/"))
    assert "<h2>使いみち</h2>" in page
    assert "<li>二つ目</li>" in page


def test_a_text_that_nobody_wrote_is_not_found(client):
    assert client.get("/privacy/").status_code == 404


def test_markup_in_a_text_stays_text(client):
    put_text("privacy", body="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/privacy/").content.decode()


def test_a_ward_page_shows_the_counter_that_was_asked_for(client):
    page = text_of(client.get("/reserve/ward/UNDER_15/?ward=992038"))
    assert "西区役所市民課" in page
    assert "000-000-0004" in page


ANSWERS = {
    "person": "self",
    "home": "yes",
    "stay": "no",
    "moved": "no",
    "certificate": "soon",
    "same_day": "no",
    "pins": "known",
}


def test_the_guide_asks_one_question_after_the_other(client):
    said, asked = {}, []
    while question := client.get("/wizard/", said).context.get("form"):
        (name,) = question.fields
        asked.append(name)
        said[name] = ANSWERS[name]
    assert asked == list(ANSWERS)


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"certificate": "soon"}, ["CERT_RENEW"]),
        ({"certificate": "over", "pins": "unknown"}, ["CERT_ISSUE", "PIN_RESET"]),
        ({"moved": "filed"}, ["CERT_ISSUE", "FACE_CHANGE"]),
        ({"same_day": "unsure"}, ["CERT_RENEW"]),
        *(
            ({"same_day": same_day, "certificate": certificate, "pins": "unknown"}, [*issue, "PIN_RESET"])
            for same_day in ("yes", "no", "unsure")
            for certificate, issue in (("later", []), ("none", ["CERT_ISSUE"]))
        ),
        ({"same_day": "yes", "moved": "filed"}, ["CERT_ISSUE", "FACE_CHANGE"]),
        ({"certificate": "later"}, []),
    ],
)
def test_the_questions_lead_to_the_procedures(client, answers, wanted):
    page = client.get("/wizard/", {**ANSWERS, **answers}).context["wanted"]
    assert [row.code for row in page.procedures] == wanted
    if wanted:
        chosen = client.get(page.href).context["form"]
        assert (chosen["procedures"].value(), chosen["who"].value()) == (wanted, "self")


def test_pages_name_the_age_and_the_months_of_the_rules(client):
    for key, value in (("min_age", 18), ("renewal_window_months", 6)):
        decide_rule(key=key, value=value, effective_from=clock.now(), actor=SYSTEM)
    asked = text_of(client.get("/wizard/"))
    assert "18歳以上のご本人" in asked
    assert "18歳未満のご本人" in asked
    expiry = text_of(client.get("/wizard/", ANSWERS | {"change": "certificate"}))
    assert "6か月以内に切れる" in expiry
    assert "まだ6か月より先" in expiry
    assert "有効期限の6か月前から更新できます" in text_of(
        client.get("/wizard/", ANSWERS | {"certificate": "later"})
    )
    begins = text_of(client.get("/reserve/"))
    assert "18歳未満の方は、郵便局では予約できません" in begins
    assert "手続きの日に18歳未満です" in begins


def test_a_person_with_a_new_address_is_not_asked_about_the_certificate(client):
    said = {name: ANSWERS[name] for name in ("person", "home", "stay")} | {"moved": "filed"}
    assert list(client.get("/wizard/", said).context["form"].fields) == ["pins"]


def test_an_answer_can_be_changed_and_the_others_stay(client):
    page = client.get("/wizard/", ANSWERS | {"change": "certificate"})
    assert page.context["form"]["certificate"].value() == "soon"
    others = dict(page.context["others"])
    assert others == {name: said for name, said in ANSWERS.items() if name != "certificate"}


def test_a_question_passed_over_is_asked_again_with_a_sentence(client):
    page = text_of(client.get("/wizard/", {"asked": "person"}))
    assert "あてはまるものを1つ選んでください" in page
    assert "あてはまるもの" not in text_of(client.get("/wizard/"))


def test_nonsense_among_the_answers_is_asked_again(client):
    page = client.get("/wizard/", ANSWERS | {"stay": "<b>", "asked": "stay"})
    assert list(page.context["form"].fields) == ["stay"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        *(
            (ANSWERS | {"same_day": "yes", "certificate": certificate}, "CARD_EXPIRED_OR_DUE")
            for certificate in ("soon", "over")
        ),
        ({"person": "agent"}, "AGENT_VISIT"),
        ({"person": "under_15"}, "UNDER_15"),
        ({"home": "not_continued"}, "CONTINUATION_PENDING"),
        ({"home": "no"}, "NOT_RESIDENT"),
        ({"stay": "yes"}, "RESIDENCE_CARD_TYPE"),
        ({"moved": "not_filed"}, "NOTIFICATION_MISSING"),
        (ANSWERS | {"pins": "none"}, "FACE_AUTH_CARD"),
    ],
)
def test_an_answer_only_the_ward_office_can_help_with_ends_the_questions(client, said, name):
    assert client.get("/wizard/", said).url == f"/reserve/ward/{name}/"


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ((2026, 11, 24, 10), ""),
        ((2026, 11, 24, 17), "11月25日（水）午前9時"),
        ((2026, 11, 24, 8), "11月24日（火）午前9時"),
        ((2026, 11, 27, 18), "11月30日（月）午前9時"),
    ],
)
def test_outside_its_hours_the_page_says_when_the_telephone_is_answered_again(client, at, says):
    with clock.travel(datetime(*at, tzinfo=JST)):
        page = text_of(client.get("/lookup/"))
    assert ("次の受付は" in page) == bool(says)
    assert says in page


def test_an_announcement_stands_on_every_page_as_long_as_it_shall(client, now):
    put_announcement(
        kind="OUTAGE",
        title="国のシステムが止まっています",
        body="復旧するまで手続きができません。",
        shows_from=now,
        shows_until=now + timedelta(hours=1),
        actor=SYSTEM,
    )
    assert "国のシステムが止まっています" in text_of(client.get("/lookup/"))


def test_before_the_first_wave_the_page_says_when_booking_begins(client):
    with clock.travel(datetime(2026, 8, 10, 9, tzinfo=JST)):
        page = text_of(client.get("/"))
    assert "8月17日（月）午前9時から、予約を受け付けます" in page
    assert "24時間受付" not in page


def test_the_coming_wave_is_announced_with_its_day(client):
    with clock.travel(datetime(2027, 2, 16, 9, tzinfo=JST)):
        page = text_of(client.get("/"))
    assert "市内3の郵便局" in page
    assert "3月1日（月）から、3の郵便局で手続きできます" in page


def test_a_language_is_offered_only_once_there_is_a_choice(client, settings):
    assert 'value="en" lang="en">English</button>' in text_of(client.get("/"))
    settings.LANGUAGES = [("ja", "日本語")]
    assert "setlang" not in text_of(client.get("/"))


def test_production_carries_no_training_ribbon(client, settings):
    settings.TRAINING = False
    assert "訓練環境" not in text_of(client.get("/"))


def test_an_unknown_address_answers_kindly(client):
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert "ページが見つかりません" in text_of(page)
    assert "000-000-0002" in text_of(page)


def test_a_missing_token_answers_kindly(client):
    page = Client(enforce_csrf_checks=True).post("/lookup/", {})
    assert page.status_code == 403
    assert "次のことをお試しください" in text_of(page)


def test_a_fault_of_ours_answers_kindly_even_without_a_database(client, monkeypatch):
    def broken():
        raise RuntimeError

    monkeypatch.setattr("madoguchi.sites.citizen.guide.presenters.top", broken)
    monkeypatch.setattr("madoguchi.sites.citizen.pages.frame", broken)
    client.raise_request_exception = False
    page = client.get("/")
    assert page.status_code == 500
    assert "申し訳ございません" in text_of(page)


def test_the_page_for_a_maintenance_needs_nothing_but_itself():
    out = StringIO()
    call_command("write_maintenance_page", stdout=out)
    html = out.getvalue()
    assert "000-000-0002" in html
    assert "/static/" not in html


def test_every_sentence_of_a_template_can_be_translated():
    marked = re.compile(
        r"\{%\s*(?:translate|trans)\b.*?%\}|\{%\s*blocktranslate\b.*?%\}.*?\{%\s*endblocktranslate\s*%\}"
        r"|\{%\s*comment\s*%\}.*?\{%\s*endcomment\s*%\}"
        r"|<g\b[^>]*lang=\"ja\">.*?</g>",  # what stands on the card itself
        re.DOTALL,
    )
    roots = [Path("madoguchi/sites/citizen/templates"), Path("madoguchi/web/templates/web/components")]
    templates = [path for root in roots for path in root.rglob("*.html")]
    bare = [
        str(path)
        for path in [*templates, Path("madoguchi/web/templates/web/citizen_base.html")]
        if re.search("[ぁ-んァ-ヶ一-龥]", marked.sub("", path.read_text(encoding="utf-8")))
    ]
    assert templates
    assert bare == []


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Important notice about services at post offices (in Japanese)"), ("ja", "")],
)
def test_a_notice_in_japanese_says_so_to_who_reads_another_language(client, now, language, says):
    put_announcement(
        kind="OUTAGE",
        title="システムを停止しています",
        body="復旧をお待ちください。",
        shows_from=now,
        shows_until=now + timedelta(hours=1),
        actor=SYSTEM,
    )
    client.cookies["language"] = language
    page = text_of(client.get("/faq/"))
    assert "システムを停止しています" in page
    assert ('<div lang="ja"><p>' in page) == bool(says)
    assert says in page
