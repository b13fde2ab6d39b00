"""開示・消去・保留: everything about one person and nothing about anybody else, for the few who may."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from support.city import NOON
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, somebody
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.reservations.models import Reservation, Wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention import selectors
from madoguchi.retention.models import Export
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.waiting import enter
from madoguchi.workflows.privacy import access, retention

pytestmark = pytest.mark.usefixtures("city", "seal_keys_set")
HOME = "/secretariat/personal/"
WHO = {"name": "福岡花子", "birth_date": "S25.4.1"}
HUSBAND = replace(HANAKO, name="福岡　太郎", name_kana="フクオカ　タロウ", email="taro@example.jp")
TWIN = replace(HANAKO, name="福岡　次子", name_kana="フクオカ　ツギコ")


@pytest.fixture
def privacy(client, city):
    user = member(Role.PRIVACY, "sekininsha")
    client.force_login(user)
    return client


@pytest.fixture
def family(city):
    """Three people of one household: one telephone, one address; two born on one day."""
    return [book(HANAKO), book(HUSBAND, hour=11), book(TWIN, hour=12)]


def records(made):
    return [str(each.id) for each in made]


def disclosed(privacy, made, chosen):
    """Ask for the files and return what the JSON says, as text."""
    facts = {"records": chosen, "request_number": "開示第7号"}
    answer = privacy.post(reverse("secretariat:personal-disclose", args=[made.id]), facts)
    assert answer.url == "/secretariat/exports/"
    files = {}
    for row in Export.objects.filter(reason="DISCLOSURE"):
        files[row.kind] = privacy.post(reverse("secretariat:exports-take", args=[row.pk])).content
    assert files["pdf"].startswith(b"%PDF")
    return json.loads(files["json"])


def test_a_person_is_found_by_name_and_birth_date_and_nothing_typed_stands_in_an_address(privacy, family):
    answer = privacy.post(HOME, WHO)
    assert answer.url == f"{HOME}{family[0].id}/"
    html = page(privacy.get(answer.url))
    assert "福岡　花子" in html
    assert "太郎" not in html
    assert "次子" not in html
    assert "記録はありません" in page(privacy.post(HOME, WHO | {"birth_date": "S25.4.2"}))


def test_the_file_holds_what_is_held_and_nothing_of_the_family(privacy, family):
    changes.cancel(reservation_id=family[0].id, actor=OPERATOR, channel="PHONE")
    again = book(HANAKO, day=16)
    access.open_reservation(reservation_id=again.id, actor=OPERATOR, scope=EVERYWHERE)
    text = json.dumps(disclosed(privacy, again, records([family[0], again])), ensure_ascii=False)
    for expected in ("福岡　花子", "取消し", "090-0000-5678", "予約の受付", "内容の表示", "昭和25年4月1日"):
        assert expected in text, expected
    for other in (HUSBAND.name, TWIN.name, HUSBAND.email, "フクオカ　タロウ"):
        assert other not in text
    assert AuditEntry.objects.filter(action="reservations.reservation.disclosed").count() == 2
    assert not AuditEntry.objects.filter(
        target=f"reservation:{family[1].id}", actor__startswith="staff:", action__endswith="disclosed"
    )


def test_only_what_was_ticked_is_disclosed(privacy, family):
    other = book(replace(HANAKO, phone="09000009999"), day=16, codes=("PIN_RESET",))
    html = page(privacy.get(f"{HOME}{other.id}/"))
    assert "別の方がいないか" in html
    text = json.dumps(disclosed(privacy, other, records([other])))
    assert "9999" in text
    assert "5678" not in text


def test_a_name_that_cannot_be_printed_is_disclosed_on_paper_and_as_data(privacy):
    made = book(replace(HANAKO, name="福岡　\U000323af子"))
    facts = {"records": records([made]), "request_number": "開示第7号"}
    privacy.post(reverse("secretariat:personal-disclose", args=[made.id]), facts, follow=True)
    assert {row.kind for row in Export.objects.all()} == {"json", "pdf"}


def test_somebody_else_cannot_be_ticked(privacy, family):
    facts = {"records": records(family), "request_number": "開示第7号"}
    answer = privacy.post(reverse("secretariat:personal-disclose", args=[family[0].id]), facts)
    assert answer.status_code == 200
    assert not Export.objects.exists()


def test_a_person_who_only_waits_is_found_disclosed_and_erased(privacy):
    day = date(2026, 12, 15)
    sell_out(day)
    row = enter(person=HANAKO, procedures=("CERT_RENEW",), wish=Wish(("HM01",), day, day))
    assert privacy.post(HOME, WHO).url == f"{HOME}{row.id}/"
    text = json.dumps(disclosed(privacy, row, [str(row.id)]), ensure_ascii=False)
    assert "希望の郵便局" in text
    assert "空き待ちの受付" in text
    retention.order_erasure_of(reservations=[], waits=[row.id], instruction=letter(), actor=OPERATOR)
    carry_out()
    assert not Wait.objects.exists()
    assert privacy.get(f"{HOME}{row.id}/").status_code == 404


def letter():
    return retention.Instruction("市戸第9号", clock.today(), "戸籍住民課")


def carry_out():
    for row in selectors.erasure_orders():
        retention.carry_out(order_id=row.id)


ERASE = {"document_number": "市戸第9号", "document_on": "R8.12.21", "instructed_by": "戸籍住民課"}


def test_one_person_is_erased_on_instruction_and_the_family_stays(privacy, family):
    address = reverse("secretariat:personal-erase", args=[family[0].id])
    with clock.travel(NOON + timedelta(days=30)):
        facts = ERASE | {"records": records(family[:1])}
        assert privacy.post(address, facts).url == "/secretariat/retention/"
        carry_out()
        assert privacy.get(address).status_code == 404
        assert "消証第1号" in page(privacy.get("/secretariat/retention/"))
    assert Reservation.objects.filter(erased_at=None).count() == 2


def test_a_visit_to_come_and_a_preserved_one_are_refused_with_the_reason(privacy, family):
    address = reverse("secretariat:personal-erase", args=[family[0].id])
    facts = ERASE | {"records": records(family[:1]), "document_on": "R8.11.20"}
    assert "先に予約を取り消してください" in page(privacy.post(address, facts))
    kept = reverse("secretariat:personal-preserve", args=[family[0].id])
    assert "入力してください" in page(privacy.post(kept, {"reason": ""}))
    privacy.post(kept, {"reason": "審査請求のため"})
    with clock.travel(NOON + timedelta(days=30)):
        privacy.logout()
        privacy.force_login(User.objects.get(username="sekininsha"))
        assert "先に保留を解除してください" in page(privacy.post(address, facts))
        assert "審査請求のため" in page(privacy.get("/secretariat/retention/"))
        privacy.post(reverse("secretariat:personal-release", args=[family[0].id]))
        assert privacy.post(address, facts).status_code == 302


def test_the_secretariats_role_alone_finds_nobody(client, family):
    client.force_login(member())
    assert client.post(HOME, WHO).status_code == 403
    assert client.get(f"{HOME}{family[0].id}/").status_code == 403
    assert "開示・消去・保留" not in page(client.get("/secretariat/reservations/"))


def test_many_records_ask_the_database_as_often_as_two(privacy, django_assert_num_queries, now):
    def many(count):
        for number in range(count):
            with clock.travel(now + timedelta(minutes=number)):
                made = book(somebody(1), day=15 + len(shown), hour=9 + number, codes=("CERT_RENEW",))
                changes.cancel(reservation_id=made.id, actor=OPERATOR, channel="PHONE")
        shown.append(made)
        return f"{HOME}{made.id}/"

    shown: list[object] = []
    privacy.get(many(1))
    address = many(1)
    with CaptureQueriesContext(connection) as few:
        privacy.get(address)
    address = many(4)
    with django_assert_num_queries(len(few)):
        privacy.get(address)
