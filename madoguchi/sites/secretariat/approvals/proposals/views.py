"""Write proposals of rules, texts, announcements and master data, send them to the city, see their state.

仕様書 4(3)ア 締切日時を設定及び変更できること: a rule changes by a proposal that the city approves.
"""

from functools import partial
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.proposals import ALIVE, OPEN, proposal, proposals, proposals_of, shown_proposal
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.notifications.kinds import KIND_NAMES, MailKind
from madoguchi.notifications.rules import PLACEHOLDERS
from madoguchi.offices.selectors import office
from madoguchi.panels.proposals import LANGUAGES, proposal_context, proposal_lines
from madoguchi.panels.rules import grouped
from madoguchi.panels.simulator import effect_context, simulator_context
from madoguchi.sites.secretariat.approvals.proposals.forms import BACK, ProposalForm, proposal_form
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import answer_press, carry_seen, is_shown_anew, say_what_stands, seen_in, typed_in
from madoguchi.workflows.approvals import proposals as workflow
from madoguchi.workflows.approvals.content import current_content
from madoguchi.workflows.approvals.master import MASTERS, format_master, master_name
from madoguchi.workflows.approvals.wording import ALL_OFFICES
from madoguchi.workflows.messages.preview import SAMPLE, render_sample_mail

ALL: Final = "all"


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List the proposals that are open, sent or approved for later, or all of them."""
    wants_all = "all" in request.GET
    rows = proposals(states=[] if wants_all else ALIVE)
    if not wants_all:
        rows = [
            row for row in rows if row.state != ProposalState.APPROVED or row.effective_from > clock.now()
        ]
    return render(
        request, "secretariat/approvals/list.html", {"rows": proposal_lines(rows), "wants_all": wants_all}
    )


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_safe
def show(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Show a proposal: what it changes and whom it reaches, its state, and the next actions."""
    row = proposal(proposal_id)
    is_coming = row.state == ProposalState.APPROVED and row.effective_from > clock.now()
    return render(
        request,
        "secretariat/approvals/show.html",
        {
            **proposal_context(row),
            "seen": shown_proposal(row),
            "is_open": row.state in OPEN,
            "is_written": row.state == ProposalState.WRITTEN,
            "may_withdraw": row.state in {*OPEN, ProposalState.SENT} or is_coming,
            "effect": effect_context(row) if row.state in {*OPEN, ProposalState.SENT} else None,
        },
    )


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest, kind: str, scope: str = ALL) -> HttpResponse:
    """Write a proposal of any kind."""
    if kind not in {*ProposalKind}:
        raise Http404
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return _write(request, kind=ProposalKind(kind), scope="" if scope == ALL else scope, language=language)


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Edit a proposal that is open: written or returned."""
    row = proposal(proposal_id)
    if row.state not in OPEN:
        return redirect("secretariat:proposals-show", proposal_id)
    return _write(request, kind=ProposalKind(row.kind), scope=row.scope, language=row.language, row=row)


def _write(
    request: StaffRequest, *, kind: ProposalKind, scope: str, language: str, row: ProposalRow | None = None
) -> HttpResponse:
    start = max(row.effective_from, clock.now()) if row else clock.now()
    stands = current_content(kind=kind, scope=scope, language=language, at=start)
    form = proposal_form(
        kind=kind,
        scope=scope,
        typed=typed_in(request),
        content={**stands, **(row.content if row else {})},
        on=clock.to_jst(start).date(),
        reason=row.reason if row else "",
    )
    if is_shown_anew(request):
        say_what_stands(form)
    wants_preview = request.POST.get("action") == "preview"
    if wants_preview:
        # A preview does not report missing fields.
        form.errors.clear()
    elif request.method == "POST" and form.is_valid():
        try:
            made = workflow.save_proposal(
                kind=kind,
                scope=scope,
                language=language,
                content=form.content,
                effective_from=form.effective_from,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                proposal_id=row.id if row else None,
                seen=seen_in(request) if row else None,
            )
        except Refusal as refusal:
            add_refusal(form, refusal, field=str(refusal.fields.get("field") or ""))
        else:
            messages.success(request, f"案{made}を下書きとして保存しました。まだ本市には送っていません。")
            return redirect("secretariat:proposals-show", made)
    return render(
        request,
        f"secretariat/approvals/write_{'master' if kind in MASTERS else kind}.html",
        {
            "form": form,
            "row": row,
            "seen": carry_seen(request, shown_proposal(row)) if row else "",
            "language": LANGUAGES[language],
            "past": proposal_lines(proposals_of(_things(kind, scope, language))),
            **_beside(kind, scope, language, form, stands, row),
        },
    )


def _things(kind: ProposalKind, scope: str, language: str) -> list[str]:
    """Return the items whose earlier proposals the page lists."""
    if kind in MASTERS:
        return [f"{kind}:{name}:{scope}" for name in MASTERS[kind].fields]
    return [f"{kind}:{scope}:{language}"]


def _beside(
    kind: ProposalKind,
    scope: str,
    language: str,
    form: ProposalForm,
    stands: dict[str, object],
    row: ProposalRow | None,
) -> dict[str, object]:
    """Return what the page shows beside the form: the values of today, or a preview of the text."""
    match kind:
        case ProposalKind.RULES:
            changed = row.content if row else {}
            lines = {
                key: {
                    "label": rule.label,
                    "unit": rule.unit,
                    "field": form[key],
                    "now": format_rule(key, stands[key]),
                    "is_changed": key in changed,
                    "back": form[f"{BACK}{key}"] if f"{BACK}{key}" in form.fields else None,
                }
                for key, rule in RULES.items()
                if key in form.fields
            }
            return {
                "place": office(scope).name if scope else ALL_OFFICES,
                "groups": grouped(lines),
            }
        case ProposalKind.MAIL:
            allowed, needed = PLACEHOLDERS[MailKind(scope)]
            return {
                "name": KIND_NAMES[scope],
                "subject": render_sample_mail(form["subject"].value() or "", language),
                "body": render_sample_mail(form["body"].value() or "", language),
                "placeholders": [
                    {"name": each, "sample": SAMPLE.get(each, ""), "needed": each in needed}
                    for each in sorted(allowed)
                ],
            }
        case ProposalKind.TEXT:
            return {"name": stands.get("title", scope), "stands": stands}
        case ProposalKind.ANNOUNCEMENT:
            shown = {each: form[each].value() or "" for each in ("kind", "title", "body")}
            return {**shown, "is_replaced": bool(scope)}
        case master:
            return {
                "name": master_name(master, scope),
                "kind_name": MASTERS[master].name,
                "fields": [form[name] for name in MASTERS[master].fields],
                "now": [
                    {"label": label, "value": format_master(name, stands[name])}
                    for name, label in MASTERS[master].fields.items()
                ],
            }


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_POST
def send(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Send a proposal to the city."""
    return answer_press(
        request,
        partial(workflow.send_proposal, proposal_id=proposal_id, actor=request.actor, seen=seen_in(request)),
        done="本市に承認を求めました。",
        page=reverse("secretariat:proposals-show", args=[proposal_id]),
    )


@open_to(Permission.SECRETARIAT_RULE_WRITE, Permission.SECRETARIAT_TEXT_WRITE)
@require_POST
def withdraw(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Withdraw a proposal before it comes into force."""
    return answer_press(
        request,
        partial(
            workflow.withdraw_proposal, proposal_id=proposal_id, actor=request.actor, seen=seen_in(request)
        ),
        done="案を取り下げました。いまの内容のままです。",
        page=reverse("secretariat:proposals-show", args=[proposal_id]),
    )


@open_to(Permission.SECRETARIAT_OFFICE_READ)
@require_safe
def simulate(request: StaffRequest) -> HttpResponse:
    """Show what a citizen would see at a moment, as decided today and under a proposal."""
    return render(request, "secretariat/approvals/simulator.html", simulator_context(request))
