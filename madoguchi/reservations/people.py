"""A person as typed, and how the applicant row is sealed and searched."""

import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from madoguchi.common import births
from madoguchi.common.births import BirthDate
from madoguchi.common.languages import MAIN, gettext
from madoguchi.common.names import bigrams, fold_kana, fold_name, match_key
from madoguchi.common.unreadable import UNREADABLE, Unreadable, ValueUnreadable, refuse_unreadable
from madoguchi.reservations.errors import ADDRESS_NOT_MARKED, CHANGE_MISSING, ChangeUnclear
from madoguchi.reservations.kinds import ContactMethod
from madoguchi.reservations.models import AccessCode, Applicant
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, note_unreadable, seal, tokens, unseal, unseal_to_show
from madoguchi.sealing.shown import shown

TABLE = "reservations_applicant"
SEALED = ("name", "name_kana", "birth_date", "postal_code", "address", "phone", "email", "details")

# What only one procedure asks for.
FIELDS_OF_PROCEDURES: Final[Mapping[str, tuple[str, ...]]] = {
    "PIN_RESET": ("unknown_pins",),
    "FACE_CHANGE": ("changes", "old_address", "new_address", "changed_on"),
}


class CardChange(StrEnum):
    """What changed of what is printed on the card."""

    ADDRESS = "ADDRESS"
    NAME = "NAME"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Details:
    """Further details for the procedures, the form and the counter, without document numbers."""

    card_expires_on: str = ""
    cert_expires_on: str = ""
    unknown_pins: tuple[str, ...] = ()
    # What changed on the card (CardChange), and the day. A name is told as a fact only; details sealed before
    # this field was asked have none of it, and may hold a name in the addresses.
    changes: tuple[str, ...] = ()
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
    """A person. `name` is exactly as typed; `name_kana`, `email` and `contact_by` may be empty."""

    name: str
    birth_date: BirthDate
    postal_code: str
    address: str
    phone: str
    name_kana: str = ""
    email: str = ""
    contact_by: str = ContactMethod.PHONE.value
    ward_code: str = ""
    # In which the person reads and is written to.
    language: str = MAIN
    details: Details = field(default_factory=Details)


@dataclass(frozen=True, slots=True)
class ApplicationFields:
    """What an application form may be filled from: 予約情報（氏名を除く）(仕様書 4(3)ア).

    No field of it is one in which a name is asked, in kanji, kana or to be called by.
    """

    birth_date: BirthDate
    postal_code: str
    address: str
    phone: str
    sex: str
    unknown_pins: tuple[str, ...]
    changes: tuple[str, ...]
    old_address: str
    new_address: str
    changed_on: str


def application_fields(person: Person) -> ApplicationFields:
    """Return what may stand on a person's application form; the name is no part of it.

    Addresses before and after are left out unless the address is marked as changed: before that was asked,
    the two fields took names as well.
    """
    details = person.details
    has_moved = CardChange.ADDRESS in details.changes
    return ApplicationFields(
        birth_date=person.birth_date,
        postal_code=person.postal_code,
        address=person.address,
        phone=person.phone,
        sex=details.sex,
        unknown_pins=details.unknown_pins,
        changes=details.changes,
        old_address=details.old_address if has_moved else "",
        new_address=details.new_address if has_moved else "",
        changed_on=details.changed_on,
    )


def only_asked(details: Details, procedures: Collection[str]) -> Details:
    """Return details without the answers that only other procedures ask for."""
    unasked = {
        name: getattr(Details(), name)
        for procedure, names in FIELDS_OF_PROCEDURES.items()
        if procedure not in procedures
        for name in names
    }
    return replace(details, **unasked)


def refuse_unclear_change(*, changes: Collection[str], old_address: str, new_address: str) -> None:
    """Raise ChangeUnclear, with the field to correct, unless the change of the card is complete."""
    if not changes:
        raise ChangeUnclear(gettext(CHANGE_MISSING), field="changes")
    if CardChange.ADDRESS not in changes and (old_address or new_address):
        raise ChangeUnclear(gettext(ADDRESS_NOT_MARKED), field="changes")
    if CardChange.ADDRESS in changes and not new_address:
        raise ChangeUnclear(field="new_address")


def person_hash(*, name: str, birth_date: BirthDate) -> bytes:
    """Return the hash of the folded name and birth date, which identifies a person in this system.

    With it a person claims each procedure only once. The reading is no part of it (docs/adr/0026).
    Raises ValueUnreadable.
    """
    refuse_unreadable(name)
    return index_hash("person", f"{match_key(name)}\0{birth_date.isoformat()}")


