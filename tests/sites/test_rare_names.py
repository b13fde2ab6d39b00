"""A name as it stands on the card, from form over search to files: never changed, always found."""

import subprocess
from dataclasses import replace
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from support.journeys import to_booked
from support.people import HANAKO
from support.secretariat import book, member

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations import search
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.selectors import reservation

pytestmark = pytest.mark.usefixtures("city")
LIST = "/secretariat/reservations/"
EXPORT = f"{LIST}export/?office=HM01&from=2026-12-15&to=2026-12-15"


@pytest.fixture
def staff(client):
    client.force_login(member())
    return client


def export(staff, kind):
    return staff.post(EXPORT, {"file": kind, "reason": "PREPARATION"}).content


@pytest.mark.parametrize(
    ("name", "kana", "words"),
    [
        ("𠮷田　花子", "ヨシダ　ハナコ", ["𠮷田", "吉田", "ヨシダ", "よしだ", "ﾖｼﾀﾞ"]),
        ("髙﨑　花子", "タカサキ　ハナコ", ["髙﨑", "高崎", "たかさき", "ﾀｶｻｷ ﾊﾅｺ"]),
    ],
)
def test_a_name_is_kept_as_typed_found_however_it_is_written_and_printed(client, staff, name, kana, words):
    to_booked(client, name=name, name_kana=kana)
    person = reservation(Reservation.objects.get().id, scope=EVERYWHERE).person
    assert (person.name, person.name_kana) == (name, kana)
    for word in words:
        assert name in staff.get(LIST, {"q": word}).content.decode(), word
    assert name not in staff.get(LIST, {"q": "博多"}).content.decode()
    sheet = CalamineWorkbook.from_filelike(BytesIO(export(staff, "xlsx"))).get_sheet_by_index(0)
    assert [row[4:6] for row in sheet.to_python()][1:] == [[name, kana]]
    assert [row[4:6] for row in read_csv(export(staff, "csv"))][1:] == [[name, kana]]
    paper = subprocess.run(
        ["pdftotext", "-", "-"], input=export(staff, "pdf"), capture_output=True, check=True
    )
    printed = "".join(paper.stdout.decode().split())
    # Each part: pdftotext may read the parts of the reading between those of the name.
    assert [part for part in (*name.split(), *kana.split()) if part not in printed] == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ヴィ", False),
        ("ビ", False),
        ("ヒ", True),
        ("ハナコハナ", False),
        ("コハナハナコ", True),
        ("花 福岡", True),
    ],
)
def test_a_name_is_found_by_what_it_holds_and_not_by_tokens_that_are_like_it(staff, asked, found):
    # Its tokens hold all pairs of ハナコハナ, one after another in no place.
    book(replace(HANAKO, name_kana="ヒカリ　コハナハナコ"))
    assert ("福岡　花子" in staff.get(LIST, {"q": asked}).content.decode()) == found
    query = search.Search(text=asked)
    assert len(search.search_all(query, scope=EVERYWHERE)) == search.search(query, scope=EVERYWHERE).total
