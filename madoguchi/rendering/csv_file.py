"""CSV for people, which a spreadsheet opens without changing or running anything, and for programs.

The first reads back exactly as it was (仕様書 4(3)ア).
"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from io import StringIO
from typing import Final

from madoguchi.common import clock
from madoguchi.rendering.glyphs import replace_unstorable
from madoguchi.rendering.tables import Cell, Table

# What Excel would run (signs, full-width ones too) or turn into a number or a date: 092…, 1-2-3, R8.9.1.
ALIVE: Final = re.compile(
    r"""[-+=@\t\r\n＝＋－＠\d.]|[MTSHR]\d|明治|大正|昭和|平成|令和|(?:true|false)\Z|\s+[-+=@＝＋－＠\d]""",
    re.IGNORECASE,
)
# A text formula shows exactly the text; a leading apostrophe would become part of it.
TEXT_FORMULA: Final = re.compile(r'="(?:[^"]|"")*"(?:&"(?:[^"]|"")*")*')
# Excel takes no longer text inside a formula.
LITERAL_LENGTH: Final = 255


def csv_file(table: Table, *, bom: bool = True) -> bytes:
    """Return a table as UTF-8 CSV; with the byte order mark by which Excel knows the encoding, or without.

    A column of which Excel would run or change a cell is written as text formulas (="0921234567"), all its
    rows alike; other names and sentences stay as they are. What no spreadsheet can hold, such as a control
    character, is 〓.
    """
    out = StringIO(newline="")
    writer = csv.writer(out)
    rows = [[_text(cell) for cell in row] for row in table.rows]
    alive = [
        any(isinstance(cell, str) and ALIVE.match(cell) for cell in column)
        for column in zip(*rows, strict=True)
    ]
    writer.writerow(_guarded(column.name) for column in table.columns)
    writer.writerows(
        [
            _formula(cell) if guard and isinstance(cell, str) and cell else _shown(cell)
            for cell, guard in zip(row, alive, strict=True)
        ]
        for row in rows
    )
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def plain_csv(table: Table) -> bytes:
    """Return a table as CSV for programs: UTF-8 without mark, each cell as it is, instants with their zone.

    A spreadsheet may run or change what stands in it.
    """
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(column.name for column in table.columns)
    writer.writerows(
        [
            clock.to_jst(cell).isoformat() if isinstance(cell, datetime) else _shown(_text(cell))
            for cell in row
        ]
        for row in table.rows
    )
    return out.getvalue().encode()


def read_csv(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of a CSV in UTF-8, with or without mark; what `csv_file` guarded comes back bare."""
    for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline="")):
        yield [_bare(cell) for cell in row]


def _text(cell: Cell) -> Cell:
    return replace_unstorable(cell) if isinstance(cell, str) else cell


def _guarded(text: str) -> str:
    return _formula(text) if ALIVE.match(text) else text


def _formula(cell: str) -> str:
    pieces = (cell[start : start + LITERAL_LENGTH] for start in range(0, len(cell), LITERAL_LENGTH))
    return "=" + "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _shown(cell: Cell) -> str:
    match cell:
        case datetime():
            return f"{clock.to_jst(cell):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case time():
            return f"{cell:%H:%M}"
    return "" if cell is None else str(cell)


def _bare(cell: str) -> str:
    if not TEXT_FORMULA.fullmatch(cell):
        return cell
    # Between two pieces stands "&", and inside a piece every quotation mark is doubled.
    pieces = re.findall(r'"((?:[^"]|"")*)"', cell)
    return "".join(piece.replace('""', '"') for piece in pieces)
