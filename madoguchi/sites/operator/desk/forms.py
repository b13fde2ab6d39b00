"""The four blocks that an operator fills in while the caller speaks; the fifth is the reference to read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, Self

from django import forms
from django.http import QueryDict

from madoguchi.common.names import fold_kana
from madoguchi.contract.rows import ProcedureRow, WardRow
from madoguchi.contract.selectors import postal_area
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import Conditions
from madoguchi.reservations.words import CONTACTS, NEEDS, UNKNOWN_PINS
from madoguchi.sites.operator.fields import BirthDayField, DayField
from madoguchi.sites.operator.grid import TIME_KEYS
from madoguchi.web.forms import CheckList, PhoneField, PostalCodeField, TextField

# Said by the caller, these lead to the ward office.
CONDITIONS: Final = (
    ("not_self", "代理の方が行く"),
    ("under_15", "手続きの日に15歳未満"),
    ("not_resident", "住民登録が市外"),
    ("continuation", "転入して「継続利用」がまだ"),
    ("period_of_stay", "在留期間に期限がある"),
    ("face_auth_card", "暗証番号のないカード"),
)
DETAIL_TEXTS: Final = ("called_name", "unreadable_characters", "old_address", "new_address")


class KeyedCheckList(CheckList):
    """Boxes that the keys 1 to 9 tick."""

    template_name = "operator/widgets/check_list.html"

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Print the key on its box; only the first box takes the focus."""
        option = super().create_option(*args, **kwargs)
        place = int(option["index"])
        if place < len(TIME_KEYS):
            option["key"] = option["attrs"]["data-key"] = TIME_KEYS[place]
        if place:
            option["attrs"].pop("autofocus", None)
        return option


class BlockForm(forms.Form):
    """A block; closed, or open without having been sent, it shows what was typed without judging it."""

    @classmethod
    def shown(cls, data: QueryDict, **kwargs: Any) -> Self:
        """Return the block with what was typed so far, and no errors."""
        block = cls(**kwargs)
        block.initial = {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in block.fields.items()
            if name in data
        }
        return block


