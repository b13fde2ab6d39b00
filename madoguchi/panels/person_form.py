"""The form in which staff of every site enter a person, for booking and correcting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django import forms
from django.conf import settings

from madoguchi.common import clock
from madoguchi.common.births import UNREADABLE_DATE
from madoguchi.common.dates import change_dates, nearest_year
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import MAIN
from madoguchi.common.name_changes import refuse_name_change
from madoguchi.common.phones import show_phone
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.addresses import seems_outside
from madoguchi.contract.selectors import booking_rules, postal_area, program
from madoguchi.reservations.kinds import (
    CHANGE_LABELS,
    CONTACT_LABELS,
    NEED_LABELS,
    SEX_LABELS,
    UNKNOWN_PIN_LABELS,
)
from madoguchi.reservations.people import FIELDS_OF_PROCEDURES, Details, Person, refuse_unclear_change
from madoguchi.web.days import BirthDayField, DayField, parse_iso_day
from madoguchi.web.forms import (
    CheckList,
    KanaField,
    MailAddressField,
    NameField,
    PhoneField,
    PostalCodeField,
    TextField,
    field_error,
)

TEXTS: Final = ("sex", "called_name", "unreadable_characters", "old_address", "new_address")
DATES: Final = ("card_expires_on", "cert_expires_on", "changed_on")
LISTS: Final = ("needs", "unknown_pins", "changes")
CHANGED_ADDRESSES: Final = ("old_address", "new_address")


class PersonForm(forms.Form):
    """A person. Fields of single procedures are shown only for these, 性別 only by its rule."""

    name = NameField(
        label="お名前",
        max_length=100,
        error_messages={"required": "お名前を、カードのとおりに入力してください"},
    )
    name_kana = KanaField(label="フリガナ", max_length=100, required=False)
    birth_date = BirthDayField(label="生年月日（一部が不詳のときは S13.4.不詳）")
    sex = forms.ChoiceField(label="性別", required=False, choices=[("", "聞いていない"), *SEX_LABELS.items()])
    phone = PhoneField(
        label="電話番号", error_messages={"required": "電話番号は、090-1234-5678 のように入力してください"}
    )
    postal_code = PostalCodeField(
        label="郵便番号",
        error_messages={"required": "郵便番号は、810-0001 のように7桁の数字で入力してください"},
    )
    address = TextField(
        label="住所（番地・部屋番号まで）",
        max_length=240,
        error_messages={"required": "住所を、番地まで入力してください"},
    )
    lives_in_city = forms.BooleanField(required=False)
    email = MailAddressField(label="メールアドレス", required=False)
    contact_by = forms.ChoiceField(label="連絡方法", choices=list(CONTACT_LABELS.items()), initial="PHONE")
    language = forms.ChoiceField(
        label="お知らせの言葉", required=False, choices=lambda: settings.LANGUAGES, initial=MAIN
    )
    unknown_pins = forms.MultipleChoiceField(
        label="わからない暗証番号（番号は聞き取らない）",
        widget=CheckList,
        required=False,
        choices=list(UNKNOWN_PIN_LABELS.items()),
    )
    changes = forms.MultipleChoiceField(
        label="変わったもの（氏名は、変わったことだけを聞き取る）",
        widget=CheckList,
        choices=list(CHANGE_LABELS.items()),
        error_messages={"required": "変わったものを、1つ以上選んでください"},
    )
    new_address = TextField(label="新しい住所（住所が変わったとき）", max_length=200, required=False)
    old_address = TextField(label="カードに書かれている、前の住所", max_length=200, required=False)
    changed_on = DayField(label="変更した日", required=False, within=change_dates, yearless=nearest_year)
    card_expires_on = DayField(label="カードの有効期限", required=False)
    cert_expires_on = DayField(label="電子証明書の有効期限", required=False)
    needs = forms.MultipleChoiceField(
        label="当日に必要なこと", widget=CheckList, required=False, choices=list(NEED_LABELS.items())
    )
    unreadable_characters = TextField(
        label="入力できない字の説明（例：はしごだか）", max_length=100, required=False
    )
    called_name = NameField(label="お呼びする名前", max_length=60, required=False)

    def __init__(self, *args: Any, procedures: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remove_unasked_fields(self, procedures)
        city = program().city_name
        self.fields["lives_in_city"].label = f"住民登録は{city}にある（本人に確かめた）"

    def clean(self) -> dict[str, Any]:
        """Require the fields that another answer makes necessary."""
        cleaned = super().clean() or {}
        if cleaned.get("contact_by") == "MAIL" and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "メールでの連絡を希望する方は、メールアドレスを入力してください")
        check_addresses_and_change(self, cleaned)
        if needs_residence(cleaned):
            self.add_error(
                "lives_in_city",
                f"住所が{program().city_name}の外のようです。郵便番号と住所を直すか、住民登録を確かめてください",
            )
        return cleaned

    def person(self, known: Details | None = None) -> Person:
        """Return the person as typed; details that this form does not ask keep their known values."""
        cleaned = self.cleaned_data
        area = postal_area(cleaned["postal_code"])
        return Person(
            name=cleaned["name"],
            name_kana=cleaned["name_kana"],
            birth_date=cleaned["birth_date"],
            postal_code=cleaned["postal_code"],
            address=cleaned["address"],
            phone=cleaned["phone"],
            email=cleaned["email"],
            contact_by=cleaned["contact_by"],
            language=cleaned["language"] or MAIN,
            ward_code=area.ward if area else "",
            details=typed_details(cleaned, known or Details()),
        )


def typed_details(cleaned: Mapping[str, Any], known: Details) -> Details:
    """Return the details that a valid form asked for; those that it did not ask keep their known values."""
    typed: dict[str, Any] = {name: cleaned[name] for name in TEXTS if name in cleaned}
    typed |= {name: iso_or_empty(cleaned[name]) for name in DATES if name in cleaned}
    typed |= {name: tuple(cleaned[name]) for name in LISTS if name in cleaned}
    return replace(known, **typed)


def remove_unasked_fields(form: forms.Form, procedures: Collection[str]) -> None:
    """Remove the fields that these procedures do not need, and 性別 unless its rule asks for it."""
    for procedure, names in FIELDS_OF_PROCEDURES.items():
        if procedure not in procedures:
            for name in names:
                del form.fields[name]
    if not booking_rules(clock.now()).ask_sex:
        del form.fields["sex"]


def needs_residence(cleaned: Mapping[str, Any]) -> bool:
    """Tell whether a person with an address that seems to lie in another city has still to be asked."""
    if "postal_code" not in cleaned or "address" not in cleaned or cleaned["lives_in_city"]:
        return False
    return seems_outside(postal_code=cleaned["postal_code"], address=cleaned["address"])


def check_addresses_and_change(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Add the field errors of a name change in an address and of an incomplete card change."""
    name = cleaned.get("name", "")
    for field in ("address", "address_rest", "old_address", "new_address"):
        try:
            refuse_name_change(cleaned.get(field, ""), name=name if field in CHANGED_ADDRESSES else "")
        except Refusal as refusal:
            form.add_error(field, field_error(refusal))
    if "changes" in cleaned and not any(field in form.errors for field in CHANGED_ADDRESSES):
        try:
            refuse_unclear_change(
                changes=cleaned["changes"], **{field: cleaned[field] for field in CHANGED_ADDRESSES}
            )
        except Refusal as refusal:
            form.add_error(str(refusal.fields["field"]), field_error(refusal))


def initial_of(person: Person) -> dict[str, Any]:
    """Return the initial values for a correction or another booking of the same person.

    What cannot be read is empty: it is typed anew, never taken over.
    """
    details = person.details
    known = {
        "name": person.name,
        "name_kana": person.name_kana,
        "birth_date": person.birth_date,
        "phone": show_phone(person.phone),
        "postal_code": f"{person.postal_code[:3]}-{person.postal_code[3:]}",
        "address": person.address,
        "lives_in_city": False,
        "email": person.email,
        "contact_by": person.contact_by,
        "language": person.language,
        **{name: getattr(details, name) for name in TEXTS},
        **{name: list(getattr(details, name)) for name in LISTS},
        **{name: parse_iso_day(getattr(details, name)) for name in DATES},
    }
    if isinstance(person.postal_code, Unreadable):
        known["postal_code"] = ""
    known["needs"] = [each for each in details.needs if not isinstance(each, Unreadable)]
    known["birth_date"] = None if person.birth_date == UNREADABLE_DATE else person.birth_date
    return {name: "" if isinstance(value, Unreadable) else value for name, value in known.items()}


def iso_or_empty(day: date | None) -> str:
    """Return a day as ISO text, "" without one."""
    return day.isoformat() if day else ""
