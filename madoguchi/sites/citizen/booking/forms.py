"""Forms to see, change or cancel a booking."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.common.errors import Refusal
from madoguchi.common.references import read_reference
from madoguchi.contract.selectors import procedures
from madoguchi.panels.person_form import check_addresses_and_change
from madoguchi.reservations.people import FIELDS_OF_PROCEDURES
from madoguchi.sites.citizen.reserve.forms import (
    DetailsForm,
    ProceduresForm,
    ask_which_certificate,
    name_call_centre,
    require_mail_address,
)
from madoguchi.web.forms import BirthDateField, CheckTiles, LineField, RadioTiles, TileChoice, field_error


class LookupForm(forms.Form):
    """The reference and the birth date open the masked view."""

    reference = LineField(
        label=_("予約番号"),
        help_text=_("K7MT-AWX-R74 のような10文字です。ハイフンは、なくてもかまいません。"),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("予約番号は、K7MT-AWX-R74 のように入力してください")},
    )
    birth_date = BirthDateField(
        label=_("生年月日"),
        help_text=_(
            "月や日が不詳の方は、予約の控えのメールのリンクから開くか、%(centre)s（%(phone)s）にお電話ください。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_call_centre(self.fields["birth_date"])

    def clean_reference(self) -> str:
        """Return the reference as it is stored."""
        try:
            return read_reference(self.cleaned_data["reference"])
        except Refusal as refusal:
            raise field_error(refusal) from None


class BirthDateForm(forms.Form):
    """The birth date, asked once per browser for a secret link."""

    birth_date = BirthDateField(label=_("生年月日"), help_text=_("手続きをする方の生年月日です。"))


class PhoneEndForm(forms.Form):
    """The last four digits of the telephone number, which show the place."""

    phone_end = LineField(
        label=_("電話番号の下4桁"),
        help_text=_("予約のときに登録した電話番号の、終わりの4つの数字です。"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("電話番号の下4桁は、4桁の数字で入力してください")},
    )

    def clean_phone_end(self) -> str:
        """Return four digits."""
        return read_digits(self, "phone_end", 4)


class CodeForm(forms.Form):
    """The access code from the mail, which unlocks the whole booking for a while."""

    code = LineField(
        label=_("確認コード"),
        help_text=_("メールに書かれた6桁の数字です。"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("確認コードは、6桁の数字で入力してください")},
    )

    def clean_code(self) -> str:
        """Return six digits."""
        return read_digits(self, "code", 6)


def read_digits(form: forms.Form, field: str, count: int) -> str:
    """Return so many digits typed into a field, in any width. Raises ValidationError."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", form.cleaned_data[field]))
    if not re.fullmatch(rf"[0-9]{{{count}}}", digits):
        raise forms.ValidationError(form.fields[field].error_messages["required"], code="invalid")
    return digits


class ContactForm(forms.Form):
    """The contact data that a citizen may correct, with the fields of booking."""

    phone = DetailsForm.base_fields["phone"]
    email = DetailsForm.base_fields["email"]
    contact_by = DetailsForm.base_fields["contact_by"]
    needs = DetailsForm.base_fields["needs"]

    def clean(self) -> dict[str, Any]:
        """Ask for the address when mail is the way to be reached."""
        cleaned = super().clean() or {}
        require_mail_address(self, cleaned)
        return cleaned


class VisitProceduresForm(forms.Form):
    """Other procedures for a visit."""

    procedures = forms.MultipleChoiceField(
        label=_("希望する手続き"),
        help_text=_("増やすときは選び、やめるときは外してください。"),
        widget=CheckTiles,
        error_messages={"required": _("希望する手続きを、1つ以上選んでください")},
    )

    def __init__(self, *args: Any, chosen: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["procedures"]).choices = [
            (row.code, TileChoice(row.name, row.explanation))
            for row in procedures(enabled_only=False)
            if row.is_enabled or row.code in chosen
        ]

    def clean(self) -> dict[str, Any]:
        """Ask whether the certificate is renewed or issued where both were chosen."""
        cleaned = super().clean() or {}
        ask_which_certificate(self, cleaned)
        return cleaned


class AddedProceduresForm(forms.Form):
    """What procedures that are added ask for, and another time where the visit no longer fits."""

    slot = forms.TypedChoiceField(
        label=_("新しい日時"),
        coerce=int,
        widget=RadioTiles,
        error_messages={"required": _("新しい日時を選んでください")},
    )
    card_expires_on = ProceduresForm.base_fields["card_expires_on"]
    cert_expires_on = ProceduresForm.base_fields["cert_expires_on"]
    unknown_pins = DetailsForm.base_fields["unknown_pins"]
    changes = DetailsForm.base_fields["changes"]
    new_address = DetailsForm.base_fields["new_address"]
    old_address = DetailsForm.base_fields["old_address"]
    changed_on = DetailsForm.base_fields["changed_on"]

    def __init__(
        self, *args: Any, added: Collection[str], times: Sequence[tuple[int, str]] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = {"CERT_RENEW": ("card_expires_on", "cert_expires_on"), **FIELDS_OF_PROCEDURES}
        for code, names in asked.items():
            for name in names if code not in added else ():
                del self.fields[name]
        if times is None:
            del self.fields["slot"]
        else:
            cast("forms.ChoiceField", self.fields["slot"]).choices = times

    def clean(self) -> dict[str, Any]:
        """Ask for a whole change of the card."""
        cleaned = super().clean() or {}
        check_addresses_and_change(self, cleaned)
        return cleaned


class CancelForm(forms.Form):
    """Why, if somebody cares to say; a list, because free text collects personal data."""

    REASONS: ClassVar[list[tuple[str, object]]] = [
        ("SCHEDULE", _("都合が悪くなった")),
        ("DONE_ELSEWHERE", _("ほかの窓口で手続きをした")),
        ("NOT_NEEDED", _("手続きがいらなくなった")),
        ("WRONG_PROCEDURE", _("手続きを選び間違えた")),
    ]
    reason = forms.ChoiceField(
        label=_("取り消す理由"),
        help_text=_("よろしければ、お聞かせください。選ばなくても取り消せます。"),
        required=False,
        widget=RadioTiles,
        choices=REASONS,
    )