class ProceduresForm(BlockForm):
    """Block 1: what for, the two dates of expiry, and what would lead to the ward office."""

    procedures = forms.MultipleChoiceField(
        label="手続き",
        widget=KeyedCheckList,
        error_messages={"required": "手続きを、1つ以上選んでください"},
    )
    card_expires_on = DayField(
        label="カードの有効期限",
        required=False,
        error_messages={"invalid": "カードの有効期限は、2032.2.3 か R14.2.3 のように入力してください"},
    )
    cert_expires_on = DayField(
        label="電子証明書の有効期限",
        required=False,
        error_messages={"invalid": "電子証明書の有効期限は、2027.2.3 か R9.2.3 のように入力してください"},
    )
    conditions = forms.MultipleChoiceField(
        label="あてはまるとき、区役所を案内",
        widget=CheckList,
        required=False,
        choices=CONDITIONS,
    )

    def __init__(self, *args: Any, procedures: Sequence[ProcedureRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (str(row.code), f"{row.name}") for row in procedures
        ]

    def conditions_row(self) -> Conditions:
        """Return what the caller said, for the rules to judge."""
        cleaned = self.cleaned_data
        said = set(cleaned["conditions"])
        return Conditions(
            procedures=tuple(cleaned["procedures"]),
            comes_in_person="not_self" not in said,
            is_of_age="under_15" not in said,
            lives_in_city="not_resident" not in said,
            has_moved_in="continuation" in said,
            continuation_done="continuation" not in said,
            has_period_of_stay="period_of_stay" in said,
            has_face_auth_card="face_auth_card" in said,
            card_expires_on=cleaned["card_expires_on"],
            cert_expires_on=cleaned["cert_expires_on"],
        )


class PlaceForm(BlockForm):
    """Block 2: from where the nearest offices are looked for; the time is taken in the grid below."""

    near = PostalCodeField(label="郵便番号", required=False, widget=forms.TextInput({"size": 9}))
    ward = forms.ChoiceField(label="区", required=False)
    slot = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={"required": "日時を選んでください", "invalid": "日時を選んでください"},
    )

    def __init__(self, *args: Any, wards: Sequence[WardRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ward"].choices = [  # type: ignore[attr-defined]
            ("", "市内どこでも"),
            *((row.code, row.name) for row in wards),
        ]


class PersonForm(BlockForm):
    """Block 3: who comes. Fields that only some procedures need are there only for these."""

    name = TextField(
        label="お名前",
        max_length=100,
        error_messages={"required": "お名前を、カードのとおりに入力してください"},
    )
    name_kana = TextField(label="フリガナ", max_length=100, required=False)
    birth_date = BirthDayField(label="生年月日")
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
    email = forms.EmailField(
        label="メールアドレス",
        required=False,
        error_messages={"invalid": "メールアドレスは、hanako@example.jp のように入力してください"},
    )
    contact_by = forms.ChoiceField(label="連絡方法", choices=list(CONTACTS.items()), initial="PHONE")
    unknown_pins = forms.MultipleChoiceField(
        label="わからない暗証番号（番号は聞き取らない）",
        widget=CheckList,
        required=False,
        choices=list(UNKNOWN_PINS.items()),
    )
    old_address = TextField(label="カードに書かれている、前の住所・氏名", max_length=200, required=False)
    new_address = TextField(
        label="新しい住所・氏名",
        max_length=200,
        error_messages={"required": "新しい住所・氏名を、届け出たとおりに入力してください"},
    )
    changed_on = DayField(label="変更した日", required=False)
    needs = forms.MultipleChoiceField(
        label="当日に必要なこと", widget=CheckList, required=False, choices=list(NEEDS.items())
    )
    unreadable_characters = TextField(
        label="入力できない字の説明（例：はしごだか）", max_length=100, required=False
    )
    called_name = TextField(label="お呼びする名前", max_length=60, required=False)

    ONLY_FOR: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "PIN_RESET": ("unknown_pins",),
        "FACE_CHANGE": ("old_address", "new_address", "changed_on"),
    }

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

    def person(self, *, card_expires_on: date | None, cert_expires_on: date | None) -> Person:
        """Return the person as typed."""
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
            ward_code=area.ward if area else "",
            details=Details(
                card_expires_on=_iso(card_expires_on),
                cert_expires_on=_iso(cert_expires_on),
                unknown_pins=tuple(cleaned.get("unknown_pins", ())),
                changed_on=_iso(cleaned.get("changed_on")),
                needs=tuple(cleaned["needs"]),
                **{name: cleaned.get(name, "") for name in DETAIL_TEXTS},
            ),
        )


class ReadBackForm(BlockForm):
    """Block 4: each line is read aloud before the booking is made."""

    read = forms.MultipleChoiceField(
        label="読み上げたもの",
        widget=KeyedCheckList,
        error_messages={"required": "読み上げて、印を付けてください"},
    )
    may_repeat = forms.BooleanField(label="同じ方の予約があることを、ご本人に確かめた", required=False)

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].choices = lines  # type: ignore[attr-defined]

    def clean_read(self) -> list[str]:
        """Refuse a line that was not read."""
        read: list[str] = self.cleaned_data["read"]
        left = len(self.fields["read"].choices) - len(set(read))  # type: ignore[attr-defined]
        if left:
            raise forms.ValidationError(
                f"まだ読み上げていないものが{left}つあります。読み上げて、印を付けてください",
                code="required",
            )
        return read


def typed_of(person: Person) -> dict[str, Any]:
    """Return what block 3 starts from when the caller was here before."""
    details = person.details
    return {
        "name": person.name,
        "name_kana": person.name_kana,
        "birth_date": BirthDayField().prepare_value(person.birth_date),
        "phone": person.phone,
        "postal_code": person.postal_code,
        "address": person.address,
        "email": person.email,
        "contact_by": person.contact_by,
        "called_name": details.called_name,
        "unreadable_characters": details.unreadable_characters,
        "needs": list(details.needs),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
