"""停止・休業の対応: stop service, notify the affected people, resume, on one screen each (仕様書 4(3)ア)."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.contract.selectors import procedures
from madoguchi.notifications.announcements import announcement
from madoguchi.offices.pauses import CAUSES, PauseRow, Scope, pause, pauses
from madoguchi.offices.selectors import offices
from madoguchi.panels import downloads
from madoguchi.rendering.tables import Column, Table
from madoguchi.reservations.disruption_lists import (
    affected_counts,
    disruption_of_pause,
    part_sizes,
    to_mail_when_lifted,
)
from madoguchi.sites.secretariat.capacity.disruptions.views import letter, typed_number
from madoguchi.sites.secretariat.capacity.offices.presenters import interval
from madoguchi.sites.secretariat.capacity.pauses.forms import BannerForm, ExtendForm, ScopeForm
from madoguchi.web.actors import names
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, seen_in, typed_in
from madoguchi.workflows.booking.documents import document_footer
from madoguchi.workflows.outage import pauses as workflow
from madoguchi.workflows.outage.pauses import Banner, Record, banner_for, records

NOTHING = Record(0, 0, 0, 0, 0, 0, 0, 0, None)
FIGURES = (
    ("affected", "影響"),
    ("mailed", "メール済"),
    ("queued", "送信待ち"),
    ("called", "電話済"),
    ("moved", "日時変更"),
    ("cancelled", "取消し"),
    ("kept", "予定どおり"),
    ("left", "未解決"),
)


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: StaffRequest) -> HttpResponse:
    """Choose the scope of a pause, preview the affected people, and begin it; list all pauses."""
    form = ScopeForm(
        request.POST if request.method == "POST" else None,
        initial={"where": "all", "start": "now", "end": "today"},
    )
    banner = BannerForm(request.POST if request.POST.get("action") == "stop" else None)
    effect = None
    if request.method == "POST" and form.is_valid():
        scope = form.scope()
        if request.POST.get("action") == "stop" and banner.is_valid():
            try:
                pause_id = workflow.begin(
                    scope=scope,
                    cause=form.cleaned_data["cause"],
                    is_open_ended=form.is_open_ended,
                    title=title_of(scope, form.cleaned_data["cause"], is_open_ended=form.is_open_ended),
                    banner=Banner(banner.cleaned_data["title"], banner.cleaned_data["body"]),
                    actor=request.actor,
                )
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, "受付を止めました。次に、影響を受ける方へ知らせてください。")
                return redirect("secretariat:pauses-show", pause_id)
        effect = _effect(form, scope)
        if not banner.is_bound:
            words = banner_for(
                scope=scope, cause=form.cleaned_data["cause"], is_open_ended=form.is_open_ended
            )
            banner = BannerForm(initial={"title": words.title, "body": words.body})
    rows, found = pauses(), records()
    if (kind := request.GET.get("file", "")) in {"xlsx", "csv"}:
        return _file(request, rows, found, kind=kind)
    return render(
        request,
        "secretariat/capacity/pauses/list.html",
        {
            "form": form,
            "banner": banner,
            "effect": effect,
            "in_force": [_line(row, found.get(row.id, NOTHING)) for row in rows if row.is_in_force],
            "over": [_line(row, found.get(row.id, NOTHING)) for row in rows if not row.is_in_force],
        },
    )


def _effect(form: ScopeForm, scope: Scope) -> dict[str, object]:
    return {
        "decided": scope.starts_at.isoformat(),
        "affected": affected_counts(scope),
        "title": title_of(scope, form.cleaned_data["cause"], is_open_ended=form.is_open_ended),
        "is_procedure": bool(scope.procedure),
    }


def title_of(scope: Scope, cause: str, *, is_open_ended: bool) -> str:
    """Return what a stop is called in lists: where, what, when and why."""
    short = {row.code: row.short_name for row in offices()}
    where = [short[code] for code in scope.offices]
    place = "すべての郵便局" if not where else "・".join(where[:3]) + ("ほか" if len(where) > 3 else "")  # noqa: PLR2004
    what = {str(row.code): row.short_name for row in procedures(enabled_only=False)}.get(scope.procedure, "")
    since = era.staff_datetime(scope.starts_at)
    ends_at = clock.to_jst(scope.ends_at)
    if is_open_ended:
        when = f"{since}–再開まで"
    elif ends_at.time() == clock.MIDNIGHT and clock.to_jst(scope.starts_at).time() != clock.MIDNIGHT:
        when = f"{since}–{era.staff_day((ends_at - clock.DAY).date())} 24:00"
    else:
        when = interval(scope.starts_at, scope.ends_at)
    return " ".join(part for part in (place, what, when, CAUSES[cause]) if part)


def _line(row: PauseRow, record: Record) -> dict[str, object]:
    now = clock.now()
    if row.lifted_at:
        tone, state = "done", f"{era.staff_datetime(row.lifted_at)} 再開"
    elif row.scope.ends_at <= now:
        tone, state = "neutral", "終了"
    elif row.scope.starts_at <= now:
        tone, state = "overdue", "停止中"
    else:
        tone, state = "attention", "停止の予定"
    minutes = record.minutes_to_last_mail(row)
    return {
        "id": row.id,
        "title": title_of(row.scope, row.cause, is_open_ended=row.is_open_ended),
        "made": era.staff_datetime(row.created_at),
        "tone": tone,
        "state": state,
        "record": record,
        "figures": [(label, getattr(record, name)) for name, label in FIGURES],
        "minutes": "" if minutes is None else f"{minutes}分",
    }


def _file(
    request: StaffRequest, rows: list[PauseRow], found: Mapping[int, Record], *, kind: str
) -> HttpResponse:
    """Return the record of every stop as a table: numbers only, nobody's name."""
    name = names(each for row in rows for each in (row.created_by, row.lifted_by) if each)
    columns = [
        Column("停止", 50),
        Column("決定", 16),
        Column("決定した人", 16),
        Column("再開", 16),
        Column("再開した人", 16),
        *(Column(label, 10) for _name, label in FIGURES),
        Column("決定から最後のメールまで（分）", 14),
    ]
    lines = []
    for row in rows:
        record = found.get(row.id, NOTHING)
        minutes = record.minutes_to_last_mail(row)
        lines.append(
            [
                title_of(row.scope, row.cause, is_open_ended=row.is_open_ended),
                era.staff_datetime(row.created_at),
                name(row.created_by),
                era.staff_datetime(row.lifted_at) if row.lifted_at else "",
                name(row.lifted_by) if row.lifted_by else "",
                *(str(getattr(record, each)) for each, _label in FIGURES),
                "" if minutes is None else str(minutes),
            ]
        )
    table = Table("停止・休業の記録", columns, lines)
    return downloads.tables(table, name="pauses", kind=kind, note=document_footer(request.user.display_name))


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_safe
def show(request: StaffRequest, pause_id: int) -> HttpResponse:
    """Show the progress of a pause and the next actions: mail, calls, resumption."""
    return _page(request, pause(pause_id), ExtendForm(initial={"end": "until"}))


