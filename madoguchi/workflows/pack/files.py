"""Read the files of a program pack: each record with the line it stands on, each mistake noted."""

import csv
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from madoguchi.common.errors import Refusal

# The Cabinet Office's own headings, so that its file can be put in place as it is.
HEADINGS: Final = {"国民の祝日・休日月日": "day", "国民の祝日・休日名称": "name"}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in a pack: where it stands and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PackInvalid(Refusal):
    """The pack has mistakes; all of them are listed, and nothing was changed."""

    code = "pack_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        lines = "\n".join(map(str, self.problems))
        super().__init__(f"設定に{len(self.problems)}件の誤りがあります。何も変えていません。\n{lines}")


class Entry(NamedTuple):
    """One record of a file as it was written, and the lines of its cells."""

    file: str
    line: int
    cells: Mapping[str, object]
    lines: Mapping[str, int]

    def problem(self, cell: str, message: str) -> Problem:
        """Return what is wrong with a cell, at its line."""
        return Problem(self.file, self.lines.get(cell, self.line), message)


def read_csv(folder: Path, file: str, columns: Collection[str], problems: list[Problem]) -> Iterator[Entry]:
    """Yield the records of a CSV file, none when its columns are wrong; lines with # are remarks."""
    # Blank lines in their place keep the count right.
    text = _read_text(folder, file, problems)
    lines = ["\n" if line.startswith("#") else line for line in text.splitlines(keepends=True)]
    reader = csv.reader(lines, strict=True)
    heading: list[str] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if not heading:
                heading = [HEADINGS.get(cell.strip(), cell.strip()) for cell in cells]
                wrong = [f"「{name}」という列がありません。" for name in columns if name not in heading]
                wrong += [f"「{name}」という列は使いません。" for name in heading if name not in columns]
                problems += [Problem(file, reader.line_num, message) for message in wrong]
                if wrong:
                    return
            elif len(cells) != len(heading):
                message = f"列が{len(cells)}個あります。{len(heading)}個にしてください。"
                problems.append(Problem(file, reader.line_num, message))
            else:
                yield Entry(file, reader.line_num, dict(zip(heading, cells, strict=True)), {})
    except csv.Error as problem:
        problems.append(Problem(file, reader.line_num, f"CSV として読めません（{problem}）。"))


def read_toml(folder: Path, file: str, problems: list[Problem]) -> list[tuple[str, Entry]]:
    """Return the tables of a TOML file by name; what stands above them comes first, without a name."""
    text = _read_text(folder, file, problems)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"line (\d+)", str(problem))
        where = int(line[1]) if line else text.count("\n") + 1
        problems.append(Problem(file, where, f"TOML として読めません（{problem}）。"))
        return []
    return [
        (name, Entry(file, line, _table(content, name, place), lines))
        for name, place, line, lines in _sections(text)
    ]


def _read_text(folder: Path, file: str, problems: list[Problem]) -> str:
    """Return a file's text, in UTF-8 or in Shift_JIS as Excel and the Cabinet Office write it."""
    try:
        content = (folder / file).read_bytes()
    except FileNotFoundError:
        problems.append(Problem(file, 1, "ファイルがありません。"))
        return ""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    problems.append(Problem(file, 1, "UTF-8 か Shift_JIS で保存してください。"))
    return ""


_HEADER: Final = re.compile(r'\s*\[\[?\s*"?([^"\]]+?)"?\s*\]\]?')
_KEY: Final = re.compile(r'\s*"?([\w.-]+)"?\s*=')


def _sections(text: str) -> list[tuple[str, int, int, dict[str, int]]]:
    """Return each table's name, its place among tables of that name, its line, and the lines of its keys."""
    sections: list[tuple[str, int, int, dict[str, int]]] = [("", 0, 1, {})]
    in_text = False
    for number, line in enumerate(text.splitlines(), 1):
        if in_text:
            pass
        elif header := _HEADER.match(line):
            name = header[1]
            place = sum(1 for known, *_ in sections if known == name)
            sections.append((name, place, number, {}))
        elif key := _KEY.match(line):
            sections[-1][3][key[1]] = number
        in_text ^= line.count('"""') % 2 == 1
    return sections


def _table(content: Mapping[str, Any], name: str, place: int) -> Mapping[str, object]:
    """Return the plain values of a table, or of one of several tables of that name."""
    found = content.get(name, {}) if name else content
    table = found[place] if isinstance(found, list) else found
    return {key: value for key, value in table.items() if name or not isinstance(value, dict | list)}
