"""What the secretariat types about reservations; shown by web.forms, checked again by the workflow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django import forms

from madoguchi.common.names import fold_kana
from madoguchi.common.phones import show_phone
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.selectors import postal_area
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.selectors import reasons
from madoguchi.sites.secretariat.days import TermDayField
from madoguchi.sites.secretariat.reservations.presenters import CONTACTS, NEEDS
from madoguchi.web.forms import (
    BirthDateField,
    CheckList,
    DatePartsField,
    PhoneField,
    PostalCodeField,
    TextField,
)
from madoguchi.workflows.looks import LOOK_REASONS, TAKE_REASONS

DETAIL_DATES: Final = ("card_expires_on", "cert_expires_on", "changed_on")
DETAIL_TEXTS: Final = ("called_name", "unreadable_characters", "old_address", "new_address")
FILES: Final = ["xlsx", "csv", "pdf"]


class VisitForm(forms.Form):
    """Where and when: narrows the free times that are shown."""

    office = forms.ChoiceField(label="郵便局", error_messages={"required": "郵便局を選んでください"})
    day = TermDayField(label="来局日", error_messages={"required": "来局日を選んでください"})

    def __init__(self, *args: Any, offices: Sequence[OfficeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [  # type: ignore[attr-defined]
            ("", "選んでください"),
            *((row.code, f"{row.short_name}（{row.ward_name}）") for row in offices),
        ]


class ProceduresForm(forms.Form):
    """What for: with it the length of the visit is known."""

    procedures = forms.MultipleChoiceField(
        label="手続き", widget=CheckList, error_messages={"required": "手続きを、1つ以上選んでください"}
    )

    def __init__(self, *args: Any, procedures: Sequence[ProcedureRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (row.code, f"{row.name}（{row.minutes_alone}分）") for row in procedures
        ]


class MoveForm(forms.Form):
    """Why a visit moves."""

    reason = forms.ChoiceField(label="変更の理由", choices=reasons)


class CancelForm(forms.Form):
    """Why a visit is called off, and whose doing it is."""

    reason = forms.ChoiceField(
        label="取消しの理由",
        choices=lambda: [("", "選んでください"), *reasons()],
        error_messages={"required": "取消しの理由を選んでください"},
    )
    by_us = forms.BooleanField(
        label="当方の都合による取消し",
        help_text="メールで、おわびと予約のし直し方をお伝えします。",
        required=False,
    )


class RevealForm(forms.Form):
    """A masked value, and why it is needed."""

    what = forms.ChoiceField(choices=[("phone", ""), ("email", "")])
    reason = forms.ChoiceField(choices=list(LOOK_REASONS.items()))


class TakeForm(forms.Form):
    """A list that leaves the system, and why."""

    file = forms.ChoiceField(choices=[(kind, kind) for kind in FILES])
    reason = forms.ChoiceField(choices=list(TAKE_REASONS.items()))


class PersonForm(forms.Form):
    """Who comes. Fields that only some procedures need are there only for these."""

    name = TextField(
        label="お名前",
        help_text="カードのとおりに。入力できない字は、下の欄で説明します。",
        max_length=100,
        error_messages={"required": "お名前を、カードのとおりに入力してください"},
    )
    name_kana = TextField(label="フリガナ", max_length=100, required=False)
    birth_date = BirthDateField(label="生年月日")
    phone = PhoneField(
        label="電話番号", error_messages={"required": "電話番号は、090-1234-5678 のように入力してください"}
    )
    postal_code = PostalCodeField(
        label="郵便番号",
        error_messages={"required": "郵便番号は、810-0001 のように7桁の数字で入力してください"},
    )
    address = TextField(
        label="住所",
        help_text="住民票の住所を、番地・部屋番号まで。",
        max_length=240,
        error_messages={"required": "住所を、番地まで入力してください"},
    )
    email = forms.EmailField(
        label="メールアドレス",
        help_text="予約の控えと、3日前・前日のお知らせを送ります。",
        required=False,
        error_messages={"invalid": "メールアドレスは、hanako@example.jp のように入力してください"},
    )
    contact_by = forms.ChoiceField(label="連絡方法", choices=list(CONTACTS.items()))
    unknown_pins = forms.MultipleChoiceField(
        label="わからない暗証番号",
        help_text="暗証番号そのものは、聞き取らないでください。",
        widget=CheckList,
        required=False,
        choices=[("FOUR_DIGITS", "数字4桁"), ("SIGNING", "英数字6～16文字"), ("UNSURE", "はっきりしない")],
    )
    old_address = TextField(label="カードに書かれている、前の住所・氏名", max_length=200, required=False)
    new_address = TextField(
        label="新しい住所・氏名",
        max_length=200,
        error_messages={"required": "新しい住所・氏名を、届け出たとおりに入力してください"},
    )
    changed_on = DatePartsField(label="変更した日", required=False)
    card_expires_on = DatePartsField(label="カードの有効期限", required=False)
    cert_expires_on = DatePartsField(label="電子証明書の有効期限", required=False)
    needs = forms.MultipleChoiceField(
        label="当日に必要なこと", widget=CheckList, required=False, choices=list(NEEDS.items())
    )
    called_name = TextField(label="お呼びする名前", max_length=60, required=False)
    unreadable_characters = TextField(
        label="入力できない字の説明", help_text="例：高橋の高は、はしごだか", max_length=100, required=False
    )

    ONLY_FOR = {"PIN_RESET": ("unknown_pins",), "FACE_CHANGE": ("old_address", "new_address", "changed_on")}

    def __init__(self, *args: Any, procedures: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for procedure, names in self.ONLY_FOR.items():
            if procedure not in procedures:
                for name in names:
                    del self.fields[name]

    def clean_name_kana(self) -> str:
        """Return the kana as typed; what cannot be one is answered with an example."""
        kana: str = self.cleaned_data["name_kana"]
        if kana and not fold_kana(kana).replace(" ", "").isalpha():
            raise forms.ValidationError(
                "フリガナは、フクオカ　ハナコ のように入力してください", code="invalid"
            )
        return kana

    def clean(self) -> dict[str, Any]:
        """Ask for what another answer makes necessary."""
        cleaned = super().clean() or {}
        if cleaned.get("contact_by") == "MAIL" and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "メールでの連絡を希望する方は、メールアドレスを入力してください")
        return cleaned

    def person(self, before: Person | None = None) -> Person:
        """Return the person as typed; what was not asked stays as it was before."""
        cleaned = self.cleaned_data
        area = postal_area(cleaned["postal_code"])
        typed: dict[str, Any] = {name: cleaned[name] for name in DETAIL_TEXTS if name in cleaned}
        typed |= {name: _iso(cleaned[name]) for name in DETAIL_DATES if name in cleaned}
        typed |= {name: tuple(cleaned[name]) for name in ("needs", "unknown_pins") if name in cleaned}
        return Person(
            name=cleaned["name"],
            name_kana=cleaned["name_kana"],
            birth_date=cleaned["birth_date"],
            postal_code=cleaned["postal_code"],
            address=cleaned["address"],
            phone=cleaned["phone"],
            email=cleaned["email"],
            contact_by=cleaned["contact_by"],
            ward_code=area.ward if area else "",
            details=replace(before.details if before else Details(), **typed),
        )


def initial_of(person: Person) -> dict[str, Any]:
    """Return what a correction starts from."""
    details = person.details
    return {
        "name": person.name,
        "name_kana": person.name_kana,
        "birth_date": person.birth_date,
        "phone": show_phone(person.phone),
        "postal_code": f"{person.postal_code[:3]}-{person.postal_code[3:]}",
        "address": person.address,
        "email": person.email,
        "contact_by": person.contact_by,
        **{name: getattr(details, name) for name in (*DETAIL_TEXTS, "needs", "unknown_pins")},
        **{name: _day(getattr(details, name)) for name in DETAIL_DATES},
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
