"""How forms are rendered on every site, and the fields that several sites share.

Each field is a hint, an error and a control, with both tied to the control by aria-describedby. Sites write
plain Django forms; settings.FORM_RENDERER points here.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.common import births, clock, dates, era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.mail_addresses import read_mail_address
from madoguchi.common.names import read_kana, read_name
from madoguchi.common.phones import read_phone
from madoguchi.common.texts import clean_line, clean_lines, refuse_unusable
from madoguchi.contract.selectors import booking_rules, program

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Renderer(DjangoTemplates):
    """Render a field with web/forms/field.html."""

    field_template_name = "web/forms/field.html"


@dataclass(frozen=True, slots=True)
class TileChoice:
    """The label of one choice with a line that explains it."""

    title: "StrOrPromise"
    hint: "StrOrPromise" = ""

    def __str__(self) -> str:
        return str(self.title)


class CheckTiles(forms.CheckboxSelectMultiple):
    """Checkboxes as large tiles, each with a title and a line below it (labels are TileChoice)."""

    template_name = "web/forms/check_tiles.html"


class CheckList(forms.CheckboxSelectMultiple):
    """Checkboxes as a plain list."""

    template_name = "web/forms/check_list.html"


class RadioTiles(forms.RadioSelect):
    """Radio buttons as large tiles (labels may be TileChoice)."""

    template_name = "web/forms/check_tiles.html"


class DateBoundField(forms.BoundField):
    """A date on a page, which also says how it was read where the era or the full year was left out."""

    @property
    def reading(self) -> str:
        """How the date was read: 令和8年（2026年）12月20日; "" where that is clear or it cannot be read."""
        value, field = self.value(), cast("_ReadsDates", self.field)
        if self.errors or not value or isinstance(value, date | births.PartialDate):
            return ""
        if not dates.is_short(field.parts_of(value)):
            return ""
        try:
            day = field.clean(value)
        except ValidationError:
            return ""
        return format_date_reading(day) if isinstance(day, date) else ""

    @property
    def aria_describedby(self) -> str | None:
        """Tie the reading to the control."""
        ids = [super().aria_describedby or "", f"{self.auto_id}_reading" if self.reading else ""]
        return " ".join(filter(None, ids)) or None


def format_date_reading(day: date) -> str:
    """Return the sentence that says how a date was read, and what to do where another was meant."""
    return gettext("%(date)sと読み取りました。違うときは、年を4桁で入力してください。") % {
        "date": era.both_years(day)
    }


class _ReadsDates(Protocol):
    def parts_of(self, value: Any) -> list[str]: ...

    def clean(self, value: Any) -> Any: ...


class DatePartsWidget(forms.MultiWidget):
    """Year, month and day, with the era or 西暦 before them when asked for."""

    template_name = "web/forms/date_parts.html"
    use_fieldset = True

    def __init__(self, *, eras: Callable[[], Sequence[str]] | None = None) -> None:
        number = {"inputmode": "numeric", "autocomplete": "off"}
        # A year may come with its era, or as a whole date pasted in one go.
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            "year": forms.TextInput({**number, "maxlength": 24}),
            "month": forms.TextInput({**number, "maxlength": 4}),
            "day": forms.TextInput({**number, "maxlength": 4}),
        }
        if eras:

            def choices() -> list[tuple[str, "StrOrPromise"]]:
                offered: list[tuple[str, StrOrPromise]] = [(name, _(name)) for name in eras()]
                # Who reads another language starts with the Western calendar.
                return offered if offered[0][0] == era.ERA_NAMES[-1] else [("", _("元号")), *offered]

            select = forms.Select({"aria-label": _("元号")})
            select.choices = choices  # type: ignore[assignment]  # Django calls it for each page
            parts = {"era": select, **parts}
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
        """Mark only the empty parts as invalid, where there are any."""
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        if any(not part["value"] for part in parts):
            for part in parts:
                if part["value"]:
                    part["attrs"].pop("aria-invalid", None)
        return context


class DatePartsField(forms.Field):
    """A date typed in parts; a short year is read where only one reading is near (`common.dates`)."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("年、月、日を入力してください"),
        "invalid": _("日付は、2027年2月3日 のように入力してください"),
    }
    eras: ClassVar[Callable[[], Sequence[str]] | None] = None

    def __init__(
        self, *, within: Callable[[date], dates.DateRange] = dates.card_dates, **kwargs: Any
    ) -> None:
        self.within = within
        super().__init__(widget=DatePartsWidget(eras=type(self).eras), **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Return the field on a page."""
        return DateBoundField(form, self, field_name)

    def parts_of(self, value: Sequence[str | None]) -> list[str]:
        """Return era, year, month and day as typed; a whole date in the field of the year is taken apart."""
        name, year, month, day = [
            *([] if type(self).eras else [""]),
            *(era.fold(part or "") for part in value),
        ]
        if not month and not day and (whole := dates.split_date(year)) and whole[1]:
            return [whole[0] or name, *whole[1:]]
        return [name, year, month, day]

    def clean(self, value: Sequence[str | None] | None) -> date | None:
        """Return the date; raise ValidationError with the sentence to show."""
        parts = self.parts_of(value) if value else [""] * 4
        if not any(parts[1:]):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return self.read(parts)

    def read(self, parts: list[str]) -> date:
        """Turn the parts into a date, or say what to enter."""
        try:
            return dates.read_date(parts, self.within(clock.today()))
        except dates.UnclearDate as refusal:
            raise date_error(refusal, self.error_messages["invalid"]) from None


def date_error(refusal: dates.UnclearDate, example: "StrOrPromise") -> ValidationError:
    """Return the error of a date that cannot be read, with the example of its field."""
    if refusal.message == gettext(dates.UnclearDate.message):
        return ValidationError(example, code="invalid")
    if refusal.fields.get("is_offer"):
        return field_error(refusal)
    return ValidationError(f"{refusal.message}{example}", code=refusal.code)


def eras_offered() -> Sequence[str]:
    """Return what the first field of a birth date offers: 昭和 first, in English the Western calendar."""
    names = era.ERA_NAMES
    return names if get_language() != "en" else (names[-1], *names[:-1])


class BirthDateField(DatePartsField):
    """A whole birth date by era or 西暦; an impossible era date is answered with the right one.

    On a form of a visit, `visit_on` is its day: who is too young then is asked about the era.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("生年月日は、昭和25年4月1日 のように入力してください"),
        "partial": _("生年月日の一部が不詳の方は、お電話でお申し込みください"),
    }
    eras = staticmethod(eras_offered)
    visit_on: date | None = None

    def read(self, parts: list[str]) -> date:
        """Turn era, year, month and day into a date, or say what to enter."""
        name, year, month, day = parts
        if births.UNKNOWN in parts:
            raise ValidationError(self.error_messages["partial"], code="partial")
        try:
            born = era.parse_birth_date(name, year, month, day, clock.today())
            refuse_unlikely_age(name, year, born, self.visit_on)
        except Refusal as refusal:
            raise field_error(refusal) from None
        return born


