"""Lists and slips as files: names of files carry no person, the foot says who took them and what for."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpResponse

from madoguchi.common import clock, era
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import offices
from madoguchi.rendering.csv_file import csv_file
from madoguchi.rendering.excel import workbook
from madoguchi.rendering.tables import Column, Table
from madoguchi.reservations.selectors import ListRow
from madoguchi.reservations.words import needs_in_words
from madoguchi.sites.secretariat.reservations.presenters import state_of
from madoguchi.web.policies import StaffRequest
from madoguchi.workflows import papers
from madoguchi.workflows.looks import TAKE_REASONS

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
CHOICES = [("xlsx", "Excel"), ("csv", "CSV"), ("pdf", "PDF（予約者リスト）")]
REASONS = list(TAKE_REASONS.items())
COLUMNS = [
    Column("来局日時", 18),
    Column("所要（分）", 10),
    Column("郵便局", 20),
    Column("予約番号", 15),
    Column("氏名", 20),
    Column("フリガナ", 24),
    Column("お呼びする名前", 20),
    Column("手続き", 28),
    Column("当日に必要なこと", 20),
    Column("状態", 12),
    Column("受付", 8),
    Column("受付日時", 18),
]


def answer(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """Return a file to be saved; its name carries the moment only."""
    response = HttpResponse(content, content_type=TYPES[kind])
    stamp = f"{clock.to_jst(clock.now()):%Y%m%d-%H%M}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{stamp}.{kind}"'
    return response


def note(request: StaffRequest, reason: str = "") -> str:
    """Return what stands in the foot of each page: who took it, when and what for."""
    taken = f"{era.staff_datetime(clock.now())} {request.user.display_name}"
    return f"{taken}（{reason}）使用後は裁断" if reason else taken


def tables(table: Table, *, name: str, kind: str, note: str) -> HttpResponse:
    """Return a table as an Excel file or a CSV."""
    content = csv_file(table) if kind == "csv" else workbook([table], note=note)
    return answer(content, name=name, kind=kind)


def visitors(rows: Sequence[ListRow], *, kind: str, note: str, by: str) -> HttpResponse:
    """Return a list of reservations as Excel, CSV or the 予約者リスト as PDF (R29)."""
    if kind == "pdf":
        return answer(papers.visitor_paper(rows, by=by), name="visitors", kind=kind)
    return tables(Table("予約の一覧", COLUMNS, _lines(rows)), name="reservations", kind=kind, note=note)


def _lines(rows: Iterable[ListRow]) -> Iterable[Sequence[str | int | date]]:
    places = {row.code: row.name for row in offices()}
    short = {row.code: row.short_name for row in procedures(enabled_only=False)}
    for row in rows:
        yield [
            row.starts_at,
            row.minutes,
            places[row.office],
            show_reference(row.reference),
            row.name,
            row.name_kana,
            row.called_name,
            "・".join(short[code] for code in row.procedures),
            "・".join(needs_in_words(row.needs)),
            state_of(row)[1],
            row.channel_label,
            row.booked_at,
        ]
