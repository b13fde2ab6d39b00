import re
import unicodedata
from itertools import pairwise

import pytest
from django.db.models import Value
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madoguchi.common import forbidden
from madoguchi.common.forbidden import ForbiddenValue, is_my_number, refuse_forbidden
from madoguchi.common.guards import no_long_digits

MESSAGES = (forbidden.MY_NUMBER_MESSAGE, forbidden.LONG_NUMBER_MESSAGE, forbidden.PIN_MESSAGE)
GUARD = no_long_digits("note", name="note_has_no_long_digits")


def refusal(text):
    try:
        refuse_forbidden(text)
    except ForbiddenValue as refused:
        return refused.message
    return ""


@pytest.mark.parametrize("digits", ["123456789018", "023456789013", "999999999996", "000000000000"])
def test_the_check_digit_of_a_my_number_fits(digits):
    assert is_my_number(digits)
    assert refusal(f"番号は{digits}です") == forbidden.MY_NUMBER_MESSAGE


def test_the_check_digit_of_another_number_does_not():
    assert not is_my_number("123456789012")
    for text in ("123456789012", "一二三四五六七八九〇一二", "٠١٢٣٤٥٦٧٨٩٠١", "1234 ５６７８ ９０１２"):
        assert refusal(text) == forbidden.LONG_NUMBER_MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "1234 5678 9018",
        "1234-5678-9018",
        "１２３４　５６７８　９０１８",
        "１２３４－５６７８－９０１８",
        "1234ー5678ー9018",
        "1234–5678–9018",
        "1234・5678・9018",
        "1234 - 5678 - 9018",
        "123-456-789-018",
        "123456 789018",
        "12 34 56 78 90 18",
        "1 2 3 4 5 6 7 8 9 0 1 8",
        "一二三四五六七八九〇一八",
        "１２三四５６七八９０一八",
        "1234\u200b5678\u20609018",
        "個人番号:123456789018。",
        "ABC123456789018XYZ",
        "1234-56789018",
        "12345 67890 18",
        "電話 0927114111 1234 5678 9018",
        "1234 5678 9018 14時頃",
        "1234 5678 9018 1234 5678 9018",
        "123456789018 123456789018",
        "123456789018-1",
        "①②③④⑤⑥⑦⑧⑨⓪①⑧",
        "1234.5678.9018",
        "1234/5678/9018",
        "1234_5678_9018",
        "1234,5678,9018",
        "1234、5678、9018",
        "(1234)(5678)(9018)",
        "1234\n5678\n9018",
        "1234\r\n5678\r\n9018",
        "1234\u20285678\u20289018",
        "１２３４：５６７８：９０１８",
        "1234.5678/9018",
        "12.34.56.78.90.18",
        "12345_67890.18",
        "2026 1234.5678.9018",
        "連絡先 0927114111 / 1234.5678.9018",
        "(1) 1234|5678|9018",
        "1234\u31645678\ufe0f9018",
        "1234★5678★9018",
        "090-1234-5678 1234 5678 9018",
        "090 1234 5678 1234 5678 9018",
        "092-711-4111、1234 5678 9018",
        "1 2 3 4 - 5 6 7 8 - 9 0 1 8",
        "1.2.3.4/5.6.7.8/9.0.1.8",
        "壹貳參四伍陸七捌玖零壹八",
        "❶❷❸❹❺❻❼❽❾⓿❶❽",
        "⑴⑵⑶⑷⑸⑹⑺⑻⑼０⑴⑻",
        "१२३४५६७८९०१८",
    ],
)
def test_a_my_number_is_refused_however_it_is_typed(text):
    assert refusal(text) == forbidden.MY_NUMBER_MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0927114111 14時頃",
        "092-711-4111 14時頃",
        "090-1234-5678",
        "09012345678",
        "090 1234 5678",
        "090-1234-5678 0123",
        "電話は09012345678、12時以降",
        "福岡市西区元岡744番地1203号室",
        "819-0395 福岡市西区大字元岡744番地1203号室",
        "〒810-8620 0927114111",
        "2026-12-15 10:30",
        "2026-12-15 1030 来局",
        "2026年12月15日10時30分",
        "10:30 11:00 11:30 12:00",
        "10 11 12 13 14 15",
        "予約番号 K7MT-AWX-R74",
        "1234567890123",
        "1234 5678 9018 1234",
        "電話 090-1234-5678 と 092-711-4111",
        "三丁目四番五号、二〇二六年",
        "10:30 11:00 11:30",
        "10:30-11:30、13:00",
        "12/15 10:30、12/16 9:00",
        "2026/12/15 10:30",
        "2026.12.15 1030",
        "〒814-0006 2-1-101",
        "見本町2-1-101 814-0006",
        "092-711-4111/090-1234-5678",
        "(092)711-4111、内線1234",
        "1234.5678.9018.1234",
        "192.168.100.10",
        "2024/2025/2026",
        "1030、1100、1131",
        "090 1234 5678 092 711 4111",
        "090-1234-5678 1030-1100",
        "12-15, 12-16, 12-17",
        "1-2-3 4-5-6 7-8-9",
    ],
)
def test_real_work_passes(text):
    assert refusal(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "暗証番号は1234",
        "暗証番号：１２３４",
        "暗証番号 1234",
        "暗証番号（署名用）は 123456",
        "暗証番号「1234」",
        "暗証番号は一二三四です",
        "PINは1234",
        "pin=1234",
        "パスワード：1234",
        "暗証番号が1 2 3 4とのこと",
        "暗証番号は、1234だと思う",
        "1234が暗証番号です",
        "「1234」という暗証番号",
        "暗証番号を1234に変更",
        "署名用パスワードは ABC123",
    ],
)
def test_a_pin_is_refused(text):
    assert refusal(text) == forbidden.PIN_MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "暗証番号を忘れました",
        "暗証番号を3回間違えた",
        "暗証番号は4桁です",
        "暗証番号の再設定 2026年12月15日",
        "暗証番号は2026年に変えた",
        "暗証番号の件で0927114111へ電話",
        "SPIN1234",
        "暗証番号、1230頃に電話",
        "パスワードはABCDEFです",
        "暗証番号（4つとも）を覚えている",
        "署名用のパスワード（6文字から16文字）",
    ],
)
def test_talking_about_pins_passes(text):
    assert refusal(text) == ""


