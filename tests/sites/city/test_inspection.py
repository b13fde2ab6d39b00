"""The role 検査・監査: reads everything, changes nothing, sees nobody, takes evidence along (仕様書 7)."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from support.people import HANAKO, TARO
from support.secretariat import book, made_proposals, member
from support.staff_pages import address, staff_pages

from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.roles import PERMISSIONS
from madoguchi.audit.actions import AuditAction
from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.rules import RULES
from madoguchi.rendering.csv_file import read_csv
from madoguchi.workflows.privacy import evidence
from madoguchi.workflows.privacy.access import AccessReason, unmask

pytestmark = pytest.mark.usefixtures("city")
SECRETS = [
    text
    for person in (HANAKO, TARO)
    for text in (
        person.name,
        person.name_kana,
        person.phone,
        show_phone(person.phone),
        person.email,
        "見本町2丁目",
    )
    if text
]
TAKE = "/city/inspection/evidence/"


@pytest.fixture
def inspector():
    """A browser of somebody with this role and no other, which may post without looking first."""
    client = Client()
    client.force_login(member(Role.AUDITOR, "kensa"))
    return client


@pytest.fixture
def booked():
    """花子 and 太郎 have booked, and 花子's number was looked at by somebody of the secretariat."""
    hanako, taro = book(), book(TARO, hour=11)
    actor = Actor("staff", str(member(username="tenjin").pk))
    unmask(reservation_id=hanako.id, what="phone", reason=AccessReason.CALL, actor=actor)
    made_proposals()
    return hanako, taro


def addresses(**values):
    facts = {"code": "HM01", "office": "HM01", "kind": "confirmation", **values}
    return [
        (name, address(route, page, **facts))
        for name, route, page in staff_pages()
        if name != "login:landing"
    ]


def test_the_role_holds_what_reads_and_nothing_that_writes():
    assert all(each.endswith(":read") for each in PERMISSIONS[Role.AUDITOR])
    inspections = {each for each in Permission if each.startswith("inspection:")}
    assert inspections <= PERMISSIONS[Role.AUDITOR]
    assert not any(inspections & held for role, held in PERMISSIONS.items() if role != Role.AUDITOR)


def test_no_press_passes_and_no_page_shows_a_person(inspector, booked, monkeypatch):
    reference, proposal = booked[0].reference, made_proposals()[0]
    wrong, opened = [], 0
    before = AuditEntry.objects.exclude(action__in=[*AuditAction]).count()
    for name, here in addresses(reference=reference, proposal_id=proposal):
        pressed = inspector.post(here, {"reason": "CALL", "what": "phone", "answer": "いいえ"}).status_code
        if pressed not in {403, 405}:
            wrong.append((name, "POST", pressed))
        page = inspector.get(here)
        if page.status_code == 200:
            opened += 1
            wrong += [(name, each) for each in SECRETS if each.encode() in page.content]
    assert wrong == []
    assert opened > 15
    assert AuditEntry.objects.exclude(action__in=[*AuditAction]).count() == before


def test_no_page_leads_an_inspector_to_a_door_that_is_closed(inspector, booked):
    closed = set()
    for _, here in addresses(reference=booked[0].reference, proposal_id=made_proposals()[0]):
        page = inspector.get(here)
        if page.status_code != 200 or "html" not in page.headers["Content-Type"]:
            continue
        html = page.content.decode()
        for piece in html.split(' href="')[1:] + html.split(' action="')[1:]:
            link = piece.split('"')[0].split("#")[0].replace("&amp;", "&")
            if link.startswith(("/city/", "/secretariat/")) and link not in closed:
                status = inspector.get(link).status_code
                if status == 403:
                    closed.add((here, link))
    assert closed == set()


def test_reservations_are_listed_without_opening_anybody(inspector, booked, monkeypatch):
    def opened(*_args, **_kwargs):
        raise AssertionError("decrypted")

    monkeypatch.setattr("madoguchi.reservations.search.show_columns", opened)
    html = inspector.get("/city/inspection/reservations/").content.decode()
    assert all(show_reference(each.reference) in html for each in booked)
    found = inspector.get("/city/inspection/reservations/", {"reference": booked[0].reference})
    assert [row["key"] for row in found.context["rows"]] == [booked[0].reference]
    assert inspector.get("/city/inspection/reservations/", {"reference": HANAKO.name}).context["rows"] == []


def take(inspector):
    today = clock.today()
    return inspector.get(TAKE, {"first": today - timedelta(6), "last": today})


def test_the_evidence_holds_what_was_done_and_names_no_resident(inspector, booked):
    archive = ZipFile(BytesIO(take(inspector).content))
    files = {name: archive.read(name) for name in archive.namelist()}
    texts = {name: content.decode("utf-8-sig") for name, content in files.items()}
    assert "項目：電話番号　理由：ご本人への連絡" in texts["audit.csv"]
    named = {line[0] for line in read_csv(files["rules.csv"])}
    assert named >= {rule.label for rule in RULES.values()}
    assert len(list(read_csv(files["proposals.csv"]))) == 1 + len(made_proposals())
    assert [name for name, text in texts.items() for each in SECRETS if each in text] == []


def test_the_digests_of_the_evidence_are_right_and_stand_in_the_trail(inspector, booked):
    archive = ZipFile(BytesIO(take(inspector).content))
    sums = archive.read("SHA256SUMS")
    lines = dict(reversed(line.split("  ")) for line in sums.decode().splitlines())
    assert lines == {
        name: sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "SHA256SUMS"
    }
    kept = AuditEntry.objects.get(action=AuditAction.EXPORTED)
    assert (kept.detail["file"], kept.detail["digest"]) == ("evidence", sha256(sums).hexdigest())


def test_a_period_that_is_too_long_or_ends_before_it_begins_is_refused_beside_its_field(
    inspector, booked, monkeypatch
):
    monkeypatch.setattr(evidence, "MOST_ENTRIES", 1)
    assert "期間を短くしてください" in take(inspector).content.decode()
    wrong = inspector.get(TAKE, {"first": "2026-11-20", "last": "2026-11-01"}).content.decode()
    assert "最初の日より後の日にしてください" in wrong
    assert 'value="2026-11-20"' in wrong
    assert not AuditEntry.objects.filter(action=AuditAction.EXPORTED).exists()
