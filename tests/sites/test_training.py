"""A training system says so on every page and on everything that leaves it."""

import subprocess
import zipfile
from io import BytesIO

import pytest
from support.secretariat import book, member
from support.staff_pages import address, staff_pages

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.accounts.roles import ROLE_NAMES
from madoguchi.audit.actor import SYSTEM
from madoguchi.rendering import samples
from madoguchi.rendering.excel import workbook
from madoguchi.rendering.tables import Column, Table

WORD = "訓練環境"
PAPERS = ("visitor_list", "booking_slip", "call_list")


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.OPERATOR, Role.OFFICE, Role.ADMIN])
def test_every_page_for_staff_says_so(client, city, role):
    made = book()
    user = member(role)
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    seen = []
    for _, route, each in staff_pages():
        here = address(route, each, reference=made.reference, code="HM01", office="HM01", user_id=user.pk)
        answer = client.get(here)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            seen.append((here, WORD in answer.content.decode()))
    assert seen
    assert [here for here, says in seen if not says] == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/staff/start/", "/staff/device/"])
def test_the_pages_before_sign_in_say_so(client, city, path):
    assert WORD in client.get(path, follow=True).content.decode()


@pytest.mark.parametrize("path", ["/", "/reserve/", "/lookup/", "/faq/", "/none/"])
def test_citizens_are_told_that_nothing_is_really_booked(client, city, path):
    assert "実際の予約はできません" in client.get(path).content.decode().replace("\u200b", "")


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("training", [True, False])
def test_every_page_of_a_paper_says_so_in_training_only(settings, name, training):
    settings.TRAINING = training
    paper = samples.papers_by_name()[name]
    text = subprocess.run(["pdftotext", "-", "-"], input=paper, capture_output=True, check=True).stdout
    pages = text.decode().split("\f")[:-1]
    assert [WORD in page for page in pages] == [training] * len(pages)


@pytest.mark.parametrize("training", [True, False])
def test_the_foot_of_an_excel_file_says_so_in_training_only(settings, training):
    settings.TRAINING = training
    table = Table("予約の一覧", [Column("氏名")], [["福岡　花子"]])
    with zipfile.ZipFile(BytesIO(workbook([table], note="事務局"))) as book_file:
        sheet = book_file.read("xl/worksheets/sheet1.xml").decode()
    assert (WORD in sheet) == training


@pytest.mark.parametrize(("training", "begins"), [(True, "training-reservations-"), (False, "reservations-")])
def test_the_name_of_a_file_says_so_in_training_only(client, city, settings, monkeypatch, training, begins):
    book()
    client.force_login(member())
    settings.TRAINING = training
    monkeypatch.setattr("madoguchi.web.middleware.has_second_factor", lambda _: True)
    address = "/secretariat/reservations/export/?office=HM01&from=2026-12-15&to=2026-12-15"
    answer = client.post(address, {"file": "csv", "reason": "CITY"})
    assert f'filename="{begins}HM01-20261215-2026' in answer.headers["Content-Disposition"]


def test_a_section_that_is_called_as_its_role_is_named_once_at_the_sign_in(client, db, settings):
    settings.TRAINING = True
    member(Role.SECRETARIAT, "same")
    User.objects.filter(username="same").update(organisation=str(ROLE_NAMES[Role.SECRETARIAT]))
    html = client.get("/accounts/login/").content.decode()
    assert html.split("entrance-people")[1].split("</ul>")[0].count(str(ROLE_NAMES[Role.SECRETARIAT])) == 1
