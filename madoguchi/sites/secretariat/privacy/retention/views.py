"""保存期間と消去: how long everything is kept, what was erased, and the certificates (仕様書 6)."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.panels.downloads import answer
from madoguchi.retention import selectors
from madoguchi.retention.errors import CountDiffers, WithinTerm
from madoguchi.retention.rules import ENDS, RETENTION_RULES
from madoguchi.retention.selectors import ErasureOrderRow
from madoguchi.sites.secretariat.privacy.retention.forms import ErasureForm, UntilForm
from madoguchi.web.actors import names
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.privacy import retention


@open_to(Permission.SECRETARIAT_RETENTION_READ)
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Show who is past their term, the city's orders, legal holds, and every retention rule."""
    last = retention.term() - timedelta(days=1)
    rows, kept, rules = selectors.erasure_orders(), selectors.legal_holds(), booking_rules(clock.now())
    name = names([*(row.asked_by for row in rows), *(row.set_by for row in kept)])
    return render(
        request,
        "secretariat/privacy/show.html",
        {
            "last": era.era_date(last),
            "due": retention.extent(until=last),
            "rows": [
                {
                    "id": row.id,
                    "asked": era.staff_datetime(row.asked_at),
                    "who": name(row.asked_by),
                    "document": row.instruction.document_number,
                    "section": row.instruction.instructed_by,
                    "reason": row.reason_name,
                    "until": era.era_date(row.until) if row.until else "1人",
                    "tone": "done" if row.ended_at else "running",
                    "state": _progress(row),
                    "certificate": f"消証第{row.number}号" if row.number else "",
                }
                for row in rows
            ],
            "is_running": any(row.ended_at is None for row in rows),
            "kept": [
                {
                    "reference": show_reference(row.reference),
                    "id": row.reservation,
                    "visit": era.era_date(clock.to_jst(row.starts_at).date()),
                    "reason": row.reason,
                    "set": era.staff_datetime(row.set_at),
                    "who": name(row.set_by),
                }
                for row in kept
            ],
            "clocks": [
                {
                    "what": each.what,
                    "since": each.since,
                    "kept": each.words(rules),
                    "ends": ENDS[each.ends_by],
                    "basis": each.basis,
                }
                for each in RETENTION_RULES
            ],
        },
    )


def _progress(row: ErasureOrderRow) -> str:
    if row.ended_at:
        return "消去済"
    gone = row.counts.get("people", 0) + row.counts.get("waits", 0)
    return f"消去中 {gone:,}／{row.counts['meant']:,}人"


@open_to(Permission.SECRETARIAT_RETENTION_READ)
@require_safe
def take_certificate(request: StaffRequest, erasure_id: uuid.UUID) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Give a certificate as it was made when the erasure ended."""
    number, content = selectors.certificate(erasure_id)
    return answer(content, name=f"erasure-{number}", kind="pdf")


@open_to(Permission.PRIVACY_ERASURE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: StaffRequest) -> HttpResponse:
    """Take the city's order for all visits up to a day: how many that are is shown before."""
    asked = UntilForm(request.GET or None)
    until = asked.cleaned_data["until"] if asked.is_valid() else None
    found = retention.extent(until=until) if until else None
    form = ErasureForm(
        request.POST if request.method == "POST" else None,
        initial={"instructed_by": program().city_section},
    )
    if request.method == "POST" and until and form.is_valid():
        try:
            retention.order_erasure(
                until=until,
                people=form.cleaned_data["people"],
                reason=form.cleaned_data["reason"],
                instruction=form.instruction(),
                actor=request.actor,
            )
        except Refusal as refusal:
            add_refusal(form, refusal, {CountDiffers: "people", WithinTerm: "reason"})
        else:
            messages.success(
                request, "消去の指示を登録しました。消去は順に進み、終わると消去証明書ができます。"
            )
            return redirect("secretariat:retention")
    return render(
        request,
        "secretariat/privacy/order.html",
        {
            "asked": asked,
            "form": form if found else asked,
            "found": found,
            "until": era.era_date(until) if until else "",
            "term": era.era_date(retention.term() - timedelta(days=1)),
        },
    )