def phone_end_hash(phone: str) -> bytes:
    """Return the search hash of the last four digits."""
    return index_hash("phone end", phone[-4:])


def link_hash(token: str) -> bytes:
    """Return the hash by which a secret link is found."""
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
        "contact_by": person.contact_by,
        "ward_code": person.ward_code,
        "language": person.language,
        **search_columns(person),
    }


def search_columns(person: Person) -> dict[str, object]:
    """Return the columns of an applicant by which a person is found without opening anything."""
    return {
        "has_email": bool(person.email),
        "name_tokens": tokens("name", bigrams(fold_name(person.name)) | bigrams(fold_kana(person.name_kana))),
        "person_hash": person_hash(name=person.name, birth_date=person.birth_date),
        "birth_hash": index_hash("birth", person.birth_date.isoformat()),
        "phone_hash": index_hash("phone", person.phone),
        "phone_end_hash": phone_end_hash(person.phone),
        "email_hash": index_hash("email", person.email.casefold()) if person.email else b"",
    }


def show_columns(applicant: Applicant, columns: Iterable[str]) -> dict[str, str]:
    """Return the opened text of the named columns, to be shown; UNREADABLE where it cannot be read.

    Raises KeyDestroyed for an erased person.
    """
    return {column: _shown(applicant, column) for column in columns}


def _shown(applicant: Applicant, column: str) -> str:
    sealed = getattr(applicant, column)
    if not sealed and column in Applicant.privacy.required and applicant.key.wrapped is not None:
        note_unreadable(table=TABLE, row=applicant.id, column=column)
        return UNREADABLE
    return unseal_to_show(applicant.key, TABLE, applicant.id, column, sealed)


def open_person(applicant: Applicant) -> Person:
    """Return the whole person, to decide by. Raises KeyDestroyed for an erased one, and ValueUnreadable."""
    person = show_person(applicant)
    if is_damaged(person):
        raise ValueUnreadable
    return person


def show_person(applicant: Applicant) -> Person:
    """Return the whole person, to be shown: UNREADABLE stands for what cannot be read.

    Raises KeyDestroyed for an erased one.
    """
    texts = show_columns(applicant, SEALED)
    return Person(
        birth_date=_shown_birth(texts.pop("birth_date")),
        contact_by=applicant.contact_by,
        ward_code=applicant.ward_code,
        language=applicant.language,
        details=read_details(texts.pop("details")),
        **texts,
    )


def is_damaged(person: Person) -> bool:
    """Tell whether something of a person cannot be read; then nothing may be decided by it."""
    values = [getattr(person, each.name) for each in fields(person)]
    return person.birth_date == births.UNREADABLE_DATE or any(
        isinstance(each, Unreadable) for each in (*values, person.details.unreadable_characters)
    )


def _shown_birth(text: str) -> BirthDate:
    return births.UNREADABLE_DATE if isinstance(text, Unreadable) else births.from_iso(text)


def unreadable_person(*, has_email: bool) -> Person:
    """Return the placeholder of a person of whom nothing can be read."""
    return Person(
        name=UNREADABLE,
        birth_date=births.UNREADABLE_DATE,
        postal_code=UNREADABLE,
        address=UNREADABLE,
        phone=UNREADABLE,
        email=UNREADABLE if has_email else "",
        details=read_details(UNREADABLE),
    )


def person_version(*, reservation_id: uuid.UUID, person: Person) -> str:
    """Return a fingerprint of the person and the details of a visit."""
    return shown("person", str(reservation_id), person)


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
    if isinstance(text, Unreadable):
        return Details(unreadable_characters=text, needs=(text,))
    details: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text or "{}").items()
    }
    return Details(**details)


def open_link_token(applicant: Applicant) -> str:
    """Return the token of the secret link, for a page to its owner; "" where it cannot be read."""
    token = show_columns(applicant, ["link_token"])["link_token"]
    return "" if isinstance(token, Unreadable) else token


def seal_access_code(key: PersonKey, reservation: uuid.UUID, code: str) -> bytes:
    """Seal the code that is mailed to the person."""
    return seal(key, "reservations_accesscode", reservation, "code", code)


def open_access_code(row: AccessCode) -> str:
    """Return the code, for the mail and for comparing. Raises ValueUnreadable."""
    key = row.reservation.applicant.key
    return unseal(key, "reservations_accesscode", row.reservation_id, "code", row.code)
