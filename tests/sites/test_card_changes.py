"""What changed on the card: asked in fields of its own, and a name is told as a fact only, at every door."""

import json
from dataclasses import asdict, fields, replace
from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from support.callcentre import PERSON, CallScreen, put_texts
from support.journeys import DETAILS, PROCEDURES, slot_at, text_of
from support.people import HANAKO
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.partners import issue_token
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.cache import clear_caches
from madoguchi.common.name_changes import NameInAddress, refuse_name_change
from madoguchi.panels.person_form import PersonForm
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.people import (
    ApplicationFields,
    Details,
    Person,
    application_fields,
    read_details,
)
from madoguchi.reservations.selectors import reservation
from madoguchi.sites.api.schemas import Booking
from madoguchi.sites.citizen.reserve.forms import DetailsForm
from madoguchi.workflows.booking import conditions

pytestmark = pytest.mark.usefixtures("city")
CODES = ["FACE_CHANGE", "CERT_ISSUE"]
MOVED = {"changes": ["ADDRESS"], "new_address": "星見市西区見本町9番1号"}
RENAMED = {"changes": ["NAME"]}


class Door:
    """A way by which somebody tells what changed on the card; `said` is what the answer showed."""

    said = ""


class Citizen(Door):
    def tell(self, **changed):
        client = Browser()
        client.post("/reserve/", {**PROCEDURES, "procedures": CODES})
        client.post("/reserve/HM01/", {"slot": slot_at(1, 9)})
        self.said = text_of(client.post("/reserve/details/", {**DETAILS, **changed}, follow=True))
        client.post("/reserve/confirm/", {"consent": "on"})


class Operator(Door):
    def tell(self, **changed):
        put_texts()
        client = Browser()
        client.force_login(member(Role.OPERATOR, "callcentre"))
        call = CallScreen(client).press(procedures=CODES).take("HM01:2026-12-15").press()
        call.press(**{**PERSON, **changed})
        self.said = call.html
        call.press(read=call.lines())


class Secretariat(Door):
    def tell(self, **changed):
        client = Browser()
        client.force_login(member())
        query = urlencode({"procedures": CODES, "slot": slot_at(15, 10, 30)}, doseq=True)
        page = f"/secretariat/reservations/add/details/?{query}"
        sent = {"submission": "one", "language": "ja", **PERSON, **changed}
        self.said = client.post(page, sent, follow=True).content.decode()


class Correction(Door):
    """The secretariat corrects a booking whose details were sealed before this was asked."""

    def tell(self, **changed):
        made = book(codes=CODES)
        client = Browser()
        client.force_login(member())
        answer = client.post(
            f"/secretariat/reservations/{made.reference}/correct/", {**PERSON, "language": "ja", **changed}
        )
        self.said = answer.content.decode()


class Api(Door):
    def tell(self, **changed):
        token = issue_token(name="見本アプリ", actor=SYSTEM)
        clear_caches()
        body = {
            "slot": slot_at(1, 9), "procedures": CODES, "name": HANAKO.name,
            "name_kana": HANAKO.name_kana, "date_of_birth": "1950-04-01", "postal_code": "814-0006",
            "address": HANAKO.address, "phone": "090-0000-5678", "consent": True, **changed,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
        self.said = (
            Client()
            .post("/api/v1/reservations", json.dumps(body), content_type="application/json", headers=headers)
            .content.decode()
        )


DOORS = [Citizen, Operator, Secretariat, Correction, Api]


def details_kept():
    found = Reservation.objects.first()
    return reservation(found.pk, scope=EVERYWHERE).person.details if found else None


@pytest.mark.parametrize("door", DOORS)
def test_a_name_is_told_as_a_fact_and_a_day_and_typed_nowhere_else(door):
    door().tell(**RENAMED)
    kept = details_kept()
    assert (kept.changes, kept.new_address, kept.old_address) == (("NAME",), "", "")


@pytest.mark.parametrize("door", DOORS)
def test_an_address_is_kept_as_typed_where_the_address_changed(door):
    door().tell(**MOVED, old_address="星見市東区見本町1番")
    kept = details_kept()
    assert (kept.changes, kept.new_address) == (("ADDRESS",), MOVED["new_address"])
    assert kept.old_address == "星見市東区見本町1番"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "changes|変わったものを、1つ以上"),
        ({"changes": ["ADDRESS"]}, "new_address|新しい住所を、区役所に届け出たとおりに"),
        ({"changes": ["NAME"], "new_address": "星見市西区見本町9番"}, "changes|「住所」も選んでください"),
        ({**MOVED, "new_address": "山田→田中"}, "name_in_address|住所の欄には、お名前の変更"),
        ({**MOVED, "old_address": "旧姓 山田"}, "name_in_address|住所の欄には、お名前の変更"),
        ({**MOVED, "address": "星見市西区見本町2丁目（改姓しました）"}, "name_in_address|お名前の変更"),
    ],
)
def test_what_is_missing_or_a_name_in_an_address_is_said_beside_the_field(door, changed, says):
    if door is Citizen and "address" in changed:
        changed = {**MOVED, "address_rest": changed["address"]}
    tried = door()
    tried.tell(**changed)
    assert any(words in tried.said for words in says.split("|"))
    kept = details_kept()
    assert kept is None or kept == Details()


