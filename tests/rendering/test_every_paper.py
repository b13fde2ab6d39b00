"""Every paper comes out whatever it holds: nothing, one, very many, the longest texts, any character."""

import inspect
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.printed import words_of

from madoguchi.rendering import documents, glyphs, pdf, samples

NAME = "ビスマルキーニョ・ダ・シルヴァ・" * 20  # 300 characters and more, without a space to end a line at
OFFICE = "福岡マリナタウンショッピングセンター前局"
NOTE = "車いすでお越しになり、付添いの方が二人います。" * 20
NUMBERS = [0, 1, 500]
# One of each category of Unicode, what turns a name round or ends a line, and what no text may hold.
ODD = "".join(
    {category(chr(code)): chr(code) for code in (*range(0x3400), *range(0xA4D0, 0x11000), 0x1F600)}.values()
)
ODD += (
    "\x00\x0b\x1b\x7f\ud800\ue000\uf8ff\ufdd0\uffff\U000f0000\U0010ffff\u202e\u2066\u2028\u2029\u200b\u00ad"
)
ODD += "\ufeff한ก𓀀葛\U000e0155☺\ufe0f\U000e0100\u0301"


def visitor_list(number):
    sheets = [documents.VisitorSheet("早良郵便局", samples.DAY, samples.visitors(number))] if number else []
    return documents.visitor_list, {"issuer": "福岡市", "sheets": sheets, "printed_by": "事務局"}


def visitor_register(number):
    lines = [("早良", line) for line in samples.visitors(number)]
    values = {"issuer": "福岡市", "period": "12/1(火)–12/31(木)", "lines": lines, "printed_by": "事務局"}
    return documents.visitor_register, values


def call_list(number):
    [line] = samples.calls(1)
    values = {"issuer": "福岡市", "day": samples.DAY, "lines": [line] * number, "printed_by": "事務局"}
    return documents.call_list, values


def booking_slip(number):
    slip = samples.slip()
    slip = replace(slip, procedures=slip.procedures * number, belongings=slip.belongings * min(number, 20))
    return documents.booking_slip, {"slip": slip if number else replace(slip, access="", status="", notes=())}


def booking_letter(number):
    letter = samples.letter()
    _paper, values = booking_slip(number)
    return documents.booking_letter, {"letter": replace(letter, slip=values["slip"])}


def erasure_certificate(number):
    paper = samples.certificate()
    return documents.erasure_certificate, {"paper": replace(paper, counts=paper.counts * number)}


def disclosure(number):
    paper = samples.everything()
    empty = [documents.Section("電話などの連絡", [])]
    sections = paper.sections * min(number, 100) + empty * bool(number)
    return documents.disclosure, {"paper": replace(paper, sections=sections), "printed_by": "事務局"}


def term_report(number):
    line, bar = documents.DayVisitorLine("予約", "1,204"), documents.Bar("12月", (4, 3, 2) if number else ())
    report = documents.TermReport(
        *("福岡市（事務局）", "福岡市", (line,) * number, True, (line,) * number, (line,) * number),
        *(("Web", "電話", "窓口"), (bar,) * number, (bar,) * number, (line,) * number),
    )
    return documents.term_report, {"report": report}


MAKERS = [
    visitor_list,
    visitor_register,
    call_list,
    booking_slip,
    booking_letter,
    erasure_certificate,
    disclosure,
    term_report,
]


def filled(value, text):
    """Return a value with `text` in place of each text in it, however deep."""
    match value:
        case str():
            return text
        case tuple() | list():
            return type(value)(filled(part, text) for part in value)
        case dict():
            return {name: filled(part, text) for name, part in value.items()}
        case date() | datetime():
            return value
    if is_dataclass(value):
        # A link is ours, never typed.
        names = [each.name for each in fields(value) if each.name != "link"]
        changes = {name: filled(getattr(value, name), text) for name in names}
        return replace(value, **changes)
    return value


def test_no_paper_is_missing_here():
    made = {
        name
        for name, function in inspect.getmembers(documents, inspect.isfunction)
        if function.__module__ == documents.__name__
        and inspect.signature(function).return_annotation is bytes
    }
    assert made == {maker.__name__ for maker in MAKERS}
    assert made == {path.stem for path in pdf.TEMPLATES.glob("*.typ")} - {"base"}


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("maker", MAKERS)
def test_a_paper_comes_out_empty_with_one_and_with_500(maker, number):
    paper, values = maker(number)
    assert paper(**values).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("text", [NAME, NOTE, OFFICE])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_paper_comes_out_with_any_length_of_text(maker, text):
    paper, values = maker(1)
    assert paper(**filled(values, text)).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("maker", MAKERS)
def test_a_paper_draws_what_it_cannot_print_as_a_mark_and_says_so(maker):
    paper, values = maker(1)
    words = words_of(paper(**filled(values, f"福岡{ODD}花子")))
    assert "〓 は、印字できない文字です。" in words
    assert not {sign for sign in words if category(sign) in glyphs.NEVER_DRAWN} - {"\x0c"}


@pytest.mark.parametrize(
    ("maker", "sentence"),
    [
        (visitor_list, "選んだ条件に合う予約はありません。"),
        (visitor_register, "選んだ条件に合う予約はありません。"),
        (call_list, "この日に電話をする方はいません。"),
        (booking_slip, "特にありません。"),
        (booking_letter, "特にありません。"),
        (disclosure, "お預かりしている情報はありません。"),
        (erasure_certificate, "消去したものはありません。"),
        (term_report, "ありません。"),
    ],
)
def test_an_empty_paper_says_that_it_is_empty(maker, sentence):
    paper, values = maker(0)
    assert sentence in words_of(paper(**values))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@example(name="\r\t")
@given(name=st.text(st.characters(), min_size=1, max_size=60))
def test_no_name_stops_the_list_of_a_day(name):
    lines = [*samples.visitors(2), replace(samples.visitors(1)[0], name=name, kana=name, notes=(name,))]
    sheets = [documents.VisitorSheet("早良郵便局", samples.DAY, lines)]
    assert documents.visitor_list(issuer="福岡市", sheets=sheets, printed_by="事務局").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("福岡　花子", "福岡　花子"),
        ("葛\U000e0155城", "〓城"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("한\x0b花子", "〓〓花子"),
        ("か\u3099ん", "がん"),
        ("神\ufa19か\u309a", "神\ufa19か\u309a"),
        ("\u202e花子", "〓花子"),
        ("一行\n二行", "一行\n二行"),
        ("花子\t", "花子 "),
    ],
)
def test_only_what_no_font_has_is_drawn_as_a_mark(typed, drawn):
    assert glyphs.replace_unprintable(typed, fonts=pdf.USED_FONTS) == drawn


def test_a_paper_that_prints_everything_says_nothing_of_it():
    paper, values = visitor_list(1)
    assert "〓" not in words_of(paper(**values))
