"""書き出したファイル: one's own, while they are made, ready for a day, and gone (仕様書 4(3)ア, 4(5)イ)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import era
from madoguchi.common.unreadable import UNREADABLE
from madoguchi.panels.downloads import CHOICES, answer
from madoguchi.reservations.search import Search
from madoguchi.retention.exports import ExportRow, exports_of, remove_export
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking.documents import list_label, list_name
from madoguchi.workflows.privacy import disclosure, exports
from madoguchi.workflows.privacy.access import EXPORT_REASONS

REASONS = {disclosure.REASON: "開示請求"} | {str(code): words for code, words in EXPORT_REASONS.items()}
STATES = {
    "WAITING": ("running", "作成中"),
    "READY": ("done", "作成済"),
    "FAILED": ("attention", "作成できず"),
}


@open_to(Permission.SECRETARIAT_EXPORT_READ, Permission.PRIVACY_DISCLOSURE_WRITE)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List one's own files; while one is being made the page looks again by itself."""
    kinds = {kind: label for kind, label, _about in CHOICES}
    rows = [
        {
            "id": row.id,
            "asked": era.staff_datetime(row.asked_at),
            "kind": row.kind.upper() if row.reason == disclosure.REASON else kinds[row.kind],
            "what": _what(row, query),
            "reason": REASONS[row.reason],
            "tone": STATES[row.state][0],
            "state": STATES[row.state][1],
            "people": f"{row.people:,}" if row.state == "READY" else "",
            "is_ready": row.state == "READY",
            "is_waiting": row.state == "WAITING",
            "note": row.note,
            "until": era.staff_datetime(exports.ends_at(row)),
        }
        for row, query in exports_of(request.actor)
    ]
    context = {"rows": rows, "is_waiting": any(row["is_waiting"] for row in rows)}
    return render(request, "secretariat/privacy/exports/list.html", context)


def _what(row: ExportRow, query: Search | None) -> str:
    if row.reason == disclosure.REASON:
        return "1人の情報"
    return list_label(query) if query else UNREADABLE


@open_to(Permission.SECRETARIAT_EXPORT_READ, Permission.PRIVACY_DISCLOSURE_WRITE)
@require_POST
def take(request: StaffRequest, export_id: uuid.UUID) -> HttpResponse:
    """Give the file; each time it is taken is on record."""
    row, query, content = exports.download_export(export_id=export_id, actor=request.actor)
    name = "disclosure" if row.reason == disclosure.REASON else list_name(query, kind=row.kind)
    return answer(content, name=name, kind=row.kind)


@open_to(Permission.SECRETARIAT_EXPORT_READ, Permission.PRIVACY_DISCLOSURE_WRITE)
@require_POST
def remove(request: StaffRequest, export_id: uuid.UUID) -> HttpResponse:
    """Withdraw a file, whether it was made or not."""
    if remove_export(export_id=export_id, actor=request.actor):
        messages.success(request, "ファイルを消しました。")
    else:
        messages.warning(request, "いま作成しているところです。作成が終わってから消してください。")
    return redirect("secretariat:exports-list")
