"""How every form of every site is drawn, and the fields that several sites share.

Hint, then error, then control; the error is tied to the control; nothing typed is lost. Sites write plain
Django forms; settings.FORM_RENDERER points here.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from madoguchi.common import births, clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.mail_addresses import read_mail_address
from madoguchi.common.names import read_kana, read_name
from madoguchi.common.phones import read_phone
from madoguchi.common.texts import clean_line, clean_lines, refuse_unusable

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Renderer(DjangoTemplates):
    """Draw a field as web/forms/field.html does."""

    field_template_name = "web/forms/field.html"


@dataclass(frozen=True, slots=True)
class Choice:
    """The label of one choice with a line that explains it."""

    title: "StrOrPromise"
    hint: "StrOrPromise" = ""

    def __str__(self) -> str:
        return str(self.title)


class CheckTiles(forms.CheckboxSelectMultiple):
    """Several large boxes, each with a title and a line below it (labels are Choice)."""

    template_name = "web/forms/check_tiles.html"


class CheckList(forms.CheckboxSelectMultiple):
    """Several small boxes."""

    template_name = "web/forms/check_list.html"


class RadioTiles(forms.RadioSelect):
    """One of several, each a large target (labels may be Choice)."""

    template_name = "web/forms/check_tiles.html"


class DatePartsWidget(forms.MultiWidget):
    """Year, month and day, with the era or 西暦 before them when asked for."""

    template_name = "web/forms/date_parts.html"
    use_fieldset = True

    def __init__(self, *, eras: Sequence[str] = ()) -> None:
        number = {"inputmode": "numeric", "autocomplete": "off"}
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            "year": forms.TextInput({**number, "maxlength": 4}),
            "month": forms.TextInput({**number, "maxlength": 2}),
            "day": forms.TextInput({**number, "maxlength": 2}),
        }
        if eras:
            choices = [("", _("元号")), *((name, _(name)) for name in eras)]
            parts = {"era": forms.Select({"aria-label": _("元号")}, choices), **parts}
        self.eras = eras
        super().__init__(parts)

    def decompress(self, value: date | None) -> list[str | None]:
        """Return the parts of a date, as a person would type them."""
        if value is None:
            return [None] * len(self.widgets)
        if not self.eras:
            return [str(value.year), str(value.month), str(value.day)]
        found = era.era_of(value)
        return [found.name, str(found.year_of(value)), str(value.month), str(value.day)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Mark the empty parts only, when there are any: they are what is missing."""
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        if any(not part["value"] for part in parts):
            for part in parts:
                if part["value"]:
                    part["attrs"].pop("aria-invalid", None)
        return context


class DatePartsField(forms.Field):
    """A date typed in parts, in 西暦."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("年、月、日を入力してください"),
        "invalid": _("日付は、2027年2月3日 のように入力してください"),
    }
    eras: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=DatePartsWidget(eras=self.eras), **kwargs)

    def clean(self, value: Sequence[str | None] | None) -> date | None:
        """Return the date; raise ValidationError with the sentence to show."""
        parts = [clean_line(unicodedata.normalize("NFKC", part or "")) for part in value or ()]
        typed = parts[len(self.eras and ("era",)) :]
        if not any(typed):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return self.read(parts)

    def read(self, parts: list[str]) -> date:
        """Turn the parts into a date, or say what to enter."""
        try:
            return date(*(int(part) for part in parts))
        except (TypeError, ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class BirthDateField(DatePartsField):
    """A whole birth date by era or 西暦; an impossible era date is answered with the right one."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("生年月日は、昭和25年4月1日 のように入力してください"),
        "partial": _("生年月日の一部が不詳の方は、お電話でお申し込みください"),
    }
    eras = era.ERA_NAMES

    def read(self, parts: list[str]) -> date:
        """Turn era, year, month and day into a date, or say what to enter."""
        name, year, month, day = parts
        if births.UNKNOWN in parts:
            raise ValidationError(self.error_messages["partial"], code="partial")
        try:
            return era.parse_birth_date(name, year, month, day, clock.today())
        except Refusal as refusal:
            raise beside_field(refusal) from None