def test_the_refused_text_is_nowhere_in_the_exception():
    with pytest.raises(ForbiddenValue) as refused:
        refuse_forbidden("花子 123456789018")
    assert refused.value.args == (forbidden.MY_NUMBER_MESSAGE,)
    assert refused.value.fields == {}
    assert refused.value.__context__ is None


numbers = st.from_regex(r"[0-9]{12}", fullmatch=True)
gaps = st.sampled_from(["", " ", "-", "　", "－", "・"])


@settings(max_examples=100, deadline=None)
@given(
    digits=numbers,
    gap=gaps,
    size=st.sampled_from([3, 4, 6, 12]),
    before=st.sampled_from(["", "番号", "No.", "（"]),
)
def test_every_12_digits_in_equal_groups_are_refused(digits, gap, size, before):
    groups = [digits[place : place + size] for place in range(0, 12, size)]
    assert refusal(f"{before}{gap.join(groups)}です")


separators = st.text(
    # Whatever is no letter and no digit; the signs of numbers (NFKC: ½, ²) and of words stay out.
    st.characters(codec="utf-8").filter(
        lambda c: not any(each.isalnum() for each in unicodedata.normalize("NFKC", c))
    ),
    min_size=1,
    max_size=4,
)


def with_check_digit(eleven):
    return next(f"{eleven}{last}" for last in range(10) if is_my_number(f"{eleven}{last}"))


