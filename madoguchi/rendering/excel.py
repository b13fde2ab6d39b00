"""Excel files (仕様書 4(3)ア): text stays text, dates are dates, the head stays in view and on each page."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from django.conf import settings

from madoguchi.common import clock
from madoguchi.rendering.glyphs import replace_unstorable
from madoguchi.rendering.tables import Cell, Table

PAPER_A4: Final = 9
NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
MAX_SHEET_NAME_LENGTH: Final = 31
# Excel takes no longer text in a cell, nor in the foot of a page.
MAX_CELL_LENGTH: Final = 32_767
MAX_FOOTER_LENGTH: Final = 120


def workbook(tables: Iterable[Table], *, note: str = "") -> bytes:
    """Return an Excel file with one sheet for each table.

    `note` (who took it, when, how to treat it) stands in the foot of each printed page, in training with the
    word for it. What no Excel file can hold, such as a control character, is 〓.
    """
    out = BytesIO()
    # constant_memory: a row is on disk once the next begins, so 10,000 rows cost no more than ten.
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": False})
    font = {"font_name": "BIZ UDPゴシック", "font_size": 10.5, "valign": "vcenter"}
    book.formats[0].set_font_name(font["font_name"])
    formats = {
        "head": book.add_format({**font, "bold": True, "bottom": 1, "bg_color": "#F2F2F2"}),
        "text": book.add_format({**font, "num_format": "@"}),
        "number": book.add_format({**font, "num_format": "#,##0.##;-#,##0.##;0"}),
        "date": book.add_format({**font, "num_format": "yyyy/mm/dd", "align": "left"}),
        "datetime": book.add_format({**font, "num_format": "yyyy/mm/dd hh:mm", "align": "left"}),
        "time": book.add_format({**font, "num_format": "hh:mm", "align": "left"}),
    }
    for table in tables:
        _write(book, table, formats, note)
    book.close()
    return out.getvalue()


def _write(book: Any, table: Table, formats: dict[str, Any], note: str) -> None:
    sheet = book.add_worksheet(
        _cut(NOT_IN_SHEET_NAMES.sub(" ", replace_unstorable(table.title)), MAX_SHEET_NAME_LENGTH).strip("'")
    )
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.name, formats["head"])
    count = 0
    for count, row in enumerate(table.rows, start=1):
        for place, cell in enumerate(row):
            _put(sheet, count, place, cell, formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, count, len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L{_plain(table.title)}")
    mark = "訓練環境　" if settings.TRAINING else ""
    sheet.set_footer(f"&L{mark}{_plain(note)}&R&P／&Nページ")


def _put(sheet: Any, row: int, place: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None | "":
            pass
        case str():
            # Never `write`: it would make formulas, links and numbers of text.
            sheet.write_string(row, place, _cut(replace_unstorable(cell), MAX_CELL_LENGTH), formats["text"])
        case datetime():
            # Excel knows no time zones; people read Japan's.
            sheet.write_datetime(row, place, clock.to_jst(cell).replace(tzinfo=None), formats["datetime"])
        case date():
            sheet.write_datetime(row, place, cell, formats["date"])
        case time():
            sheet.write_datetime(row, place, cell, formats["time"])
        case int() | float():
            sheet.write_number(row, place, cell, formats["number"])


def _plain(text: str) -> str:
    return _cut(replace_unstorable(text), MAX_FOOTER_LENGTH).replace("&", "&&")


def _cut(text: str, most_units: int) -> str:
    # Excel counts in UTF-16: rare kanji count twice.
    return text.encode("utf-16-le")[: 2 * most_units].decode("utf-16-le", "ignore")
