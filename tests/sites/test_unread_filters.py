"""Every list with filters: what cannot be read filters nothing, is said, and stays as it was typed."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest
from django.urls import reverse
from support.callcentre import put_texts
from support.journeys import text_of
from support.people import HANAKO, SECRETARIAT
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.offices.services import close_office
from madoguchi.reservations.models import Disruption
from madoguchi.retention.models import Export
from madoguchi.workflows.capacity.slots import change_offering

pytestmark = pytest.mark.usefixtures("city")
SAID = "条件を読み取れないため、一覧を表示していません"
NONSENSE = {"day": "いつか", "choice": "ZZ99", "page": "二"}
CALL_DAY = "2026-12-15"
# The filters of each list by what they ask for, and what stands in a row of it.
LISTS = {
    "secretariat:reservations-list": (
        {"day": ("from", "to"), "choice": ("office", "status", "procedure", "channel", "unchecked")},
        "福岡　花子",
    ),
    "secretariat:checks-list": ({"day": ("from", "to"), "choice": ("office", "status")}, "福岡　花子"),
    "secretariat:mails-list": ({"choice": ("state", "kind")}, "宛先は伏せて表示します"),
    "secretariat:calls-list": ({"day": ("day",)}, "福岡　花子"),
    "secretariat:matrix": ({"day": ("from",), "choice": ("wave", "ward", "view")}, "局の計"),
    "secretariat:accounts-list": ({"choice": ("role", "locked")}, "中洲 次郎"),
    "secretariat:disruptions-show": ({"choice": ("part",)}, "福岡　花子"),
    "secretariat:texts-list": ({"choice": ("language",)}, "未登録"),
    "city:accounts-list": ({"choice": ("role", "locked")}, "中洲 次郎"),
    "operator:calls-list": ({"day": ("day",)}, "福岡　花子"),
}
PAGED = ("secretariat:reservations-list", "secretariat:checks-list", "secretariat:mails-list")
CASES = [
    (name, field, NONSENSE[kind])
    for name, (filters, _row) in LISTS.items()
    for kind, fields in filters.items()
    for field in fields
] + [(name, "page", NONSENSE["page"]) for name in (*PAGED, "secretariat:disruptions-show")]
ROLES = {"secretariat": Role.SECRETARIAT, "operator": Role.OPERATOR, "city": Role.CITY_ADMIN}


def come_before(client, name):
    """Sign in before a list with somebody on it, and return its address and its filters."""
    put_texts()
    book(replace(HANAKO, email="", contact_by="PHONE"))
    book(replace(HANAKO, name="博多　太郎", name_kana="ハカタ　タロウ"), hour=11)
    args = []
    if "disruptions" in name:
        day = clock.at(clock.to_jst(clock.now()).date().replace(month=12, day=15), clock.MIDNIGHT)
        change_offering(
            change=lambda: close_office(
                office="HM01",
                starts_at=day,
                ends_at=day + clock.DAY,
                reason="TYPHOON",
                note="",
                actor=SYSTEM,
            ),
            places=["HM01"],
            title="台風",
            actor=SECRETARIAT,
        )
        args = [Disruption.objects.get().pk]
    client.force_login(member(ROLES[name.partition(":")[0]]))
    usual = {"day": CALL_DAY} if "calls" in name else {"state": "queued"} if "mails" in name else {}
    return reverse(name, args=args), usual


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_its_rows(client, name):
    path, usual = come_before(client, name)
    page = text_of(client.get(path, usual))
    assert SAID not in page
    assert LISTS[name][1] in page


@pytest.mark.parametrize(("name", "field", "typed"), CASES)
def test_what_a_list_cannot_read_is_said_and_nothing_is_shown_half_filtered(client, name, field, typed):
    path, usual = come_before(client, name)
    answer = client.get(path, {**usual, field: typed})
    page = text_of(answer)
    assert answer.status_code == 200
    assert SAID in page
    assert f"「{typed}」" in page
    assert LISTS[name][1] not in page.partition("<main")[2].replace("中洲 次郎さん", "")


@pytest.mark.parametrize(
    ("name", "field"),
    [("secretariat:reservations-list", "from"), ("operator:calls-list", "day")],
)
def test_a_day_that_cannot_be_read_stays_in_its_field(client, name, field):
    path, usual = come_before(client, name)
    html = client.get(path, {**usual, field: "いつか"}).content.decode()
    assert re.search(f'<input[^>]*type="text"[^>]*name="{field}"[^>]*value="いつか"', html)


def test_nothing_leaves_as_a_file_for_a_condition_that_cannot_be_read(client):
    path, _usual = come_before(client, "secretariat:reservations-list")
    answer = client.post(
        f"{reverse('secretariat:reservations-export')}?{urlencode({'from': 'いつか'})}",
        {"file": "xlsx", "reason": "VISITOR_LIST"},
    )
    assert answer.url.startswith(path)
    assert parse_qs(answer.url.partition("?")[2])["from"] == ["いつか"]
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("role", "paper"), [("secretariat", "secretariat:calls-paper"), ("operator", "operator:calls-print")]
)
def test_no_call_list_is_printed_of_another_day_than_was_typed(client, role, paper):
    come_before(client, f"{role}:calls-list")
    answer = client.post(f"{reverse(paper)}?{urlencode({'day': 'いつか'})}")
    assert answer.status_code == 302
    assert SAID in text_of(client.get(answer.url))
