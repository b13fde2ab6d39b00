"""Two clerks save the same form: the second is told, sees what stands, and loses nothing that was typed."""

import re

import pytest
from django.urls import reverse
from support.journeys import text_of
from support.presses import ledgers
from support.secretariat import book, filled, member
from support.staff_presses import EVERYWHERE, STAFF
from support.tabs import words_of

from madoguchi.accounts.models import Device, User
from madoguchi.common import clock
from madoguchi.contract.models import Proposal
from madoguchi.notifications.models import Announcement
from madoguchi.offices.models import Closure, Pause
from madoguchi.retention.models import ErasureOrder

pytestmark = pytest.mark.usefixtures("city")
FORMS = STAFF | {"everywhere": EVERYWHERE}
# The form has gone, for what the first clerk did leaves nothing to do.
GONE = {
    "secretariat:personal-preserve",
    "secretariat:disruptions-keep",
    "secretariat:disruptions-tell",
    "operator:stopped-list",
}
TYPED = {
    "secretariat:accounts-change": {"roles": []},
    "city:accounts-change": {"roles": []},
    "secretariat:offices-hours": {"end_0_1": ""},
    "secretariat:offices-presets": {"day_kind": ""},
    "secretariat:announcements-edit": {"title": ""},
    "secretariat:pauses-extend": {"ends_at": ""},
    "secretariat:personal-erase": {"document_number": ""},
}


def page_after(client, answer):
    """Return the page with what stands: the answer itself, or the one that its link leads to."""
    html = answer.content.decode()
    link = re.search(r'<a class="button button-primary" href="([^"]+)">いまの内容を見る', html)
    return text_of(client.get(link[1].replace("&amp;", "&")) if link else answer)


@pytest.mark.parametrize("name", FORMS)
def test_the_second_clerk_overwrites_nothing_sees_what_stands_and_presses_again(client, name):
    press = FORMS[name](client)
    seen = client.open_before(press.path, press.typed)
    press.meanwhile()
    before = ledgers()
    answer = client.post(press.path, {**press.typed, "seen": seen})
    assert answer.status_code == 409
    assert ledgers() == before
    assert "内容が変わりました" in text_of(answer)
    shown = page_after(client, answer)
    assert press.stands in shown
    assert press.keeps in shown
    if name not in GONE:
        assert client.post(press.path, press.typed).status_code in {200, 302}
        assert ledgers() != before


@pytest.mark.parametrize("name", TYPED)
def test_a_slip_that_is_mended_does_not_make_the_form_newer_than_it_is(client, name):
    press = FORMS[name](client)
    action = {"action": "preview"} if "action" in press.typed else {}
    seen = client.open_before(press.path, {**press.typed, **action})
    press.meanwhile()
    slip = client.post(press.path, {**press.typed, **TYPED[name], **action, "seen": seen})
    assert slip.status_code == 200
    before = ledgers()
    mended = words_of(slip, press.path)[press.path]
    answer = client.post(press.path, {**press.typed, **action, "seen": mended})
    assert answer.status_code == 409
    assert ledgers() == before


@pytest.mark.parametrize("name", ["secretariat:offices-hours", "secretariat:offices-presets"])
def test_what_a_change_would_do_is_not_worked_out_for_a_page_that_showed_something_else(client, name):
    press = FORMS[name](client)
    typed = {**press.typed, "action": "preview"}
    seen = client.open_before(press.path, typed)
    press.meanwhile()
    answer = client.post(press.path, {**typed, "seen": seen})
    assert answer.status_code == 409
    assert "予約に影響はありません" not in text_of(answer)
    assert press.keeps in text_of(answer)


def test_a_day_that_was_changed_meanwhile_is_looked_at_again_before_it_is_saved(client):
    press = FORMS["secretariat:offices-save-day"](client)
    month = {"month": "2026-12", **press.typed}
    opened = client.get("/secretariat/offices/HM01/", {"month": "2026-12", "day": press.typed["day"]})
    seen = re.search(r'name="seen" value="(\w+)"', opened.content.decode())[1]
    press.meanwhile()
    answer = client.get("/secretariat/offices/HM01/", {**month, "seen": seen})
    assert answer.status_code == 409
    assert "10:00–15:00" in text_of(answer)
    assert '<option value="720" selected>' in answer.content.decode(), "what was typed stays"
    assert "予約に影響はありません" not in text_of(answer)
    again = client.get("/secretariat/offices/HM01/", month)
    assert again.status_code == 200
    assert "予約に影響はありません" in text_of(again)


# New rows: the same press twice makes one


def _account():
    return {
        "username": "hanako.f",
        "display_name": "福岡 花子",
        "organisation": "見本",
        "roles": ["operator"],
    }


def _outage():
    shown = {"shows_from": "2026-11-24T09:00", "shows_until": "2026-12-24T09:00"}
    return {"title": "通信の障害", "body": "", **shown}


def _closure():
    return {"first": "2026-12-15", "last": "2026-12-15", "reason": "FACILITY", "action": "save"}


def _stop():
    return {"cause": "ACCIDENT", "where": "all", "start": "now", "end": "today", "action": "stop"} | {
        "decided": clock.now().isoformat(),
        "title": "",
        "body": "",
    }


NEW = {
    "secretariat:accounts-add": (User, _account),
    "secretariat:devices-add": (Device, lambda: {"label": "見本1", "office_code": "HM01"}),
    "secretariat:announcements-add": (Announcement, _outage),
    "secretariat:offices-closures": (Closure, _closure),
    "secretariat:pauses-list": (Pause, _stop),
}


@pytest.mark.parametrize("name", NEW)
def test_a_new_row_is_made_once_however_often_its_button_is_pressed(client, name):
    client.force_login(member())
    model, typed = NEW[name]
    path, sent = reverse(name, args=["HM01"] if "offices" in name else []), typed()
    before = model.objects.count()
    for _ in range(2):
        assert client.post(path, sent).status_code in {200, 302}
        assert model.objects.count() == before + 1


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("rules", {"register_days": "8", "reason": "協議による"}),
        (
            "announcement",
            {"kind": "MAINTENANCE", "title": "保守", "body": "止まります", "reason": "保守のため"}
            | {"shows_from": "2026-12-20T09:00", "shows_until": "2026-12-21T09:00"},
        ),
    ],
)
def test_a_proposal_is_written_once_however_often_its_button_is_pressed(client, kind, changes):
    client.force_login(member())
    path = reverse("secretariat:proposals-add", args=[kind])
    sent = filled(client, path, **changes)
    urls = {client.post(path, sent).url for _ in range(2)}
    assert len(urls) == Proposal.objects.count() == 1


def test_an_order_to_erase_is_taken_once_however_often_its_button_is_pressed(client):
    press = STAFF["secretariat:personal-erase"](client)
    for _ in range(2):
        assert client.post(press.path, press.typed).url == "/secretariat/retention/"
    assert ErasureOrder.objects.count() == 1


def test_pressed_again_a_save_says_that_it_is_done_and_leads_to_the_people_concerned(client):
    client.force_login(member())
    book()
    typed = {"day": "2026-12-15", "kind": "closure", "start": "540", "end": "1020", "reason": "FACILITY"}
    path = "/secretariat/offices/HM01/days/save/"
    seen = client.open_before(path, typed)
    first = client.post(path, {**typed, "seen": seen})
    second = client.post(path, {**typed, "seen": seen})
    assert first.url == second.url
    assert "/disruptions/" in first.url
    assert "もう保存してあります" in text_of(client.get(second.url))