def refuse_unlikely_age(name: str, year: str, born: births.BirthDate, visit_on: date | None) -> None:
    """Ask about a birth date with which nobody can come, at the latest on the last day of the term.

    Raises UnlikelyAge, with the eras that may have been meant.
    """
    births.refuse_unlikely_age(
        name,
        year,
        born,
        today=clock.today(),
        visit_on=visit_on or program().term_ends_on,
        least=booking_rules(clock.now()).min_age,
    )


class CleanedInput:
    """Remove invisible characters from typed text before a field reads it (`common.texts`).

    A mixin, named before the Django field among the bases; only `SecretField` and choice fields lack it.
    """

    widget: Any

    def to_python(self, value: Any) -> Any:
        """Return the cleaned value; a text of several lines keeps its lines."""
        if isinstance(value, str):
            value = clean_lines(value) if isinstance(self.widget, forms.Textarea) else clean_line(value)
        return super().to_python(value)  # type: ignore[misc]  # of the field beside it


class LineField(CleanedInput, forms.CharField):
    """A code, a number or another short text that is parsed, not stored as typed."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": _("%(limit_value)d文字までで入力してください（いまは%(show_value)d文字です）"),
    }


class NumberField(CleanedInput, forms.IntegerField):
    """A whole number."""


class DegreesField(CleanedInput, forms.FloatField):
    """A latitude or a longitude in degrees, as a map gives it."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "33.5902 のように、数で入力してください"}


class DateField(CleanedInput, forms.DateField):
    """A day, as the browser's calendar sends it."""


class TimeField(CleanedInput, forms.TimeField):
    """A time of day."""


class SecretField(forms.CharField):
    """A password, exactly as it was typed, with its spaces: the sign-in page strips none either."""

    widget = forms.PasswordInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)


def clean_input_of(field: forms.Field) -> None:
    """Make a field of another package remove invisible characters, as `CleanedInput` does."""
    to_python = field.to_python

    def cleaned(value: Any) -> Any:
        return to_python(clean_line(value) if isinstance(value, str) else value)

    field.to_python = cleaned  # type: ignore[method-assign]


def validate_storable(text: str) -> None:
    """Raise ValidationError for a text with a 12-digit number, a PIN or 外字 in it (仕様書 4(3)ア)."""
    try:
        refuse_forbidden(text)
        refuse_unusable(text)
    except Refusal as refusal:
        raise field_error(refusal) from None


class TextField(LineField):
    """A text that people type freely: what may not be stored is refused."""

    default_validators = [validate_storable]


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
            raise field_error(refusal) from None


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
            raise field_error(refusal) from None


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
            raise field_error(refusal) from None


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
            raise field_error(refusal) from None
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
        if text and not re.fullmatch(r"[0-9]{7}", digits):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return digits


def field_error(refusal: Refusal) -> ValidationError:
    """Return a refusal as the error of a field, without the last 。, like the other errors of fields."""
    return ValidationError(refusal.message.removesuffix("。"), code=refusal.code)


def add_refusal(
    form: forms.BaseForm,
    refusal: Refusal,
    fields: Mapping[type[Refusal], str] = {},
    *,
    field: str | None = None,
) -> None:
    """Add a refusal to a form: beside `field`, or the one that `fields` names for its type, else at the top.

    Raises ContentChanged again, for web.shown: the page is out of date as a whole.
    """
    if isinstance(refusal, ContentChanged):
        raise refusal
    field = field or fields.get(type(refusal))
    form.add_error(field, field_error(refusal) if field else refusal.message)
