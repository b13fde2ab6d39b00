"""Every door reads a mail address the same way, says the same when it cannot, and mails what it accepts."""

from collections.abc import Iterator
from html import unescape

import pytest
from django import forms
from django.urls import get_resolver
from pydantic import ValidationError as NotAccepted
from support.callcentre import PERSON
from support.people import HANAKO

from madoguchi.panels.person_form import PersonForm
from madoguchi.sites.api.schemas import Booking
from madoguchi.sites.citizen.booking.forms import ContactForm
from madoguchi.sites.citizen.reserve.forms import DetailsForm
from madoguchi.sites.secretariat.admin.accounts.forms import AccountForm
from madoguchi.web.forms import MailAddressField

API = {
    "slot": 1, "procedures": ["CERT_RENEW"], "name": HANAKO.name, "date_of_birth": "1950-04-01",
    "postal_code": "810-0001", "address": "見本町1番", "phone": "090-0000-5678", "consent": True,
}  # fmt: skip
STAFF = {"username": "hanako.f", "display_name": "花子", "organisation": "本市", "roles": ["city"]}


def _of_a_form(form, name="email"):
    form.is_valid()
    return form.cleaned_data.get(name), [unescape(each) for each in form.errors.get(name, [])]


def _of_the_api(typed):
    try:
        return Booking(**API, email=typed).email, []
    except NotAccepted as refused:
        names = [str(name) for each in refused.errors() for name in each["loc"]]
        return None, [str(Booking.model_fields[name].description) for name in names]


DOORS = {
    "citizen": lambda typed: _of_a_form(DetailsForm({"email": typed}, procedures=["CERT_RENEW"])),
    "citizen, contact": lambda typed: _of_a_form(ContactForm({"email": typed})),
    "operator and secretariat": lambda typed: _of_a_form(
        PersonForm({**PERSON, "email": typed}, procedures=["CERT_RENEW"])
    ),
    "accounts": lambda typed: _of_a_form(AccountForm({**STAFF, "email": typed})),
    "api": _of_the_api,
}
pytestmark = pytest.mark.usefixtures("city")
each_door = pytest.mark.parametrize("door", DOORS)


@each_door
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("hanako.@ezweb.ne.jp", "hanako.@ezweb.ne.jp"),
        ('"a..b."@docomo.ne.jp', "a..b.@docomo.ne.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        ("mailto:hanako@example.jp", "hanako@example.jp"),
        ("<hanako@example.jp>\u200b", "hanako@example.jp"),
        ("　hanako@example.jp ", "hanako@example.jp"),
    ],
)
def test_every_door_keeps_the_same_address(door, typed, kept):
    assert DOORS[door](typed) == (kept, [])


@each_door
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("hanako", "「@」がありません"),
        ("hanako@", "「@」の後ろ"),
        ("花子@example.jp", "半角の英数字"),
        ("hanako@日本語.jp", "半角の英数字"),
        ("hanako@example,jp", "カンマ"),
        ("a@example.jp b@example.jp", "1つだけ"),
        ("a" * 65 + "@example.jp", "64文字まで"),
        (f"a@{'b.' * 130}jp", "254文字まで"),
        ("123456789018@example.jp", "12桁"),
    ],
)
def test_every_door_refuses_what_cannot_be_sent_with_one_sentence(door, typed, says):
    kept, sentences = DOORS[door](typed)
    assert kept is None
    [sentence] = sentences
    if door == "api":
        says = "email には、メールアドレスを1つだけ"
    assert says in sentence
    assert door == "api" or not sentence.endswith("。")


def _forms(base: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for each in base.__subclasses__():
        yield each
        yield from _forms(each)


def test_there_is_no_other_door():
    assert get_resolver().url_patterns  # all views, and so all forms, are there now
    fields = {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in _forms()
        if form.__module__.startswith("madoguchi")
        for name, field in getattr(form, "base_fields", {}).items()
        if "mail" in name or isinstance(field, forms.EmailField)
    }
    assert {type(field) for field in fields.values()} == {MailAddressField}, fields
