"""Announcements on top of citizen pages (仕様書 4(3)ア): what is shown, and outages, which wait for none."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.notifications.announcements import (
    OUTAGE,
    AnnouncementRow,
    announcement,
    announcements,
    end_announcement,
    put_announcement,
)
from madoguchi.sites.secretariat.messages.announcements.forms import OutageForm, initial_of
from madoguchi.web.actors import names
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, seen_in, typed_form


@open_to(Permission.SECRETARIAT_TEXT_WRITE, Permission.INSPECTION_TEXT_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List what citizens see, will see and saw."""
    rows = announcements()
    name = names(row.changed_by for row in rows)
    return render(
        request,
        "secretariat/messages/announcements/list.html",
        {
            "rows": [
                {
                    "id": row.id,
                    "seen": row.shown,
                    "kind": row.kind_name,
                    "title": row.title,
                    "from": era.staff_datetime(row.shows_from),
                    "until": era.staff_datetime(row.shows_until),
                    "tone": tone,
                    "state": word,
                    "is_over": tone == "neutral",
                    "changed": f"{era.staff_datetime(row.changed_at)}　{name(row.changed_by)}",
                }
                for row in rows
                for tone, word in [_state(row)]
            ],
            "shown": sum(row.is_shown(clock.now()) for row in rows),
        },
    )


def _state(row: AnnouncementRow) -> tuple[str, str]:
    now = clock.now()
    if row.is_shown(now):
        return "done", "表示中"
    return ("running", "予定") if now < row.shows_from < row.shows_until else ("neutral", "終了")


@open_to(Permission.SECRETARIAT_TEXT_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, announcement_id: int | None = None) -> HttpResponse:
    """Publish an outage at once, with a preview; every other announcement becomes a proposal to the city."""
    row = announcement(announcement_id) if announcement_id else None
    if row and row.kind != OUTAGE:
        return redirect("secretariat:proposals-add", "announcement", row.id)
    form = typed_form(request, OutageForm, initial=initial_of(row))
    wants_preview = request.POST.get("action") == "preview"
    if request.method == "POST" and form.is_valid() and not wants_preview:
        try:
            put_announcement(
                announcement_id=announcement_id,
                kind=OUTAGE,
                actor=request.actor,
                seen=seen_in(request),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "障害のお知らせを保存しました。")
            return redirect("secretariat:announcements-list")
    return render(
        request,
        "secretariat/messages/announcements/edit.html",
        {
            "form": form,
            "row": row,
            "seen": carry_seen(request, row.shown) if row else "",
            "kind": OUTAGE,
            "title": form["title"].value() or "",
            "body": form["body"].value() or "",
        },
    )


@open_to(Permission.SECRETARIAT_TEXT_WRITE)
@require_POST
def end(request: StaffRequest, announcement_id: int) -> HttpResponse:
    """Stop showing an announcement at once."""
    try:
        end_announcement(announcement_id=announcement_id, actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise ContentChanged(page=reverse("secretariat:announcements-list")) from None
    messages.success(request, "お知らせの表示を終えました。")
    return redirect("secretariat:announcements-list")
