import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.common.texts import CharacterUnusable, clean_line, clean_lines, refuse_unusable

RUBBISH = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\x00\x07\x1b\x7f\x9f\ufe0f\ufe00"
)


@pytest.mark.parametrize("character", RUBBISH, ids=lambda c: f"U+{ord(c):04X}")
def test_invisible_characters_are_removed(character):
    assert clean_line(f"{character}山{character}田{character}") == "山田"
    assert clean_lines(f"山{character}田\n{character}花子") == "山田\n花子"


@pytest.mark.parametrize("filler", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\u180e", "\u180b"])
def test_a_filler_that_looks_like_nothing_is_taken_out(filler):
    assert clean_line(f"山{filler}田") == "山田"


@pytest.mark.parametrize("name", ["渡邉\U000e0101", "葛\U000e0100城", "辻\U000e0101", "𠮷\U000e0101田"])
def test_the_selector_of_an_ideograph_stays(name):
    assert clean_line(name) == name


def test_a_selector_without_an_ideograph_is_rubbish():
    assert clean_line("\U000e0101090\U000e0100-1234") == "090-1234"
    assert clean_line("邉\U000e0101\U000e0102") == "邉\U000e0101"


@pytest.mark.parametrize(
    "space", [*"\t\n\v\f\r\x1c\x1f\x85\xa0\u2002\u2028\u2029\u202f\u2800", "\r\n", " \xa0 "]
)
def test_white_space_of_every_kind_is_one_space_in_a_line(space):
    assert clean_line(f"{space}山{space}{space}田{space}") == "山 田"


def test_the_ideographic_space_stays_one():
    assert clean_line("福岡　花子") == clean_line("　福岡 　\xa0花子") == "福岡　花子"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_text_of_several_lines_keeps_them(end):
    assert clean_lines(f"一{end}{end}二  三{end}") == "一\n\n二 三"


def test_a_line_keeps_how_far_it_is_indented():
    assert clean_lines("場所\n　　\u200b星見市\xa0 西区") == "場所\n　　星見市 西区"


@given(st.text())
def test_a_clean_line_has_nothing_hidden_and_is_clean_for_good(text):
    line = clean_line(text)
    assert clean_line(line) == line == line.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in line)
    assert clean_lines(line) == line


@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u2800\u115f\u1160\u3164\uffa0")
    )
)
def test_visible_characters_stay_as_typed(text):
    assert clean_line(text) == clean_lines(text) == text


@pytest.mark.parametrize(
    "character", ["\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", chr(0xD800), "\ufdd0", "\u0378", "\ufffd"]
)
def test_a_character_without_a_shape_of_its_own_is_refused(character):
    with pytest.raises(CharacterUnusable, match="「カードのとおりに入力できない字」"):
        refuse_unusable(f"山{character}")


@pytest.mark.parametrize(
    "text", ["髙﨑", "𠮷田", "渡邉\U000e0101", "\U00031350", "〓崎", "Nguyễn", "สมชาย", "😀"]
)
def test_a_character_that_everybody_can_have_is_none_of_these(text):
    refuse_unusable(text)