@settings(max_examples=200, deadline=None)
@given(
    digits=st.from_regex(r"[0-9]{11}", fullmatch=True).map(with_check_digit),
    gaps=st.lists(separators, min_size=3, max_size=3),
    size=st.sampled_from([3, 4, 6]),
)
def test_a_my_number_in_equal_groups_is_refused_whatever_stands_between_them(digits, gaps, size):
    groups = [digits[place : place + size] for place in range(0, 12, size)]
    text = groups[0] + "".join(gap + group for gap, group in zip(gaps, groups[1:], strict=False))
    assert refusal(f"番号{text}です") == forbidden.MY_NUMBER_MESSAGE


@settings(max_examples=100, deadline=None)
@given(
    digits=st.from_regex(r"[1-9][0-9]{10}", fullmatch=True).map(with_check_digit),
    gap=separators,
    cuts=st.lists(st.integers(1, 11), min_size=1, max_size=4, unique=True).map(sorted),
)
def test_a_my_number_is_refused_in_any_groups_with_one_thing_between_them(digits, gap, cuts):
    groups = [digits[a:b] for a, b in pairwise([0, *cuts, 12])]
    assume(not re.match(r"(?:19|20)..-..?-..?(?:-|$)", "-".join(groups)))  # begins like a date
    assert refusal(f"番号{gap.join(groups)}です") == forbidden.MY_NUMBER_MESSAGE


@settings(max_examples=100, deadline=None)
@given(
    telephone=st.from_regex(r"0[0-9]{9,10}", fullmatch=True),
    hour=st.integers(8, 20),
    gap=st.sampled_from(" -"),
)
def test_a_telephone_number_and_an_hour_always_pass(telephone, hour, gap):
    assert refusal(f"{telephone}{gap}{hour}時頃") == ""


@pytest.mark.parametrize("hour", range(8, 20))
def test_a_date_and_a_time_pass_whatever_their_check_digit(hour):
    assert [refusal(f"2026-12-15-{hour:02}{minute:02}") for minute in range(0, 60, 5)] == [""] * 12


@pytest.mark.parametrize("text", ["十二123456789012", "3456--1234-5678-9012"])
def test_what_the_database_refuses_the_form_refuses_first(text):
    assert refusal(text) == forbidden.LONG_NUMBER_MESSAGE


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="12３4 　-ーa電暗証番号は", max_size=40))
def test_a_refusal_is_a_forbidden_value_and_nothing_else(text):
    assert refusal(text) in ("", *MESSAGES)


def database_takes(text):
    return GUARD.condition.check({"note": Value(text)})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "123456789012",
        "１２３４５６７８９０１２",
        "メモ1234 5678 9012です",
        "1234-5678-9012",
        "１２３４－５６７８－９０１２",
        "1234　5678　9012",
        "123456 789012",
        "123 456 789 012",
        "1234\u20135678\u20139012",
        "一行目\n123456789012\n三行目",
    ],
)
def test_the_database_refuses_12_digits(text):
    assert not database_takes(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    ["", "0927114111 14時頃", "09012345678", "1234567890123", "1234 5678 9012 3456", "元岡744番地1203号室"],
)
def test_the_database_takes_real_work(text):
    assert database_takes(text)


@pytest.mark.django_db
def test_the_database_refuses_only_what_the_form_refuses():
    @settings(max_examples=150, deadline=None)
    @given(
        parts=st.lists(
            st.one_of(
                st.from_regex(r"[0-9０-９]{2,13}", fullmatch=True),
                st.from_regex(r"[0-9]{3,4}", fullmatch=True),
                st.sampled_from([" ", "-", "　", "－", "ー", "・", "\n", "時", "–", "--", "−"]),
            ),
            max_size=9,
        )
    )
    def form_is_stricter(parts):
        text = "".join(parts)
        assert database_takes(text) or refusal(text)

    form_is_stricter()
