"""Whatever people type, at every door: what nobody sees is taken out, what may not be kept is refused."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest
from django import forms
from pydantic import BaseModel

import madoguchi.panels
import madoguchi.sites
import madoguchi.web
from madoguchi.common import forbidden
from madoguchi.common.texts import CharacterUnusable
from madoguchi.contract.rules import RULES
from madoguchi.sites.api import schemas
from madoguchi.sites.secretariat.approvals.proposals.forms import rule_field
from madoguchi.web import days
from madoguchi.web import forms as ours
from madoguchi.web.login import forms as login

HOUSE = Path(madoguchi.web.__file__).parent.parent
# Read and not kept as typed: what they read refuses the rest.
READ = (ours.PhoneField, ours.PostalCodeField, ours.MailAddressField, days.DayField)
# Codes, numbers and names of accounts, which are compared with what we gave out.
CODES = {
    "booking.forms.LookupForm.reference",
    "booking.forms.PhoneEndForm.phone_end",
    "booking.forms.CodeForm.code",
    "login.forms.CodeAndSecretForm.username",
    "login.forms.CodeAndSecretForm.code",
    "login.forms.StartForm.username",
    "login.forms.StartForm.code",
    "login.forms.StartAtDeviceForm.username",
    "login.forms.StartAtDeviceForm.code",
    "login.forms.StartAtDeviceForm.pin",
    "login.forms.StartAtDeviceForm.again",
    "login.forms.PinForm.pin",
    "login.forms.EnrolForm.code",
    # What a page carries along.
    "reserve.forms.ProceduresForm.office",
    "pauses.forms.ScopeForm.decided",
}
OF_ALLAUTH = (
    login.SignInForm,
    login.ConfirmForm,
    login.CodeForm,
    login.ConfirmCodeForm,
    login.ActivateAppForm,
    login.AddKeyForm,
    login.RenameKeyForm,
)


def modules() -> Iterator[str]:
    for package in (madoguchi.sites, madoguchi.panels, madoguchi.web):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
            yield found.name


def forms_of_ours(base: type = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for each in base.__subclasses__():
        if each.__module__ in MODULES and not issubclass(each, OF_ALLAUTH):
            yield each
        yield from forms_of_ours(each)


def typed(field: forms.Field) -> bool:
    """Tell whether people type into a field."""
    widget = field.widget
    is_input = isinstance(widget, forms.widgets.Input) and not isinstance(widget, forms.CheckboxInput)
    return (is_input or isinstance(widget, forms.Textarea)) and not isinstance(field, forms.UUIDField)


MODULES = frozenset(modules())
FIELDS: dict[str, forms.Field] = {
    f"{'.'.join(form.__module__.split('.')[-2:])}.{form.__name__}.{name}": field
    for form in forms_of_ours()
    for name, field in getattr(form, "base_fields", {}).items()
    if typed(field)
} | {f"rule.{name}": field for name, kind in RULES.items() if typed(field := rule_field(kind))}
TEXTS = {name: field for name, field in FIELDS.items() if isinstance(field, ours.TextField)}


def test_the_doors_are_all_here():
    assert len(FIELDS) > 70
    assert {"reserve.forms.DetailsForm.name", "panels.person_form.PersonForm.name"} <= set(TEXTS)
    assert {"desk.forms.PersonForm.address", "city.views.ReturnForm.answer"} <= set(TEXTS)


def takes(field: forms.Field, text: str) -> bool:
    try:
        return field.to_python(text) is not None
    except forms.ValidationError:
        return False


# A day is read against the term of a city.
@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_that_people_type_into_takes_out_what_nobody_sees(name):
    field = FIELDS[name]
    if isinstance(field, ours.SecretField):
        assert isinstance(field.widget, forms.PasswordInput)
        return
    assert isinstance(field, ours.CleanedInput), f"{name}: use a field of web.forms"
    if isinstance(field, forms.CharField):
        between = "\n" if isinstance(field.widget, forms.Textarea) else " "
        assert field.to_python(" \u200b山\u202e \v田\ufe0f\x00\ufeff\u2028") == f"山{between}田"
    elif isinstance(field, forms.IntegerField):
        assert field.to_python("\u200b１２\ufeff\x07") == 12
    else:
        shown = next(text for text in ("2026-12-15T17:00", "2026-12-15", "17:00") if takes(field, text))
        assert takes(field, f"\u200b{shown}\u202c")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("name", sorted(FIELDS))
def test_no_field_reads_what_was_typed_as_nothing(name):
    for text in ("〒", "福岡市", "八一〇", "---", "（）", "？"):
        with suppress(forms.ValidationError):
            assert FIELDS[name].clean(text) not in FIELDS[name].empty_values, text


def test_nobody_makes_a_field_of_text_without_it():
    makes = re.compile(
        r"(?<!CleanedInput, )\bforms\."
        r"(Char|Email|Integer|Decimal|Float|Date|Time|DateTime|Slug|URL|Regex)Field\b"
    )
    found = [
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if path.name not in {Path(ours.__file__).name, "sentences.py"} and makes.search(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("form", "needs"),
    [
        (login.SignInForm, {}),
        (login.ConfirmForm, {"user": None}),
        (login.CodeForm, {"user": None}),
        (login.ConfirmCodeForm, {"user": None}),
        (login.RenameKeyForm, {"instance": Mock(**{"wrap.return_value.name": ""})}),
    ],
)
def test_the_fields_of_the_sign_in_take_it_out_too(form, needs):
    fields = {name: field for name, field in form(**needs).fields.items() if typed(field)}
    seen = {name: field.to_python("\u200bmi\u202eda\ufeff") for name, field in fields.items()}
    # A password is what was typed.
    assert {text for name, text in seen.items() if name != "password"} <= {"mida"}
    assert seen.get("password", "\u200b")[0] == "\u200b"


def test_every_form_of_the_sign_in_words_its_fields_and_so_reads_them():
    assert [form for form in OF_ALLAUTH if "_label_and_clean" not in form.__init__.__code__.co_names] == []


def test_no_address_of_mail_takes_a_my_number():
    with pytest.raises(forms.ValidationError, match="マイナンバー"):
        ours.MailAddressField().clean("1234.5678.9018@example.jp")


@pytest.mark.usefixtures("city")
def test_parts_of_a_date_take_it_out_too():
    assert (
        ours.BirthDateField().clean(["昭和", "\u200b25", "4\u202c", "１\ufeff"]).isoformat() == "1950-04-01"
    )


# The rest of an API call is written by machines: headers, and what is one of a few words.
COME_IN = (schemas.Booking, schemas.AvailabilityQuery)


def incoming() -> Iterator[tuple[type[BaseModel], str]]:
    for model in COME_IN:
        for name, field in model.model_fields.items():
            if field.annotation is str:
                yield model, name


@pytest.mark.parametrize(("model", "name"), list(incoming()))
def test_every_text_of_the_api_takes_out_what_nobody_sees(model, name):
    assert schemas.CleanedInput in model.model_fields[name].metadata


@pytest.mark.parametrize(
    "name", sorted(name for name, field in FIELDS.items() if isinstance(field, forms.CharField))
)
def test_every_free_text_is_guarded(name):
    field = FIELDS[name]
    if name in CODES or isinstance(field, (*READ, ours.SecretField)):
        return
    assert isinstance(field, ours.TextField), f"{name}: use TextField, or say here why it is no free text"


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize(
    "number", ["123456789018", "1234.5678.9018", "1234/5678_9018", "1234\u20285678\u20289018"]
)
def test_no_text_takes_a_my_number(name, number):
    with pytest.raises(forms.ValidationError) as refused:
        TEXTS[name].clean(number)
    assert forbidden.MY_NUMBER_MESSAGE.removesuffix("。") in refused.value.messages


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_no_text_takes_a_character_of_one_machine(name):
    with pytest.raises(forms.ValidationError) as refused:
        TEXTS[name].clean("\ue000")
    assert CharacterUnusable.message.removesuffix("。") in refused.value.messages


NAMES = sorted(name for name, field in TEXTS.items() if isinstance(field, ours.NameField))


def test_the_names_of_people_are_names_at_every_door():
    assert {name.rpartition(".")[0] for name in NAMES} == {
        "reserve.forms.DetailsForm",
        "panels.person_form.PersonForm",
        "desk.forms.PersonForm",
        "panels.accounts.ZonePersonForm",
        "accounts.forms.PersonForm",
        "accounts.forms.AccountForm",
        "city.accounts.CityPersonForm",
        "city.accounts.CityAccountForm",
    }
    readings = {name for name, field in TEXTS.items() if isinstance(field, ours.KanaField)}
    assert readings == {
        "reserve.forms.DetailsForm.name_kana",
        "panels.person_form.PersonForm.name_kana",
        "desk.forms.PersonForm.name_kana",
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("花子😀", "お名前には、文字だけを入力してください。絵文字や < > などの記号は使えません"),
        ("<b>花子</b>", "お名前には、文字だけを入力してください。絵文字や < > などの記号は使えません"),
        ("あ" * 300, "文字までで入力してください（いまは300文字です）。長いお名前は、はじめの"),
    ],
)
def test_what_is_no_name_is_answered_with_a_sentence_of_ours(name, text, says):
    with pytest.raises(forms.ValidationError) as refused:
        TEXTS[name].clean(text)
    assert [message for message in refused.value.messages if says not in message] == []
