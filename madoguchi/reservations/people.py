"""A person as typed, and how the row that holds the person is sealed and found again."""

import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from madoguchi.common import births
from madoguchi.common.births import BirthDate
from madoguchi.common.languages import MAIN
from madoguchi.common.names import bigrams, fold_kana, fold_name, match_key
from madoguchi.reservations.models import AccessCode, Applicant, ContactBy
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, seal, tokens, unseal

TABLE = "reservations_applicant"
SEALED = ("name", "name_kana", "birth_date", "postal_code", "address", "phone", "email", "details")


@dataclass(frozen=True, slots=True)
class Details:
    """What the procedures, the form and the counter need besides; nothing that identifies a document."""

    card_expires_on: str = ""
    cert_expires_on: str = ""
    unknown_pins: tuple[str, ...] = ()
    old_address: str = ""
    new_address: str = ""
    changed_on: str = ""
    sex: str = ""
    # 「カードのとおりに入力できない字がある」: はしごだか, and the like.
    unreadable_characters: str = ""
    called_name: str = ""
    # Help wanted at the counter: codes such as WRITING (筆談), WHEELCHAIR.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who comes. `name` exactly as typed; `name_kana`, `email` and `contact_by` may be empty."""

    name: str
    birth_date: BirthDate
    postal_code: str
    address: str
    phone: str
    name_kana: str = ""
    email: str = ""
    contact_by: str = ContactBy.PHONE.value
    ward_code: str = ""
    # In which the person reads and is written to.
    language: str = MAIN
    details: Details = field(default_factory=Details)


def person_hash(*, name: str, birth_date: BirthDate) -> bytes:
    """Return what is equal for the same folded name and birth date."""
    return index_hash("person", f"{match_key(name)}\0{birth_date.isoformat()}")


def claim(*, name: str, name_kana: str, birth_date: BirthDate) -> bytes:
    """Return what a person may claim each procedure with only once (design: one person, one active)."""
    return index_hash("claim", f"{match_key(name)}\0{match_key(name_kana)}\0{birth_date.isoformat()}")


def phone_end_hash(phone: str) -> bytes:
    """Return the search hash of the last four digits."""
    return index_hash("phone end", phone[-4:])


def link_hash(token: str) -> bytes:
    """Return what a secret link is found by."""
    return index_hash("link", token)


def new_applicant(*, person: Person, key: PersonKey) -> tuple[Applicant, str]:
    """Return an unsaved, sealed row for a person and the token of the secret link."""
    row = uuid.uuid4()
    token = secrets.token_urlsafe(18)
    applicant = Applicant(
        id=row,
        key=key,
        link_token=seal(key, TABLE, row, "link_token", token),
        **sealed_columns(person=person, key=key, row=row),
    )
    return applicant, token


def sealed_columns(*, person: Person, key: PersonKey, row: uuid.UUID) -> dict[str, object]:
    """Return the columns of an applicant that follow from what a person typed."""
    texts = {
        "name": person.name,
        "name_kana": person.name_kana,
        "birth_date": person.birth_date.isoformat(),
        "postal_code": person.postal_code,
        "address": person.address,
        "phone": person.phone,
        "email": person.email,
        "details": json.dumps(
            {name: getattr(person.details, name) for name in Details.__slots__}, ensure_ascii=False
        ),
    }
    return {
        **{column: seal(key, TABLE, row, column, text) for column, text in texts.items()},
        "has_email": bool(person.email),
        "contact_by": person.contact_by,
        "ward_code": person.ward_code,
        "language": person.language,
        "name_tokens": tokens("name", bigrams(fold_name(person.name)) | bigrams(fold_kana(person.name_kana))),
        "person_hash": person_hash(name=person.name, birth_date=person.birth_date),
        "birth_hash": index_hash("birth", person.birth_date.isoformat()),
        "phone_hash": index_hash("phone", person.phone),
        "phone_end_hash": phone_end_hash(person.phone),
        "email_hash": index_hash("email", person.email.casefold()) if person.email else b"",
    }


def open_columns(applicant: Applicant, columns: Iterable[str]) -> dict[str, str]:
    """Return the opened text of the named columns. Raises KeyDestroyed for an erased person."""
    return {
        column: unseal(applicant.key, TABLE, applicant.id, column, getattr(applicant, column))
        for column in columns
    }


def open_person(applicant: Applicant) -> Person:
    """Return the whole person. Raises KeyDestroyed for an erased one."""
    texts = open_columns(applicant, SEALED)
    return Person(
        birth_date=births.from_iso(texts.pop("birth_date")),
        contact_by=applicant.contact_by,
        ward_code=applicant.ward_code,
        language=applicant.language,
        details=read_details(texts.pop("details")),
        **texts,
    )


def as_json(person: Person) -> str:
    """Return a person as text, to be sealed whole."""
    return json.dumps(asdict(person) | {"birth_date": person.birth_date.isoformat()}, ensure_ascii=False)


def from_json(text: str) -> Person:
    """Return the person that `as_json` wrote."""
    facts: dict[str, Any] = json.loads(text)
    details = read_details(json.dumps(facts.pop("details")))
    return Person(**facts | {"birth_date": births.from_iso(facts["birth_date"])}, details=details)


def read_details(text: str) -> Details:
    """Return the details from their opened column; none of an erased person."""
    details: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text or "{}").items()
    }
    return Details(**details)


def open_link_token(applicant: Applicant) -> str:
    """Return the token of the secret link, for a mail or a page to its owner."""
    return open_columns(applicant, ["link_token"])["link_token"]


def seal_access_code(key: PersonKey, reservation: uuid.UUID, code: str) -> bytes:
    """Seal the code that is mailed to the person."""
    return seal(key, "reservations_accesscode", reservation, "code", code)


def open_access_code(row: AccessCode) -> str:
    """Return the code, for the mail and for comparing."""
    key = row.reservation.applicant.key
    return unseal(key, "reservations_accesscode", row.reservation_id, "code", row.code)
