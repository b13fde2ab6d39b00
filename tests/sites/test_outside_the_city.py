"""An address outside the city is asked about at every door, and refused at none."""

from dataclasses import replace

import pytest
from support.journeys import DETAILS, to_details
from support.partner_api import HANAKO as SENT
from support.partner_api import RESERVATIONS, problem, slot_at
from support.people import HANAKO
from support.presses import STAFF_PERSON
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.contract.addresses import seems_outside
from madoguchi.reservations.models import Applicant
from madoguchi.sites.operator.desk.forms import PersonForm

pytestmark = pytest.mark.usefixtures("city")
TOKYO = {"postal_code": "100-0001", "address": "東京都千代田区千代田1-1"}
ASKED = "住所が星見市の外のようです"


@pytest.mark.parametrize(
    ("postal_code", "address", "outside"),
    [
        ("1000001", "東京都千代田区千代田1-1", True),
        ("8111201", "那珂川市片縄1-1", True),
        ("8190395", "星見市西区元岡744", False),  # a large addressee inside the city
    ],
)
def test_an_address_is_asked_about_that_its_code_or_its_name_places_outside_the_city(
    postal_code, address, outside
):
    assert seems_outside(postal_code=postal_code, address=address) == outside


def test_a_citizen_is_asked_and_goes_on_with_one_tick(client):
    to_details(client)
    typed = {**DETAILS, **TOKYO}
    asked = client.post("/reserve/details/", typed)
    assert asked.status_code == 200
    assert "ご住所が、星見市の外のようです" in page(asked).replace("\u200b", "")
    assert 'href="/reserve/ward/NOT_RESIDENT/"' in page(asked)
    assert "東京都千代田区千代田1-1" in page(asked), "what was typed stays"
    answer = client.post("/reserve/details/", {**typed, "lives_in_city": "on"})
    assert answer.url == "/reserve/confirm/"


def test_who_lives_in_the_city_is_not_asked(client):
    to_details(client)
    assert "lives_in_city" not in page(client.get("/reserve/details/"))


def test_the_secretariat_is_asked_when_it_corrects(client):
    made = book(replace(HANAKO, postal_code="9990001"))
    client.force_login(member(Role.SECRETARIAT))
    address = f"/secretariat/reservations/{made.reference}/correct/"
    asked = page(client.post(address, STAFF_PERSON | TOKYO))
    assert ASKED in asked
    assert 'name="lives_in_city"' in asked
    assert client.post(address, STAFF_PERSON | TOKYO | {"lives_in_city": "on"}).status_code == 302


def test_an_operator_is_asked_at_the_desk():
    form = PersonForm(STAFF_PERSON | TOKYO, procedures=["CERT_RENEW"])
    assert ASKED in form.errors["lives_in_city"][0]
    assert PersonForm(STAFF_PERSON | TOKYO | {"lives_in_city": "on"}, procedures=["CERT_RENEW"]).is_valid()


def test_a_partner_is_told_by_code_and_field(client):
    token = issue_token(name="見本アプリ", actor=SYSTEM)

    def send(**changes):
        body = {"slot": slot_at(client), **SENT, **TOKYO, **changes}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{len(changes)}"}
        return client.post(RESERVATIONS, body, content_type="application/json", headers=headers)

    (fault,) = problem(send(), 422, "outside_city")["errors"]
    assert fault["field"] == "lives_in_city"
    assert Applicant.objects.count() == 0
    assert send(lives_in_city=True).status_code == 201
