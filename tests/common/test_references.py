import secrets

import pytest
from stdnum.iso7064 import mod_97_10

from madoguchi.common import references
from madoguchi.common.references import (
    ALPHABET,
    ReferenceUnreadable,
    new_reference,
    read_reference,
    show_reference,
)


def readable(text):
    try:
        return read_reference(text)
    except ReferenceUnreadable:
        return ""


@pytest.mark.parametrize(
    "typed",
    [
        "K7MTAWXR74",
        "k7mt-awx-r74",
        "Ｋ７ＭＴ－ＡＷＸ－Ｒ７４",
        " K7MT AWX R74 ",
        "K7MTーAWX−R74",
        "k7mt‐awx–r74",
    ],
)
def test_a_reference_is_read_however_it_is_typed(typed):
    assert read_reference(typed) == "K7MTAWXR74"


def test_look_alikes_are_read_as_the_digit_they_resemble():
    body = next(
        body
        for body in (f"K7MTAWX{letter}" for letter in references.LETTERS)
        if set(mod_97_10.calc_check_digits(body)) & set("01")
    )
    reference = body + mod_97_10.calc_check_digits(body)
    check = reference[8:]
    assert read_reference(body + check.replace("0", "O").replace("1", "l")) == reference
    assert read_reference(body + check.replace("0", "ｏ").replace("1", "I")) == reference


@pytest.mark.parametrize(
    "typed", ["", "K7MT", "K7MTAWXR75", "2345678974", "0927114111", "予約番号", "K7MTAWXR740", "K7MTAWXR7\n"]
)
def test_what_is_no_reference_is_refused(typed):
    with pytest.raises(ReferenceUnreadable):
        read_reference(typed)


def escaped_slips(references_made):
    """Give each wrong character and each pair of swapped neighbours that is read as another reference."""
    for reference in references_made:
        for place in range(len(reference)):
            for other in ALPHABET + "01OILSZBQ":
                slip = reference[:place] + other + reference[place + 1 :]
                if readable(slip) not in ("", reference):
                    yield reference, slip
            swapped = reference[:place] + reference[place : place + 2][::-1] + reference[place + 2 :]
            if readable(swapped) not in ("", reference):
                yield reference, swapped


def test_every_slip_is_noticed():
    assert list(escaped_slips(new_reference() for _ in range(20))) == []


def test_control_without_the_choice_of_references_some_slips_escape(monkeypatch):
    monkeypatch.setattr(references, "_slips", lambda *_: [])
    assert any(escaped_slips(new_reference() for _ in range(1000)))


def test_references_are_ten_characters_with_a_letter_and_no_look_alike():
    made = {new_reference() for _ in range(200)}
    assert len(made) == 200
    for reference in made:
        assert len(reference) == 10
        assert any(character in references.LETTERS for character in reference[:8])
        assert not set(reference[:8]) & set("01OILBQSUZ")
        assert read_reference(show_reference(reference)) == reference


def test_a_number_is_no_reference_even_if_its_check_digits_fit():
    assert readable("23456789" + mod_97_10.calc_check_digits("23456789")) == ""


def test_a_body_of_digits_only_is_drawn_again(monkeypatch):
    drawn = iter("23456789" + "K7MTAWXR" + "ACDEFGHJ" * 300)
    monkeypatch.setattr(secrets, "choice", lambda _: next(drawn))
    assert not new_reference().isdigit()
