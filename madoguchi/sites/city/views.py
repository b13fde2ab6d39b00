"""The city's section: approve or return what the secretariat proposes, having seen what it does (R204).

仕様書 4(3)ア, 9(5). Whoever wrote or sent a draft decides nothing about it; the ledger sees to that.
"""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.contract.drafts import draft, drafts, shown_draft
from madoguchi.contract.kinds import DraftState
from madoguchi.panels.drafts import draft_context, draft_lines
from madoguchi.panels.simulator import simulator_context
from madoguchi.web.forms import TextField, add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import seen_in
from madoguchi.workflows.approvals.drafts import approve_draft, return_draft

DECIDED = (DraftState.APPROVED, DraftState.RETURNED, DraftState.WITHDRAWN)


class ReturnForm(forms.Form):
    """Why a draft goes back."""

    answer = TextField(
        label="差戻しの理由",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="どこをどう直すかを書きます。事務局の画面と履歴に残ります。",
    )


@open_to(Permission.CITY_DRAFT_APPROVE)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List what waits for the city, and with ?all=1 what it decided."""
    wants_all = "all" in request.GET
    rows = drafts(states=DECIDED if wants_all else [DraftState.SENT])
    return render(request, "city/list.html", {"rows": draft_lines(rows), "wants_all": wants_all})


@open_to(Permission.CITY_DRAFT_APPROVE)
@require_safe
def show(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Show what a draft changes, and ask for the decision."""
    return _page(request, draft_id, ReturnForm())


def _page(request: StaffRequest, draft_id: int, form: ReturnForm) -> HttpResponse:
    row = draft(draft_id)
    is_waiting = row.state == DraftState.SENT
    return render(
        request,
        "city/draft.html",
        {**draft_context(row), "is_waiting": is_waiting, "form": form, "seen": shown_draft(row)},
    )


@open_to(Permission.CITY_DRAFT_APPROVE)
@require_POST
def approve(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Approve a draft: it holds from its instant on by itself."""
    try:
        approve_draft(draft_id=draft_id, actor=request.actor, seen=seen_in(request))
        messages.success(request, f"案{draft_id}を承認しました。適用の日時になると、自動で変わります。")
    except ContentChanged:
        raise ContentChanged(page=reverse("city:drafts-show", args=[draft_id])) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("city:drafts-show", draft_id)
    return redirect("city:drafts-list")


@open_to(Permission.CITY_DRAFT_APPROVE)
@require_POST
def give_back(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Give a draft back with a sentence."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            return_draft(
                draft_id=draft_id,
                answer=form.cleaned_data["answer"],
                actor=request.actor,
                seen=seen_in(request),
            )
        except ContentChanged:
            raise ContentChanged(page=reverse("city:drafts-show", args=[draft_id])) from None
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"案{draft_id}を事務局に差し戻しました。")
            return redirect("city:drafts-list")
    return _page(request, draft_id, form)


@open_to(Permission.CITY_DRAFT_APPROVE)
@require_safe
def simulate(request: StaffRequest) -> HttpResponse:
    """Show what a citizen would see at a moment, today's way and under a draft."""
    return render(request, "city/simulator.html", simulator_context(request))
