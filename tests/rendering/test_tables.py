"""Lists as files: nothing is run, nothing is changed, and a CSV reads back as it was written."""

import csv
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from madoguchi.rendering.csv_file import csv_file, plain_csv, read_csv
from madoguchi.rendering.excel import workbook
from madoguchi.rendering.glyphs import replace_unstorable
from madoguchi.rendering.tables import Column, Table

VISIT = datetime(2026, 12, 15, 1, 30, tzinfo=UTC)
SEEN = datetime(2026, 12, 15, 10, 30)  # noqa: DTZ001 - Excel knows no time zones
RISKY = ["=1+1", "+81 92", "-5", "@SUM(A1)", "＝1+1", "－", "\t=1", " =1", '="x"', '=cmd|"/c calc"!A1']
CHANGED = [
    "0921234567",
    "1-2-3",
    "12月15日",
    "10:30",
    "1E5",
    "R8.9.1",
    "令和8年9月1日",
    "TRUE",
    "123456789012345",
    ".5",
]
UNTOUCHED = [
    "福岡　花子",
    "O'Brien",
    "早良区高取1丁目1番1号",
    "K7MT-AWX-R74",
    "true story",
    "Smith, John",
    '「"」',
    "",
]


def table_of(*cells):
    return Table("予約者リスト", [Column("値")], [[cell] for cell in cells])


def as_excel_sees(table):
    return [
        row[0] if row else "" for row in csv.reader(StringIO(csv_file(table).decode("utf-8-sig"), newline=""))
    ][1:]


@pytest.mark.parametrize("text", RISKY + CHANGED)
def test_excel_shows_the_text_and_runs_nothing(text):
    [seen] = as_excel_sees(table_of(text))
    assert seen == '="' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("text", UNTOUCHED)
def test_ordinary_text_is_written_as_it_is(text):
    assert as_excel_sees(table_of(text)) == [text]


def test_a_column_with_one_such_cell_is_guarded_in_all_its_rows():
    """Else a program or a person meets YHA2-7XE-X55 and ="5AFA-J3V-P48" in one column."""
    table = Table(
        "一覧", [Column("番号"), Column("氏名")], [["YHA2", "花子"], ["5AFA", "太郎"], ["", "一郎"]]
    )
    lines = csv_file(table).decode("utf-8-sig").splitlines()
    assert lines[1:] == ['"=""YHA2""",花子', '"=""5AFA""",太郎', ",一郎"]


@pytest.mark.parametrize("text", [*RISKY, *CHANGED, *UNTOUCHED])
def test_a_program_reads_each_cell_as_it_is_without_mark_and_guard(text):
    content = plain_csv(table_of(text, VISIT))
    assert not content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode(), newline="")))
    assert rows == [["値"], [text] if text else [], ["2026-12-15T10:30:00+09:00"]] or rows[1] == [text]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_what_is_written_reads_back(rows):
    table = Table("一覧", [Column("名"), Column("値")], rows)
    written = [[replace_unstorable(cell) for cell in row] for row in rows]
    assert list(read_csv(csv_file(table))) == [["名", "値"], *written]


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_any_text_makes_an_excel_file_that_opens(text):
    content = workbook([Table(f"一覧{text}", [Column("値")], [[f"花{text}子"]])], note=text)
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()] == ["値", f"花{replace_unstorable(text)}子"]
    with zipfile.ZipFile(BytesIO(content)) as book:
        for name in book.namelist():
            ET.fromstring(book.read(name))  # noqa: S314 - we wrote it


def test_what_no_file_can_hold_is_a_mark_and_the_rest_stays():
    assert replace_unstorable("花\x0b\x00\ud800\uffff子\n\ue000") == "花〓〓〓〓子\n\ue000"


def test_a_text_longer_than_a_cell_is_cut_and_the_row_stays():
    sheet = CalamineWorkbook.from_filelike(BytesIO(workbook([table_of("あ" * 40_000)]))).get_sheet_by_index(0)
    assert sheet.to_python()[1] == ["あ" * 32_767]


def test_a_long_text_is_written_in_pieces_that_excel_takes():
    text = "=" + "あ" * 300
    assert list(read_csv(csv_file(table_of(text))))[1] == [text]
    assert max(map(len, as_excel_sees(table_of(text))[0].split('"&"'))) <= 258


def test_the_mark_that_tells_excel_the_encoding_can_be_left_out():
    assert csv_file(table_of()).startswith(b"\xef\xbb\xbf")
    assert csv_file(table_of(), bom=False) == "値\r\n".encode()


def test_dates_and_numbers_are_written_for_people_in_japan():
    assert as_excel_sees(table_of(VISIT, VISIT.date(), time(9), 12, None)) == [
        "2026-12-15 10:30", "2026-12-15", "09:00", "12", "",
    ]  # fmt: skip


def test_excel_cells_keep_their_kind():
    cells = [*RISKY, *CHANGED, VISIT, date(2026, 12, 15), time(9), 12, None]
    sheet = CalamineWorkbook.from_filelike(BytesIO(workbook([table_of(*cells)]))).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()] == [
        "値", *RISKY, *CHANGED, SEEN, date(2026, 12, 15), time(9), 12,
    ]  # fmt: skip


def test_an_excel_list_keeps_its_head_in_view_and_prints_on_a4_with_a_note():
    with zipfile.ZipFile(BytesIO(workbook([table_of("福岡　花子")], note="事務局 & 12/15 取扱注意"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert '<pane ySplit="1"' in sheet
    assert 'paperSize="9"' in sheet
    assert "&amp;&amp; 12/15 取扱注意" in sheet
    assert "<autoFilter" in sheet
    assert "_xlnm.Print_Titles" in names


def test_an_empty_list_is_still_a_list():
    sheet = CalamineWorkbook.from_filelike(BytesIO(workbook([table_of()]))).get_sheet_by_index(0)
    assert sheet.to_python() == [["値"]]


def test_a_sheet_may_have_any_title():
    book = workbook([Table("早良郵便局: 12/15 [予約] " + "あ" * 40, [Column("値")], [])])
    assert len(CalamineWorkbook.from_filelike(BytesIO(book)).sheet_names[0]) == 31