def _page(request: StaffRequest, row: PauseRow, extend: ExtendForm) -> HttpResponse:
    listed = disruption_of_pause(row.id)
    sizes = part_sizes(listed.id) if listed else {}
    name = names(each for each in (row.created_by, row.lifted_by) if each)
    record = records().get(row.id, NOTHING)
    return render(
        request,
        "secretariat/capacity/pauses/show.html",
        {
            "pause": _line(row, record),
            "is_in_force": row.is_in_force,
            "decided": f"{era.staff_datetime(row.created_at)}　{name(row.created_by)}",
            "lifted": f"{era.staff_datetime(row.lifted_at)}　{name(row.lifted_by)}" if row.lifted_at else "",
            "notice": announcement(row.announcement) if row.announcement else None,
            "disruption": listed,
            "sizes": sizes,
            "letter": letter(listed) if listed and sizes.get("mail") else {},
            "notified": to_mail_when_lifted(row.id) if row.is_in_force else 0,
            "extend": extend,
            "seen": carry_seen(request, row.shown),
        },
    )


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: StaffRequest, pause_id: int) -> HttpResponse:
    """Extend a pause; only the newly affected people must be notified."""
    row = pause(pause_id)
    form = ExtendForm(typed_in(request), initial={"end": "until"})
    if request.method == "POST" and form.is_valid():
        is_open_ended = form.cleaned_data["end"] == "open"
        longer = Scope(row.scope.starts_at, form.ends(), row.scope.offices, row.scope.procedure)
        try:
            added = workflow.extend(
                pause_id=pause_id,
                ends_at=form.ends(),
                is_open_ended=is_open_ended,
                title=title_of(longer, row.cause, is_open_ended=is_open_ended),
                actor=request.actor,
                seen=seen_in(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"停止を延ばしました。新しく影響を受ける方は{added}人です。")
            return redirect("secretariat:pauses-show", pause_id)
    return _page(request, row, form)


@open_to(Permission.SECRETARIAT_OFFICE_WRITE)
@require_POST
def lift(request: StaffRequest, pause_id: int) -> HttpResponse:
    """Resume service, after somebody has typed how many people get a second mail."""
    try:
        count = workflow.lift(
            pause_id=pause_id,
            people=typed_number(request.POST.get("people", "0")),
            actor=request.actor,
            seen=seen_in(request),
        )
    except ContentChanged:
        raise ContentChanged(page=reverse("secretariat:pauses-show", args=[pause_id])) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"受付を再開しました。{count}人の予約は、予定どおりです。")
    return redirect(reverse("secretariat:pauses-show", args=[pause_id]))
