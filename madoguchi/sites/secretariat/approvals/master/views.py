"""Show master data as it stands: waves, offices, procedures, belongings (仕様書 4(3)ア, 4(1)ア).

It changes by a proposal that the city approves: approvals/proposals.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import era
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.proposals import due_proposals
from madoguchi.contract.selectors import belongings, procedures, waves
from madoguchi.offices.selectors import offices
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.approvals.master import MASTERS, format_master


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def show_master(request: StaffRequest) -> HttpResponse:
    """List every row that a proposal may change, what is decided to come, and the way to propose."""
    coming = {
        (row.kind, row.scope): f"{era.staff_datetime(row.effective_from)}から変わります（案{row.id}）"
        for row in due_proposals(kinds=MASTERS)
    }
    return render(request, "secretariat/approvals/master.html", {"tables": list(_tables(coming))})


def _tables(coming: Mapping[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    def line(kind: ProposalKind, code: str, name: str, *cells: str) -> dict[str, Any]:
        return {"code": code, "name": name, "cells": cells, "coming": coming.get((kind, code), "")}

    kind = ProposalKind.WAVE
    yield {
        "kind": kind,
        "title": "開設時期",
        "heads": ("手続きを始める日", "予約の受付を始める日時", "郵便局"),
        "rows": [
            line(
                kind,
                row.code,
                row.name,
                era.era_date(row.opens_on),
                format_master("booking_opens_at", row.booking_opens_at.isoformat()),
                f"{sum(place.wave_code == row.code for place in offices())}局",
            )
            for row in waves()
        ],
    }
    kind = ProposalKind.PROCEDURE
    yield {
        "kind": kind,
        "title": "手続き",
        "heads": ("短い名前", "説明"),
        "rows": [
            line(kind, row.code, row.name, row.short_name, row.explanation)
            for row in procedures(enabled_only=False)
        ],
    }
    kind = ProposalKind.BELONGING
    yield {
        "kind": kind,
        "title": "持参物",
        "heads": ("説明", "手続き"),
        "rows": [
            line(kind, row.code, row.text, row.hint, format_master("procedures", row.procedures))
            for row in belongings()
        ],
    }
    kind = ProposalKind.OFFICE
    yield {
        "kind": kind,
        "title": "郵便局",
        "heads": ("区", "所在地", "電話番号", "行き方", "設備・備考"),
        "rows": [
            line(
                kind,
                row.code,
                row.name,
                row.ward_name,
                row.address,
                row.phone,
                row.access,
                "　".join(filter(None, (row.facilities, row.notes))),
            )
            for row in offices()
        ],
    }
