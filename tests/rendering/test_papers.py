"""Papers: archivable, readable by machines, every letter printed as it is, or as a mark that says so."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from io import BytesIO

import pikepdf
import pytest

from madoguchi.common import clock
from madoguchi.rendering import documents, glyphs, samples
from madoguchi.rendering.pdf import RARE_FONT, TEXT_FONT

BOLD_FONT = TEXT_FONT.with_name("BIZUDGothic-Bold.ttf")


@pytest.fixture(scope="module")
def pdfs():
    return samples.papers_by_name()


def list_of(**changes):
    line = replace(samples.visitors(1)[0], **changes)
    sheet = documents.VisitorSheet("早良郵便局", samples.DAY, [line])
    return documents.visitor_list(issuer="福岡市", sheets=[sheet], printed_by="事務局")


def fonts_of(pdf):
    with pikepdf.open(BytesIO(pdf)) as document:
        for entry in document.objects:
            if isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == "/FontDescriptor":
                yield str(entry.FontName), any(key in entry for key in ("/FontFile2", "/FontFile3"))


@pytest.mark.parametrize(
    "name", ["visitor_list", "visitor_register", "booking_slip", "booking_letter", "call_list"]
)
def test_every_paper_can_be_archived_and_read_aloud(pdfs, name):
    with pikepdf.open(BytesIO(pdfs[name])) as document:
        about = document.open_metadata()
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("2", "A", "1")
        assert document.Root.MarkInfo.Marked
        assert document.Root.StructTreeRoot
        assert str(document.Root.Lang).startswith("ja")
        assert document.Root.OutputIntents
        assert about["dc:title"]


@pytest.mark.parametrize(
    "name", ["visitor_list", "visitor_register", "booking_slip", "booking_letter", "call_list"]
)
def test_every_font_is_embedded(pdfs, name):
    found = dict(fonts_of(pdfs[name]))
    assert found
    assert all(found.values())
    assert all("BIZUDGothic" in font or "IPAmj" in font for font in found)


def test_each_office_gets_its_own_pages(pdfs):
    with pikepdf.open(BytesIO(pdfs["visitor_list"])) as document:
        # 16 people on one page, 23 on two, none on one.
        assert len(document.pages) == 4


def test_a_variant_of_the_registers_is_set_in_the_font_that_has_it():
    assert not any("IPAmj" in font for font, _ in fonts_of(list_of(name="渡邉　花子")))
    assert any("IPAmj" in font for font, _ in fonts_of(list_of(name="渡邉\U000e0117　花子")))


@pytest.mark.parametrize(
    "name", ["髙﨑　𠮷乃", "葛\U000e0100城　花子", "Nguyễn Thị ŁUKASZ", "ﾌｸｵｶ ㇷ゚ か゚ Ⅷ㈱～—"]
)
def test_names_as_people_write_them_are_printed(name):
    assert list_of(name=name).startswith(b"%PDF")


def test_markup_in_a_name_stays_text():
    assert list_of(name='#import "/etc/passwd" *太字* $x$ \\ ]').startswith(b"%PDF")


def test_the_bold_font_prints_what_the_regular_one_prints():
    assert glyphs.repertoire(BOLD_FONT) == glyphs.repertoire(TEXT_FONT)


def test_rare_kanji_come_from_the_font_of_the_registers():
    assert not glyphs.unprintable("𠮷", fonts=[RARE_FONT])
    assert glyphs.missing_characters("邉\U000e0117邉\U000e0100𠮷吉", font=TEXT_FONT) == ["邉\U000e0117", "𠮷"]


def test_a_visitor_list_has_no_place_for_address_and_birth_date():
    names = {field.name for field in fields(documents.VisitorLine)}
    assert not {name for name in names if re.search("addr|birth|born|phone|postal", name)}


def test_documents_of_the_same_minute_are_identical():
    with clock.travel(samples._visit(0)):
        assert list_of() == list_of()


def test_threads_do_not_mix_their_papers():
    with clock.travel(samples._visit(0)), ThreadPoolExecutor(4) as pool:
        alone = documents.booking_slip(samples.slip())
        slips = [pool.submit(documents.booking_slip, samples.slip()) for _ in range(8)]
        others = [pool.submit(list_of) for _ in range(8)]
        assert all(slip.result() == alone for slip in slips)
        assert len({other.result() for other in others}) == 1