@pytest.mark.parametrize(
    "text",
    [
        "山田→田中", "旧姓山田", "山田から田中に変わりました", "結婚して田中になりました", "改姓",
        "氏名の変更", "やまだ ⇒ たなか", "山田 花子→田中 花子", "田中　花子", "タナカ 花子",
        "姓が変わった", "Yamada -> Tanaka",
    ],
)  # fmt: skip
def test_what_is_evidently_a_name_is_no_address(text):
    with pytest.raises(NameInAddress):
        refuse_name_change(text, name="福岡　花子")


@pytest.mark.parametrize(
    "text",
    [
        "福岡市中央区天神1丁目8番1号", "福岡市早良区原6-1-1 花子ハイツ201", "福岡市東区香椎→福岡市西区今宿",
        "早良区原から西区姪浜に変わりました", "中央区大名2-5-31 田中ビル", "海老名市大字名字1", "福岡 花子方",
        "博多区上川端町からすま荘", "糸島市志摩姫島", "カリフォルニア州サンノゼ", "城南区別府 原健方", "",
        "Fukuoka-ken, Chuo-ku 1-8-1", "グリーンからたち荘", "田川郡香春町大字採銅所字姓屋敷1",
    ],
)  # fmt: skip
def test_no_real_address_is_taken_for_a_name(text):
    refuse_name_change(text, name="福岡　花子")
    refuse_name_change(text, name="原　健")


def test_what_was_sealed_before_still_opens_and_its_addresses_stay_off_the_form():
    old = asdict(Details(old_address="山田", new_address="田中", changed_on="2026-10-01"))
    del old["changes"]
    details = read_details(json.dumps(old))
    assert details.new_address == "田中"
    filled = application_fields(replace(HANAKO, details=details))
    assert (filled.old_address, filled.new_address, filled.changed_on) == ("", "", "2026-10-01")


NAMES = ("名前", "氏名", "フリガナ", "旧姓", "通称", "入力できない字")
ASKED_AS_FACT = {"changes"}


def asked_fields():
    """Yield each field of every door with the words by which it is asked."""
    for form in (DetailsForm, PersonForm):
        for name, field in form.base_fields.items():
            yield name, f"{field.label}"
    for name, field in Booking.model_fields.items():
        yield name, str(field.description)


def test_nothing_that_fills_a_form_is_a_field_in_which_a_name_is_asked():
    of_names = {name for name, words in asked_fields() if any(word in words for word in NAMES)}
    assert {"name", "name_kana", "called_name", "unreadable_characters"} <= of_names
    printed = {field.name for field in fields(ApplicationFields)}
    assert of_names & printed <= ASKED_AS_FACT
    assert printed <= {field.name for kind in (Person, Details) for field in fields(kind)}


def test_what_is_told_as_a_fact_takes_codes_and_no_text():
    for form in (DetailsForm, PersonForm):
        assert [code for code, _ in form.base_fields["changes"].choices] == ["ADDRESS", "NAME", "OTHER"]


@pytest.mark.parametrize("door", DOORS)
def test_no_name_of_a_person_reaches_what_fills_the_form(door):
    door().tell(**RENAMED, changed_on="2026-10-01")
    person = reservation(Reservation.objects.get().pk, scope=EVERYWHERE).person
    person = replace(
        person, details=replace(person.details, called_name="呼名", unreadable_characters="はしごだか")
    )
    printed = " ".join(map(str, asdict(application_fields(person)).values()))
    for name in (*person.name.split(), *person.name_kana.split(), "呼名", "はしごだか"):
        assert name not in printed


def test_the_date_of_the_change_reaches_the_form():
    changed = Details(changes=("ADDRESS",), new_address="西区1", old_address="東区1", changed_on="2026-10-01")
    filled = application_fields(replace(HANAKO, details=changed))
    assert (filled.old_address, filled.new_address, filled.changed_on) == ("東区1", "西区1", "2026-10-01")
    assert filled.birth_date == date(1950, 4, 1)


def test_a_workflow_refuses_a_name_in_an_address_whatever_door_forgot_it():
    with pytest.raises(NameInAddress) as refused:
        conditions.refuse_forbidden_values(replace(HANAKO, details=Details(new_address="旧姓 山田")))
    assert refused.value.fields == {"field": "new_address"}
