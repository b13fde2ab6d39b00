"""Whatever is wrong in a field is said in a sentence of ours: one that names what to do, never Django's."""

import re
from pathlib import Path

import django
import polib
import pytest
from django import forms
from django.utils.translation import override

from .test_typed_texts import FIELDS, forms_of_ours

ALL = {
    f"{'.'.join(form.__module__.split('.')[-2:])}.{form.__name__}.{name}": field
    for form in forms_of_ours()
    for name, field in getattr(form, "base_fields", {}).items()
} | {name: field for name, field in FIELDS.items() if name.startswith("rule.")}
WRONG = (
    "",
    " ",
    "x" * 20_000,
    "１" * 400,
    "<b>",
    "😀",
    "-1",
    "2027-02-30",
    "99999999999999999999",
    "\x00",
    "nobody",
)


def stock() -> re.Pattern[str]:
    """Return everything that Django says in Japanese, with anything in its gaps, as one pattern."""
    path = Path(django.__file__).parent / "conf/locale/ja/LC_MESSAGES/django.mo"
    said = {entry.msgstr for entry in polib.mofile(str(path)) if entry.msgstr}
    return re.compile("|".join(re.sub(r"%\\\((\w+)\\\)[sd]|%[sd]", ".*", re.escape(text)) for text in said))


STOCK = stock()


def attempts(field: forms.Field) -> list[object]:
    widget = field.widget
    if isinstance(widget, forms.MultiWidget):
        return [[text] * len(widget.widgets) for text in WRONG]
    if isinstance(field, forms.MultipleChoiceField):
        return [[], *([text] for text in WRONG)]
    if isinstance(field, forms.FileField):
        return [None]
    return list(WRONG)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("name", sorted(ALL))
def test_every_field_says_what_is_wrong_in_a_sentence_of_ours(name):
    field = ALL[name]
    with override("ja"):
        for wrong in attempts(field):
            try:
                field.clean(wrong)
            except forms.ValidationError as error:
                said = [each for each in error.messages if STOCK.fullmatch(each)]
                assert not said, (wrong if len(str(wrong)) < 50 else str(wrong)[:20], said)
