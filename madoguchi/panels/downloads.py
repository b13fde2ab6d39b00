"""Lists and slips as files: no personal data in file names; the footer says who exported them and why."""

from django.conf import settings
from django.http import HttpResponse

from madoguchi.common import clock
from madoguchi.rendering.csv_file import csv_file
from madoguchi.rendering.excel import workbook
from madoguchi.rendering.tables import Table
from madoguchi.workflows.privacy.access import EXPORT_REASONS

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "data": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "zip": "application/zip",
}
CHOICES = [
    ("xlsx", "Excel", "見る・並べ替える・印刷する"),
    ("csv", "CSV（Excelで開く）", "文字化けせず、番号が数や日付や式に変わりません"),
    ("data", "CSV（プログラムで読む）", "値をそのまま書きます。Excelでは開かないでください"),
    ("pdf", "PDF（予約者リスト）", "1日分は郵便局ごとの用紙、2日分以上は1人1行の一覧"),
]
REASONS = list(EXPORT_REASONS.items())


def answer(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """Return a file download; its name ends with the moment and says if it is from training."""
    response = HttpResponse(content, content_type=TYPES[kind])
    mark = "training-" if settings.TRAINING else ""
    stamp = f"{clock.to_jst(clock.now()):%Y%m%d-%H%M}"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{mark}{name}-{stamp}.{"csv" if kind == "data" else kind}"'
    )
    return response


def tables(table: Table, *, name: str, kind: str, note: str) -> HttpResponse:
    """Return a table as an Excel file or a CSV."""
    content = csv_file(table) if kind == "csv" else workbook([table], note=note)
    return answer(content, name=name, kind=kind)
