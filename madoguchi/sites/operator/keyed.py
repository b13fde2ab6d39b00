"""Choices with a key printed on each, for forms that are filled in without a mouse (仕様書 4(5)ウ)."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from madoguchi.sites.operator.grid import CHOICE_KEYS


class KeyedRadioList(forms.RadioSelect):
    """Choices of which a key takes one."""

    template_name = "operator/widgets/check_list.html"

    def __init__(self, *args: Any, keys: Sequence[str] = CHOICE_KEYS, **kwargs: Any) -> None:
        self.keys = keys
        super().__init__(*args, **kwargs)

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Print the key on its box; only the first box takes the focus."""
        option = super().create_option(*args, **kwargs)
        place = int(option["index"])
        if place < len(self.keys):
            option["key"] = option["attrs"]["data-key"] = self.keys[place]
        if place:
            option["attrs"].pop("autofocus", None)
        return option


class KeyedCheckList(KeyedRadioList, forms.CheckboxSelectMultiple):
    """Boxes that keys tick."""


def print_keys(form: forms.BaseForm, **keys: Sequence[str]) -> None:
    """Print a key on each choice of the fields named; those the form leaves out are passed over."""
    for name in keys.keys() & form.fields.keys():
        field = cast("forms.ChoiceField", form.fields[name])
        kind = KeyedCheckList if isinstance(field, forms.MultipleChoiceField) else KeyedRadioList
        field.widget = kind(keys=keys[name], choices=field.choices)


def focus_on(form: forms.BaseForm) -> None:
    """Let the keyboard begin at the first field that is wrong, else at the first one."""
    name = next((name for name in form.fields if name in form.errors), next(iter(form.fields)))
    form.fields[name].widget.attrs["autofocus"] = True
