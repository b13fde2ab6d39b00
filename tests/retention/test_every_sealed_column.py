"""Whatever is sealed about a person is erased with the person, and held on the person for disclosure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date, timedelta
from importlib import import_module

import pytest
from support.city import NOON
from support.models import MODELS
from support.people import HANAKO, OPERATOR, SECRETARIAT
from support.secretariat import slot_at

from madoguchi.common import clock
from madoguchi.notifications.models import Mail
from madoguchi.reservations.access_codes import make_access_code
from madoguchi.reservations.locking import lock_reservation
from madoguchi.reservations.models import Applicant, BookingSession, Reservation, Wait
from madoguchi.reservations.people import Details
from madoguchi.reservations.selectors import person_hash_of
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention.models import ErasureOrder
from madoguchi.retention.selectors import Instruction
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import seal, unseal
from madoguchi.workflows.booking import book, sessions, waiting
from madoguchi.workflows.privacy import retention

# Files of staff are gone within a day, forms within minutes, whoever stands in them.
NOT_ERASED = {"retention.Export", "kept_forms.KeptForm"}
NOT_DISCLOSED = {
    "sealing.PersonKey": "a key",
    "retention.Export": "files of staff; that they were made is disclosed",
    "reservations.AccessCode": "was mailed, and stands in the mail",
    "kept_forms.KeptForm": "typed by whoever had the browser; nothing proves who that was",
    "reservations.BookingSession": "typed by whoever had the browser; nothing proves who that was",
}
COLUMNS = [(model, column) for model in MODELS for column in model.privacy.sealed]
IDS = [f"{model._meta.label}.{column}" for model, column in COLUMNS]


def full(kind, **given):
    """Return a dataclass of texts with all of them filled."""
    texts = {each.name: f"記入{'あ' * number}" for number, each in enumerate(fields(kind))} | given
    return kind(**texts)


PERSON = replace(
    HANAKO,
    email="hanako@example.jp",
    details=full(
        Details,
        card_expires_on="2030-01-02",
        cert_expires_on="2027-02-03",
        changed_on="2026-11-04",
        unknown_pins=("SIGNING",),
        changes=("ADDRESS",),
        needs=("WRITING",),
    ),
)


@pytest.fixture
def reservation(city):
    """Return the one person of a city who left something in every sealed column."""
    token = sessions.start_session(source="a", form_data={"typed": "<form_data>"})
    sessions.hold_slot(token=token, slot=slot_at(15, 9), codes=("CERT_RENEW",))
    visitor = book.Visitor(("CERT_RENEW",), PERSON)
    [made] = book.book_held(book.BookingRequest(visitors=(visitor,), token=token))
    row = Reservation.objects.get(pk=made.id)
    make_access_code(reservation=lock_reservation(made.id), actor=OPERATOR)
    wish = Wish(("HM01",), date(2026, 12, 20), date(2026, 12, 25))
    waiting.enter(person=PERSON, procedures=["CERT_ISSUE"], wish=wish, channel="PHONE", actor=OPERATOR)
    session = BookingSession.objects.get(reservation=row)
    session.form_data = seal(
        session.key,
        "reservations_bookingsession",
        session.pk,
        "form_data",
        json.dumps({"typed": "<form_data>"}),
    )
    session.save()
    key = row.applicant.key
    for mail in Mail.objects.all():
        sealed = {
            name: seal(key, "notifications_mail", mail.pk, name, f"<{name}>") for name in Mail.privacy.sealed
        }
        Mail.objects.filter(pk=mail.pk).update(key=key, state="sent", sent_at=clock.now(), **sealed)
    return row


def values(model, column):
    return [bytes(value) for value in model.objects.values_list(column, flat=True) if value]


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=IDS)
def test_a_sealed_column_is_empty_once_its_person_is_erased(reservation, seal_keys_set, model, column):
    if model._meta.label in NOT_ERASED:
        assert any(model._meta.label in each.tables for each in retention_rules())
        return
    assert values(model, column), "fill the column in the fixture"
    with clock.travel(NOON + timedelta(days=30)):
        retention.order_erasure_of(
            reservations=[reservation.pk],
            waits=list(Wait.objects.values_list("pk", flat=True)),
            instruction=Instruction("市戸第1号", clock.today(), "見本課"),
            actor=SECRETARIAT,
        )
        retention.carry_out(order_id=ErasureOrder.objects.get().pk)
    assert values(model, column) == []


def retention_rules():
    return import_module("madoguchi.retention.rules").RETENTION_RULES


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=IDS)
def test_a_sealed_column_is_held_on_its_person(reservation, model, column):
    if model._meta.label in NOT_DISCLOSED:
        return
    held = set(texts_of(all_held_on(reservation)))
    row = model.objects.exclude(**{column: b""}).exclude(**{column: None}).first()
    assert row, "fill the column in the fixture"
    path = model.privacy.key
    key = PersonKey.objects.get(pk=model.objects.values_list(path, flat=True).get(pk=row.pk))
    opened = unseal(key, model._meta.db_table, row.pk, column, getattr(row, column))
    assert set(texts_of(parsed(opened))) - held == set()


def all_held_on(reservation):
    """Return what every ledger with people holds on one."""
    people = import_module("madoguchi.reservations.personal_data").held_on(person_hash_of(reservation.pk))
    mails = import_module("madoguchi.notifications.personal_data").held_on(
        [str(row.id) for row in people.all]
    )
    return people, mails


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def texts_of(value):
    """Yield every text in rows, lists and mappings, as it is stored."""
    if is_dataclass(value):
        yield from texts_of(asdict(value))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, Collection) and not isinstance(value, str):
        for each in value:
            yield from texts_of(each)
    elif value not in (None, ""):
        yield value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_nothing_is_left_out_that_is_not_there():
    labels = {model._meta.label for model, _ in COLUMNS}
    assert labels >= NOT_ERASED | set(NOT_DISCLOSED)
    assert Applicant._meta.label in labels
