"""The search of the audit trail: by person, member of staff, day and act; found by an index, on record."""

import ast
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from support.people import HANAKO, TARO
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.audit import selectors
from madoguchi.audit.actions import AuditAction
from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.audit.selectors import EntrySearch, search_entries
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.references import show_reference
from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations.actions import ReservationAction
from madoguchi.workflows.privacy import trail, trail_words
from madoguchi.workflows.privacy.access import AccessReason, unmask

pytestmark = pytest.mark.usefixtures("city")
PAGE, FILE = "/city/audit/", "/city/audit/file/"
HOUSE = Path(settings.BASE_DIR) / "madoguchi"


@pytest.fixture
def clerk():
    """Somebody of the secretariat, whose looks are searched for."""
    return member(username="tenjin")


@pytest.fixture
def official(client):
    """Somebody of the city's section, signed in."""
    client.force_login(member(Role.CITY, "shi"))
    return client


@pytest.fixture
def looked(clerk):
    """花子's telephone number was shown to the clerk, 太郎's was not."""
    hanako, taro = book(), book(TARO, hour=11)
    unmask(
        reservation_id=hanako.id,
        what="phone",
        reason=AccessReason.CALL,
        actor=Actor("staff", str(clerk.pk)),
    )
    return hanako, taro


def lines(response):
    return [
        (row["who"], row["act"], row["target"], row["detail"])
        for row in response.context["rows"]
        if row["act"] != "サインイン"
    ]


def test_who_saw_a_person_is_found_with_the_reason(official, looked):
    hanako, taro = looked
    seen = ("中洲 次郎", "伏せた値の表示", f"予約 {show_reference(hanako.reference)}")
    found = lines(official.get(PAGE, {"reference": show_reference(hanako.reference), "act": "revealed"}))
    assert found == [(*seen, "項目：電話番号　理由：ご本人への連絡")]
    assert lines(official.get(PAGE, {"reference": taro.reference, "act": "revealed"})) == []


def test_a_persons_other_reservations_are_searched_as_well(official, looked):
    other = book(HANAKO, day=17, codes=("PIN_RESET",))
    found = official.get(PAGE, {"reference": other.reference, "act": "revealed"})
    assert [line[2] for line in lines(found)] == [f"予約 {show_reference(looked[0].reference)}"]


def test_what_a_member_of_staff_did_is_found_by_name_or_login_id(official, looked, clerk):
    for text in ("tenjin", "中洲"):
        assert "伏せた値の表示" in [line[1] for line in lines(official.get(PAGE, {"staff": text}))]
    other = member(username="daimyo")
    assert lines(official.get(PAGE, {"staff": "daimyo"})) == []
    assert other.pk != clerk.pk


def test_a_search_is_narrowed_to_days(official, looked):
    yesterday = (clock.today() - timedelta(1)).isoformat()
    asked = {"from": yesterday, "to": yesterday}
    assert lines(official.get(PAGE, asked)) == []
    assert len(lines(official.get(PAGE, {"from": yesterday}))) > 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"reference": "1234"}, "この予約番号の予約はありません"),
        ({"staff": "だれでもない"}, "この氏名・ログインIDを含む職員はいません"),
        ({"from": "いつか"}, "日にちとして読み取れません"),
        ({"act": "everything"}, "という条件はありません"),
        ({"from": "2026-11-20", "to": "2026-11-01"}, "「から」が「まで」より後"),
    ],
)
def test_what_cannot_be_searched_for_is_said_and_stays_in_its_field(official, asked, said):
    html = official.get(PAGE, asked).content.decode()
    assert said in html
    assert all(value in html for name, value in asked.items() if name not in {"act", "to"})
    assert official.get(FILE, asked).status_code == 302


def test_a_search_and_its_file_are_themselves_on_record(official, looked):
    hanako, _ = looked
    official.get(PAGE, {"reference": hanako.reference, "act": "revealed"})
    official.get(FILE, {"reference": hanako.reference, "act": "revealed"})
    for action in (AuditAction.SEARCHED, AuditAction.EXPORTED):
        entry = AuditEntry.objects.get(action=action)
        assert (entry.detail["records"], entry.detail["acts"]) == ([f"reservation:{hanako.id}"], ["revealed"])
        assert entry.detail["found"] == 1


def test_the_file_opens_in_a_spreadsheet_and_holds_what_the_page_shows(official, looked):
    asked = {"act": "revealed"}
    page, file = official.get(PAGE, asked), official.get(FILE, asked)
    assert file.content.startswith(b"\xef\xbb\xbf")
    head, *rows = read_csv(file.content)
    assert head[:5] == ["日時", "操作した人", "操作", "対象", "内容"]
    assert [tuple(row[1:5]) for row in rows] == lines(page)


def test_a_search_finds_no_further_than_a_file_holds(official, looked, monkeypatch):
    for module in (trail, import_module("madoguchi.audit.selectors")):
        monkeypatch.setattr(module, "MOST", 2)
    assert "を超える記録があります" in official.get(PAGE).content.decode()
    reply = official.get(FILE, follow=True)
    assert "一度に書き出せるのは" in reply.content.decode()


def test_a_search_opens_nobody_and_asks_as_often_for_one_entry_as_for_many(
    official, looked, monkeypatch, django_assert_max_num_queries
):
    def opened(*_args, **_kwargs):
        raise AssertionError("decrypted")

    monkeypatch.setattr("madoguchi.sealing.services.unseal", opened)
    for _ in range(40):
        record(
            action=ReservationAction.VIEWED, actor=Actor("staff", "1"), target=f"reservation:{looked[1].id}"
        )
    with django_assert_max_num_queries(17):
        assert len(lines(official.get(PAGE))) > 40


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "audit_entry_at"),
        ({"actors": ["staff:7"]}, "audit_entry_actor"),
        ({"actions": [ReservationAction.REVEALED]}, "audit_entry_action"),
        ({"targets": ["reservation:7"]}, "audit_entry_target"),
    ],
)
def test_every_search_goes_by_an_index(asked, index):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (at, actor, action, target, detail)"
            " SELECT %s - n * interval '1 minute', 'staff:' || n %% 97, 'act.' || n %% 31,"
            " 'reservation:' || n %% 499, '{}' FROM generate_series(1, 20000) AS n",
            [clock.now()],
        )
        cursor.execute("ANALYZE audit_auditentry")
    asked = EntrySearch(since=clock.now() - timedelta(1 if not asked else 400), until=clock.now(), **asked)
    plan = selectors._found(asked)[:50].explain()
    assert index in plan, plan
    assert "Seq Scan" not in plan
    assert search_entries(asked, page=1).page == 1


def actions():
    for path in HOUSE.glob("*/actions.py"):
        module = import_module(f"madoguchi.{path.parent.name}.actions")
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield from kind


def test_every_action_has_its_words_and_can_be_searched_for():
    assert {each for each in actions() if each not in trail_words.ACTION_LABELS} == set()
    searched = [action for _, acts in trail.ACTS.values() for action in acts]
    assert sorted(searched) == sorted(set(actions()))


def test_every_detail_that_the_code_records_has_its_word_or_is_left_out():
    known = {*trail_words.DETAIL_LABELS, *trail_words.LEFT_OUT}
    unknown = set()
    for path in HOUSE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name in {"record", "record_each"}:
                given = [word.value for word in call.keywords if word.arg == "detail"]
                keys = [key for each in given for part in ast.walk(each) if isinstance(part, ast.Dict)
                        for key in part.keys]  # fmt: skip
                unknown |= {key.value for key in keys if isinstance(key, ast.Constant)} - known
    assert unknown == set()
