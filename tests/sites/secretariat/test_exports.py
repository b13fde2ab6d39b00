"""Files of lists: made by a job, taken by their owner only, gone after a day."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from support.people import HANAKO, TARO, somebody
from support.printed import words_of
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.rendering.csv_file import read_csv
from madoguchi.retention.models import Export
from madoguchi.sealing.models import PersonKey
from madoguchi.workflows import tasks
from madoguchi.workflows.privacy import access, exports

pytestmark = pytest.mark.usefixtures("city")
ASK = "/secretariat/reservations/export/?q=福岡"
LIST = "/secretariat/exports/"


@pytest.fixture
def stranger(db):
    return member(username="stranger")


def ask(staff, file="csv"):
    """Ask for a file and return the address at which it will be taken."""
    assert staff.post(ASK, {"file": file, "reason": "CITY"}).url == LIST
    return reverse("secretariat:exports-take", args=[Export.objects.latest("asked_at").pk])


def work():
    """Do what the worker would, with the jobs that were queued."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%make_export'")
        for (args,) in cursor.fetchall():
            tasks.make_export.func(**json.loads(args))


def recorded(action):
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


def test_a_file_is_made_by_a_job_and_taken_from_the_list(staff):
    book()
    book(TARO, hour=11)
    take = ask(staff)
    html = page(staff.get(LIST))
    assert "作成中" in html
    assert 'http-equiv="refresh"' in html
    assert staff.post(take).status_code == 404
    work()
    html = page(staff.get(LIST))
    assert "作成済" in html
    assert 'http-equiv="refresh"' not in html
    answer = staff.post(take)
    assert [row[4] for row in read_csv(answer.content)] == ["氏名", "福岡　花子"]
    assert re.search(
        r'filename="training-reservations-20261124-1000\.csv"', answer.headers["Content-Disposition"]
    )


def test_the_name_of_a_file_tells_its_office_and_its_days(staff):
    book()
    asked = "/secretariat/reservations/export/?from=2026-12-15&to=2026-12-15&office=HM01"
    answer = staff.post(asked, {"file": "pdf", "reason": "CITY"})
    assert "training-visitors-HM01-20261215-20261124-1000.pdf" in answer.headers["Content-Disposition"]
    asked = "/secretariat/reservations/export/?from=2026-12-01&to=2026-12-31&office=HM01&office=HM02"
    staff.post(asked, {"file": "xlsx", "reason": "CITY"})
    work()
    answer = staff.post(reverse("secretariat:exports-take", args=[Export.objects.get().pk]))
    name = "training-reservations-2offices-20261201-20261231-20261124-1000.xlsx"
    assert name in answer.headers["Content-Disposition"]


def test_a_file_of_several_offices_has_the_people_of_each_together(staff):
    book(office="HM02", hour=9)
    book(TARO, hour=10)
    book(somebody(1), office="HM02", hour=11)
    assert staff.post("/secretariat/reservations/export/", {"file": "csv", "reason": "CITY"}).url == LIST
    work()
    answer = staff.post(reverse("secretariat:exports-take", args=[Export.objects.get().pk]))
    assert [row[2] for row in read_csv(answer.content)][1:] == [
        "星見東郵便局",
        "星見西郵便局",
        "星見西郵便局",
    ]


def test_the_list_of_files_tells_what_is_in_each_and_no_name(staff):
    book()
    for asked in ("from=2026-12-01&to=2026-12-31&office=HM01&office=HM02", "q=福岡", "ward=992021&from="):
        staff.post(f"/secretariat/reservations/export/?{asked}", {"file": "data", "reason": "CITY"})
    html = page(staff.get(LIST))
    for what in (
        "12/1(火)–12/31(木)　星見東、星見西",
        "すべての日　すべての郵便局　ほかの条件あり",
        "すべての日　東区",
        "CSV（プログラムで読む）",
    ):
        assert f">{what}<" in html
    assert "福岡" not in html.split("<caption")[1]


def test_a_file_for_programs_has_no_mark_no_guard_and_a_name_of_its_own(staff):
    book()
    take = ask(staff, "data")
    work()
    answer = staff.post(take)
    assert answer.content.startswith("来局日時,".encode())
    assert b"2026-12-15T10:30:00+09:00" in answer.content
    assert 'reservations-data-20261124-1000.csv"' in answer.headers["Content-Disposition"]


