"""Fields that several sites share: what they take, and what they say when they do not."""

from datetime import date

import pytest
from django import forms

from madoguchi.common.births import PartialDate
from madoguchi.web.days import BirthDayField, DayField
from madoguchi.web.forms import BirthDateField, DatePartsField, PhoneField, PostalCodeField, TextField


class Person(forms.Form):
    born = BirthDateField(label="生年月日", help_text="西暦でも書けます。")
    ends = DatePartsField(label="有効期限", required=False)


pytestmark = pytest.mark.usefixtures("city")


def typed(field, *parts):
    names = ("era", "year", "month", "day") if field == "born" else ("year", "month", "day")
    return {f"{field}_{name}": part for name, part in zip(names, parts, strict=True)}


def error_of(field, value):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    return refused.value.messages[0]


def test_a_birth_date_is_read_by_era_or_western_year():
    assert BirthDateField().clean(["昭和", "２５", "4", "1"]) == date(1950, 4, 1)
    assert BirthDateField().clean(["西暦", "1950", "4", "1"]) == date(1950, 4, 1)


@pytest.mark.parametrize(
    "parts", [["", "", "", ""], ["昭和", "", "", ""], ["昭和", "25", "4", ""], ["", "25", "4", "1"]]
)
def test_an_incomplete_birth_date_is_answered_with_an_example(parts):
    assert "昭和25年4月1日 のように入力してください" in error_of(BirthDateField(), parts)


def test_an_optional_date_may_stay_empty_but_not_half_empty():
    field = DatePartsField(required=False)
    assert field.clean(["", "", ""]) is None
    assert field.clean(["2027", "2", "3"]) == date(2027, 2, 3)
    assert "2027年2月3日 のように" in error_of(field, ["2027", "", "3"])
    assert "2027年2月3日 のように" in error_of(field, ["2027", "2", "30"])


def test_a_date_is_shown_in_its_era():
    html = Person(initial={"born": date(1950, 4, 1)}).as_p()
    assert '<option value="昭和" selected>' in html
    assert 'value="25"' in html


def test_the_parts_that_are_missing_are_marked_and_no_others():
    html = str(Person(typed("born", "昭和", "25", "4", ""))["born"])
    assert html.count('aria-invalid="true"') == 1


def test_hint_then_error_then_control_tied_together():
    html = Person({}).as_p() and str(Person({})["born"].as_field_group())
    hint, error, control = (html.index(text) for text in ("西暦でも", "昭和25年4月1日", "<select"))
    assert hint < error < control
    assert 'aria-describedby="id_born_helptext id_born_error"' in html
    assert 'id="id_born_error"' in html
    assert "※必須" in html


@pytest.mark.parametrize("text", ["814-0006", "８１４－０００６", "〒8140006", "814 0006"])
def test_a_postal_code_is_read_however_it_is_written(text):
    assert PostalCodeField().clean(text) == "8140006"


@pytest.mark.parametrize("text", ["814-000", "81400067", "abc", "福岡市", "〒", "八一〇"])
def test_what_is_no_postal_code_is_answered_with_an_example(text):
    assert "810-0001 のように" in error_of(PostalCodeField(), text)


def test_a_telephone_number_becomes_what_is_stored():
    assert PhoneField().clean("０９０（１２３４）５６７８") == "09012345678"
    assert PhoneField(required=False).clean("") == ""
    assert "090-1234-5678" in error_of(PhoneField(), "123")


def test_a_long_number_in_a_text_is_refused_without_repeating_it():
    message = error_of(TextField(), "番号は123456789018です")
    assert "お預かりできません" in message
    assert "1234" not in message


def test_a_text_is_kept_as_typed():
    assert TextField().clean("髙﨑　𠮷子") == "髙﨑　𠮷子"


def test_a_birth_date_with_an_unknown_part_is_answered_with_the_telephone():
    assert "お電話で" in error_of(BirthDateField(), ["昭和", "13", "4", "不詳"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("S13.4.不詳", PartialDate(1938, 4)),
        ("昭和13年4月日不詳", PartialDate(1938, 4)),
        ("昭和13年4月（日は不詳）", PartialDate(1938, 4)),
        ("S13.不詳.不詳", PartialDate(1938)),
        ("昭和13年月日不詳", PartialDate(1938)),
        ("1938.不詳", PartialDate(1938)),
        ("西暦1926年（月日は不詳）", PartialDate(1926)),
        ("S13.4.1", date(1938, 4, 1)),
    ],
)
def test_staff_type_what_is_known_of_a_birth_date_and_see_it_so_again(typed, meant):
    field = BirthDayField(label="生年月日")
    assert field.clean(typed) == meant
    assert field.clean(field.prepare_value(meant)) == meant


@pytest.mark.parametrize("typed", ["S13.4", "昭和13年", "不詳", "S13.13.不詳", "S13.不詳.1"])
def test_a_part_is_unknown_only_when_it_is_said_to_be(typed):
    assert error_of(BirthDayField(label="生年月日"), typed)


def test_other_days_are_whole():
    assert "のように入力してください" in error_of(DayField(label="変更した日"), "R8.4.不詳")
