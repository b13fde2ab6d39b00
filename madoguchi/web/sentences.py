"""What every field says when something is wrong, where the form has no sentence of its own.

Django's own ones name neither the field nor what to do, and repeat what was typed.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_NUMBER = _("数字で入力してください")
_DAY = _("日付は、2026年12月15日 のように入力してください")
_CHOICE = _("表示されている中から選んでください")
OF_FIELDS: "dict[type[forms.Field], dict[str, StrOrPromise]]" = {
    forms.Field: {"required": _("入力してください")},
    forms.IntegerField: {"invalid": _NUMBER},
    forms.FloatField: {"invalid": _NUMBER},
    forms.DecimalField: {"invalid": _NUMBER},
    forms.DateField: {"invalid": _DAY},
    forms.TimeField: {"invalid": _("時刻は、9:00 のように入力してください")},
    forms.DateTimeField: {"invalid": _("日時は、2026年12月15日 9:00 のように入力してください")},
    forms.MultiValueField: {
        "invalid": _("入力し直してください"),
        "incomplete": _("最後まで入力してください"),
    },
    forms.ChoiceField: {"required": _("選んでください"), "invalid_choice": _CHOICE},
    forms.MultipleChoiceField: {
        "required": _("1つ以上選んでください"),
        "invalid_choice": _CHOICE,
        "invalid_list": _CHOICE,
    },
    forms.BooleanField: {"required": _("チェックを付けてください")},
    forms.UUIDField: {"invalid": _("ページを開き直して、もう一度お試しください")},
    forms.FileField: {
        "required": _("ファイルを選んでください"),
        "invalid": _("ファイルを選び直してください"),
        "missing": _("ファイルを選び直してください"),
        "empty": _("ファイルの中身が空です。別のファイルを選んでください"),
    },
}
OF_VALIDATORS: "dict[Any, StrOrPromise]" = {
    validators.ProhibitNullCharactersValidator: _("使えない文字が入っています。入力し直してください"),
    validators.MinValueValidator: _("%(limit_value)s以上の数字で入力してください"),
    validators.MaxValueValidator: _("%(limit_value)s以下の数字で入力してください"),
    validators.MinLengthValidator: _("%(limit_value)d文字以上で入力してください"),
    validators.MaxLengthValidator: _(
        "%(limit_value)d文字までで入力してください（いまは%(show_value)d文字です）"
    ),
}


def replace_stock_messages() -> None:
    """Give Django's fields and validators our sentences; what a form says itself stays."""
    for field, messages in OF_FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **messages}
    for validator, message in OF_VALIDATORS.items():
        validator.message = message