class Typed:
    """What every field that people type into does first: it takes out what nobody sees (`common.texts`).

    A base before a field of Django's; only `SecretField` and the choices are without it.
    """

    widget: Any

    def to_python(self, value: Any) -> Any:
        """Return the value of a text as it is seen; a text of several lines keeps its lines."""
        if isinstance(value, str):
            value = clean_lines(value) if isinstance(self.widget, forms.Textarea) else clean_line(value)
        return super().to_python(value)  # type: ignore[misc]  # of the field beside it


class LineField(Typed, forms.CharField):
    """A code, a number or another text that is read and not kept as it was typed."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": _("%(limit_value)d文字までで入力してください（いまは%(show_value)d文字です）"),
    }


class NumberField(Typed, forms.IntegerField):
    """A whole number."""


class DateField(Typed, forms.DateField):
    """A day, as the browser's calendar sends it."""


class TimeField(Typed, forms.TimeField):
    """A time of day."""


class MomentField(Typed, forms.DateTimeField):
    """A day and a time."""


class SecretField(forms.CharField):
    """A password, which is exactly what was typed."""

    widget = forms.PasswordInput


def read_as_typed(field: forms.Field) -> None:
    """Make a field of another package read like ours."""
    to_python = field.to_python

    def seen(value: Any) -> Any:
        return to_python(clean_line(value) if isinstance(value, str) else value)

    field.to_python = seen  # type: ignore[method-assign]


def may_be_kept(text: str) -> None:
    """Raise ValidationError for a text with a 12-digit number, a PIN or 外字 in it (domain.md 7.1, 7.6)."""
    try:
        refuse_forbidden(text)
        refuse_unusable(text)
    except Refusal as refusal:
        raise beside_field(refusal) from None


class TextField(LineField):
    """A text that people type freely: what may not be kept is refused."""

    default_validators = [may_be_kept]


class NameField(TextField):
    """The name of a person, as it stands on the card."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": _(
            "お名前は、%(limit_value)d文字までで入力してください（いまは%(show_value)d文字です）。"
            "長いお名前は、はじめの%(limit_value)d文字を入力してください"
        ),
    }

    def clean(self, value: Any) -> str:
        """Return the name; raise ValidationError for what is no name."""
        try:
            return read_name(super().clean(value))
        except Refusal as refusal:
            raise beside_field(refusal) from None


class KanaField(TextField):
    """The フリガナ of a name, however it is typed; cleaned to katakana."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": _(
            "フリガナは、%(limit_value)d文字までで入力してください（いまは%(show_value)d文字です）"
        ),
    }

    def clean(self, value: Any) -> str:
        """Return the フリガナ; raise ValidationError with an example."""
        try:
            return read_kana(super().clean(value))
        except Refusal as refusal:
            raise beside_field(refusal) from None


class PhoneField(LineField):
    """A telephone number, Japanese or foreign, however it is written; cleaned to what is stored."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})

    def clean(self, value: Any) -> str:
        """Return the number in the stored form; raise ValidationError with an example."""
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            return read_phone(text)
        except Refusal as refusal:
            raise beside_field(refusal) from None


class MailAddressField(LineField):
    """A mail address, however it was copied; cleaned to what mail is sent to."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        """Return the address; raise ValidationError with what to mend."""
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            address = read_mail_address(text)
            refuse_forbidden(address)
        except Refusal as refusal:
            raise beside_field(refusal) from None
        return address


class PostalCodeField(LineField):
    """Seven digits; width, hyphen and 〒 do not matter."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("郵便番号は、810-0001 のように7桁の数字で入力してください"),
    }

    def clean(self, value: Any) -> str:
        """Return seven digits; raise ValidationError with an example."""
        text: str = super().clean(value)
        digits = re.sub(r"[^0-9A-Za-z]", "", unicodedata.normalize("NFKC", text))
        if digits and not re.fullmatch(r"[0-9]{7}", digits):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return digits


def beside_field(refusal: Refusal) -> ValidationError:
    """Return a refusal as it stands beside a field: like our own sentences there, without the last 。"""
    return ValidationError(refusal.message.removesuffix("。"), code=refusal.code)


def add_refusal(form: forms.BaseForm, refusal: Refusal, fields: Mapping[type[Refusal], str] = {}) -> None:
    """Show what a service refused: beside the field it names, else at the top of the form."""
    form.add_error(fields.get(type(refusal)), refusal.message)
