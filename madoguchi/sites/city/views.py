"""The city's section: review proposals of the secretariat, approve or return them (仕様書 4(3)ア).

仕様書 4(3)ア, 9(5). Whoever wrote or sent a proposal decides nothing about it; the ledger sees to that.
"""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.contract.kinds import ProposalState
from madoguchi.contract.proposals import proposal, proposals, shown_proposal
from madoguchi.panels.proposals import proposal_context, proposal_lines
from madoguchi.panels.simulator import effect_context, simulator_context
from madoguchi.web.forms import TextField, add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, seen_in
from madoguchi.workflows.approvals.proposals import approve_proposal, return_proposal, take_back_approval

DECIDED = (ProposalState.APPROVED, ProposalState.RETURNED, ProposalState.WITHDRAWN)


class ReturnForm(forms.Form):
    """The reason for returning a proposal."""

    answer = TextField(
        label="差戻しの理由",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="どこをどう直すかを書きます。事務局の画面と履歴に残ります。",
    )


class TakeBackForm(forms.Form):
    """The reason for taking an approval back."""

    reason = TextField(
        label="承認を取り消す理由",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="事務局の画面と履歴に残ります。",
    )


@open_to(Permission.CITY_PROPOSAL_APPROVE, Permission.INSPECTION_TEXT_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List the proposals that wait for the city, or with ?all=1 the decided ones."""
    wants_all = "all" in request.GET
    rows = proposals(states=DECIDED if wants_all else [ProposalState.SENT])
    return render(request, "city/list.html", {"rows": proposal_lines(rows), "wants_all": wants_all})


@open_to(Permission.CITY_PROPOSAL_APPROVE, Permission.INSPECTION_TEXT_READ)
@require_safe
def show(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Show a proposal with its differences, and the forms to decide."""
    return _page(request, proposal_id)


def _page(
    request: StaffRequest, proposal_id: int, form: ReturnForm | TakeBackForm | None = None
) -> HttpResponse:
    row = proposal(proposal_id)
    is_coming = row.state == ProposalState.APPROVED and row.effective_from > clock.now()
    may_decide = Permission.CITY_PROPOSAL_APPROVE in request.permissions
    return render(
        request,
        "city/proposal.html",
        {
            **proposal_context(row),
            "is_waiting": may_decide and row.state == ProposalState.SENT,
            "is_coming": may_decide and is_coming,
            "effect": effect_context(row) if row.state == ProposalState.SENT else None,
            "form": form or (TakeBackForm() if is_coming else ReturnForm()),
            "seen": carry_seen(request, shown_proposal(row)),
        },
    )


@open_to(Permission.CITY_PROPOSAL_APPROVE)
@require_POST
def approve(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Approve a proposal, which takes effect at its instant."""
    try:
        approve_proposal(proposal_id=proposal_id, actor=request.actor, seen=seen_in(request))
        messages.success(request, f"案{proposal_id}を承認しました。適用の日時になると、自動で変わります。")
    except ContentChanged:
        raise ContentChanged(page=reverse("city:proposals-show", args=[proposal_id])) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("city:proposals-show", proposal_id)
    return redirect("city:proposals-list")


@open_to(Permission.CITY_PROPOSAL_APPROVE)
@require_POST
def give_back(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Return a proposal with a reason."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            return_proposal(
                proposal_id=proposal_id,
                answer=form.cleaned_data["answer"],
                actor=request.actor,
                seen=seen_in(request),
            )
        except ContentChanged:
            raise ContentChanged(page=reverse("city:proposals-show", args=[proposal_id])) from None
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"案{proposal_id}を事務局に差し戻しました。")
            return redirect("city:proposals-list")
    return _page(request, proposal_id, form)


@open_to(Permission.CITY_PROPOSAL_APPROVE)
@require_POST
def take_back(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Take the city's approval back before it takes effect, with a reason."""
    form = TakeBackForm(request.POST)
    if form.is_valid():
        try:
            take_back_approval(
                proposal_id=proposal_id,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                seen=seen_in(request),
            )
        except ContentChanged:
            raise ContentChanged(page=reverse("city:proposals-show", args=[proposal_id])) from None
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"案{proposal_id}の承認を取り消しました。いまの内容のままです。")
            return redirect("city:proposals-show", proposal_id)
    return _page(request, proposal_id, form)


@open_to(Permission.CITY_PROPOSAL_APPROVE, Permission.INSPECTION_TEXT_READ)
@require_safe
def simulate(request: StaffRequest) -> HttpResponse:
    """Show what a citizen would see at a moment, as decided today and under a proposal."""
    return render(request, "city/simulator.html", simulator_context(request))
