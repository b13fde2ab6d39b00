"""A name pasted with rubbish, and a reading in any shape, come out alike at every door."""

import json
from dataclasses import replace

import pytest
from support.journeys import DETAILS, text_of, to_booked, to_confirm, to_details
from support.people import HANAKO
from support.secretariat import member, slot_at

from madoguchi.accounts.partners import issue_token
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.names import KanaUnreadable, NameUnreadable
from madoguchi.common.texts import CharacterUnusable
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import conditions

pytestmark = pytest.mark.usefixtures("city")
PASTED = {
    "name": "\u202a髙﨑\u200b　\u3000花\ufe0f子\ufeff\v",
    "name_kana": "たかさき\xa0ﾊﾅｺ\u200e",
    "phone": "\u202d090-0000\u2010-5678\u202c",
    "postal_code": "\ufeff814-0006\u200b",
}


def web(client, typed):
    return to_booked(client, **typed)


def secretariat(client, typed):
    client.force_login(member())
    url = f"/secretariat/reservations/add/details/?procedures=CERT_RENEW&slot={slot_at(15, 10, 30)}"
    born = {"birth_date": "\u200bS25.4.1\ufeff"}
    return client.post(url, {**DETAILS, **born, "submission": "once", **typed})


def api(client, typed):
    body = {
        "slot": slot_at(15, 10, 30),
        "procedures": ["CERT_RENEW"],
        "name": "福岡　花子",
        "date_of_birth": "\u200b1950-04-01",
        "postal_code": "814-0006",
        "address": "星見市西区見本町2丁目1番1号",
        "phone": "090-0000-5678",
        "consent": True,
        **typed,
    }
    return client.post(
        "/api/v1/reservations",
        json.dumps(body),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {issue_token(name='見本', actor=SYSTEM)}",
            "Idempotency-Key": "one",
        },
    )


DOORS = (web, secretariat, api)


@pytest.mark.parametrize("door", DOORS)
def test_what_was_pasted_is_kept_as_it_is_seen(client, door):
    door(client, PASTED)
    person = reservation(Reservation.objects.get().id, scope=EVERYWHERE).person
    assert (person.name, person.name_kana) == ("髙﨑　花子", "タカサキ　ハナコ")
    assert (person.phone, person.postal_code) == ("09000005678", "8140006")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("name", "花子😀", NameUnreadable.message),
        ("name", "<b>花子</b>", NameUnreadable.message),
        ("name", "\ue000崎", CharacterUnusable.message),
        ("address", "\ue000町1番", CharacterUnusable.message),
        ("name_kana", "花子", "カタカナかひらがなで"),
        ("name_kana", "Hanako", "カタカナかひらがなで"),
    ],
    ids=["emoji", "tag", "own character", "own character in the address", "kanji", "Latin"],
)
def test_what_cannot_be_read_is_answered_at_the_field_and_nothing_is_kept(client, door, field, text, says):
    page = door(client, {field: text})
    if door is web:
        page = client.get("/reserve/details/")
        page = client.post("/reserve/details/", {**DETAILS, field: text})
    told = text_of(page).replace("&lt;", "<").replace("&gt;", ">")
    assert says.removesuffix("。") in told
    assert not Reservation.objects.exists()


def test_what_was_typed_stays_beside_the_sentence(client):
    to_details(client)
    page = client.post("/reserve/details/", {**DETAILS, "name": "花子😀"}).content.decode()
    assert 'value="花子😀"' in page


def test_the_session_of_a_pasted_name_goes_on(client):
    page = to_confirm(client, **PASTED)
    assert page.status_code == 302


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"name": "花子😀"}, NameUnreadable, "name"),
        ({"name_kana": "Hanako"}, KanaUnreadable, "name_kana"),
        ({"address": "\ue000町"}, CharacterUnusable, "address"),
        ({"details": replace(HANAKO.details, called_name="<b>")}, NameUnreadable, "called_name"),
        ({"details": replace(HANAKO.details, old_address="\ue000")}, CharacterUnusable, "old_address"),
    ],
)
def test_the_workflow_refuses_what_a_form_let_through(changes, refusal, field):
    with pytest.raises(refusal) as refused:
        conditions.refuse_forbidden_values(replace(HANAKO, **changes))
    assert refused.value.fields == {"field": field}