def test_a_month_as_pdf_is_a_dense_list_and_a_day_has_a_page_for_each_office(staff):
    for number in range(8):
        book(somebody(number), day=7 + number % 5, office=f"HM0{number % 2 + 1}", hour=9 + number // 2)
    for asked, pages in (("from=2026-12-01&to=2026-12-31", 1), ("from=2026-12-07&to=2026-12-07", 2)):
        Export.objects.all().delete()
        staff.post(f"/secretariat/reservations/export/?{asked}", {"file": "pdf", "reason": "CITY"})
        work()
        content = staff.post(reverse("secretariat:exports-take", args=[Export.objects.get().pk])).content
        assert words_of(content).count("\x0c") == pages


@pytest.mark.parametrize(("file", "magic"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_excel_and_pdf_are_made_as_well(staff, file, magic):
    book()
    take = ask(staff, file)
    work()
    assert staff.post(take).content.startswith(magic)


def test_the_people_in_an_export_and_each_download_are_on_record(staff):
    made = book()
    take = ask(staff)
    assert recorded("reservations.list.exported") == []
    work()
    (entry,) = recorded("reservations.list.exported")
    assert entry.target == f"reservation:{made.id}"
    assert (entry.detail["file"], entry.detail["reason"]) == ("csv", "CITY")
    assert entry.actor.startswith("staff:")
    staff.post(take)
    staff.post(take)
    assert [each.detail["people"] for each in recorded("reservations.export.downloaded")] == [1, 1]


def test_nobody_else_sees_or_takes_it(staff, stranger):
    book()
    take = ask(staff)
    work()
    staff.force_login(stranger)
    assert "書き出したファイルはありません" in page(staff.get(LIST))
    assert staff.post(take).status_code == 404
    staff.post(take.replace("take", "remove"))
    assert Export.objects.count() == 1


def test_neither_the_search_nor_the_file_stands_in_the_database_in_clear(staff):
    book()
    ask(staff)
    work()
    kept = Export.objects.values_list("query", "content").get()
    assert not any("福岡".encode() in bytes(column) for column in kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name LIKE '%make_export'")
        assert "福岡" not in cursor.fetchone()[0]


def test_the_export_job_is_idempotent(staff):
    book()
    ask(staff)
    work()
    work()
    assert len(recorded("reservations.list.exported")) == 1


def test_too_many_rows_are_said_on_the_list_and_nobody_left(staff, monkeypatch):
    monkeypatch.setattr(access, "MAX_ROWS", 0)
    book()
    ask(staff)
    work()
    assert "絞り込んでください" in page(staff.get(LIST))
    assert recorded("reservations.list.exported") == []


def test_a_failure_is_said_on_the_list_and_told_to_the_worker(staff, monkeypatch):
    def fail(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(exports, "list_document", fail)
    book()
    ask(staff)
    with pytest.raises(ZeroDivisionError):
        work()
    assert exports.FAILED in page(staff.get(LIST))
    assert recorded("reservations.list.exported") == []


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv"])
@pytest.mark.parametrize("names", [[], ["福岡　\U000323b0\x0b子"], ["あ" * 300]])
def test_a_list_of_nobody_and_of_any_name_becomes_a_file(staff, kind, names):
    for name in names:
        book(replace(HANAKO, name=name))
    ask(staff, kind)
    work()
    assert [row.state for row in Export.objects.all()] == ["READY"]


def test_an_export_may_be_withdrawn_before_and_after_it_is_made(staff):
    book()
    take = ask(staff)
    staff.post(take.replace("take", "remove"))
    work()
    assert Export.objects.count() == 0
    assert recorded("reservations.list.exported") == []
    assert staff.post(take.replace("take", "remove")).url == LIST


def test_after_a_day_file_and_key_are_gone(staff, now):
    book()
    keys = PersonKey.objects.count()
    take = ask(staff)
    work()
    with clock.travel(now + timedelta(hours=23, minutes=59)):
        exports.purge_exports(now=clock.now())
        assert Export.objects.count() == 1
    with clock.travel(now + timedelta(hours=24, minutes=1)):
        exports.purge_exports(now=clock.now())
    assert Export.objects.count() == 0
    assert PersonKey.objects.count() == keys
    assert staff.post(take).status_code == 404
