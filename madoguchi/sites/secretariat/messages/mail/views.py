"""Mail: what it says, what did not arrive, and who is called instead (仕様書 4(3)ア, 4(5)ウ)."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import belongings_for, guidance, procedures, removed_guidance
from madoguchi.notifications.kinds import (
    CALENDAR_FILE_NAME,
    KIND_NAMES,
    STATE_NAMES,
    WITH_CALENDAR,
    MailKind,
)
from madoguchi.notifications.selectors import (
    PAGE_SIZE,
    MailRow,
    TextRow,
    demo_letter,
    demo_mailbox,
    outbox,
    texts,
    texts_to_rewrite,
    troubled_mails,
)
from madoguchi.notifications.services import resend_mail, settle_mail
from madoguchi.offices.selectors import offices
from madoguchi.panels import downloads
from madoguchi.panels.call_lists import CallLine, call_state
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.kinds import CONTACT_LABELS
from madoguchi.reservations.selectors import (
    references_of,
    reminder_calls_left,
    reservation_by_reference,
)
from madoguchi.sites.secretariat.bookings.views import opened
from madoguchi.web.actors import names
from madoguchi.web.days import parse_filter_day
from madoguchi.web.lists import (
    choice_filter,
    page_number,
    page_of,
    unread_choice,
    unread_day,
    unread_in,
    whole_number,
)
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import answer_press, seen_in
from madoguchi.workflows.booking.documents import call_list_document
from madoguchi.workflows.callcentre.calls import (
    calls_to_make,
    export_call_list,
    record_call,
    reminder_day,
    undo_call,
    words_for_call,
)
from madoguchi.workflows.privacy.access import phones_for_calls

# Guidance texts by the first part of their names.
GROUPS: Final[Mapping[str, str]] = {"faq": "よくある質問", "ward": "区役所の案内", "script": "電話の台本"}
TONES: Final[Mapping[str, str]] = {
    "queued": "neutral",
    "sending": "running",
    "sent": "done",
    "withdrawn": "cancelled",
    "failed": "overdue",
    "unsure": "attention",
}


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show_outbox(request: StaffRequest) -> HttpResponse:
    """List the mails that need somebody; with a filter, all of them."""
    filters = [
        choice_filter(name="state", label="状態", choices=list(STATE_NAMES.items()), query=request.GET),
        choice_filter(name="kind", label="種類", choices=list(KIND_NAMES.items()), query=request.GET),
    ]
    narrowed, unread = bool({"state", "kind", "page"} & request.GET.keys()), unread_in(request.GET, filters)
    troubled = troubled_mails()
    rows, page = troubled, page_of(number=1, size=max(len(troubled), 1), total=len(troubled))
    if unread:
        rows, page = [], page_of(number=1, size=PAGE_SIZE, total=0)
    elif narrowed:
        found = outbox(
            states=[state for state in STATE_NAMES if state in request.GET.getlist("state")],
            kinds=[kind for kind in KIND_NAMES if kind in request.GET.getlist("kind")],
            page=page_number(request.GET.get("page", "")),
        )
        rows, page = found.rows, page_of(number=found.page, size=PAGE_SIZE, total=found.total)
    references = references_of([uuid.UUID(row.target) for row in rows], scope=EVERYWHERE)
    return render(
        request,
        "secretariat/messages/outbox.html",
        {
            "rows": [_line(row, references) for row in rows],
            "page": page,
            "narrowed": narrowed,
            "unread": unread,
            "filters": filters,
            "calls": reminder_calls_left(day=reminder_day()),
        },
    )


def _line(row: MailRow, references: Mapping[uuid.UUID, str]) -> dict[str, object]:
    reference = references.get(uuid.UUID(row.target), "")
    return {
        "id": row.id,
        "seen": row.shown,
        "due": era.staff_datetime(row.due_at),
        "kind": row.kind_name,
        "recipient": row.recipient,
        "tone": TONES[row.state],
        "state": row.state_name,
        "error": row.error_name,
        "attempts": row.attempts,
        "reference": show_reference(reference) if reference else "",
        "url": opened(reference) if reference else "",
        "is_troubled": row.is_troubled,
    }


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def resend(request: StaffRequest, mail_id: uuid.UUID) -> HttpResponse:
    """Send a mail once more."""
    return answer_press(
        request,
        partial(resend_mail, mail_id=mail_id, actor=request.actor, seen=seen_in(request)),
        done="もう一度送ります。",
        page=reverse("secretariat:mails-list"),
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def settle(request: StaffRequest, mail_id: uuid.UUID) -> HttpResponse:
    """Settle a mail: the person was informed otherwise."""
    return answer_press(
        request,
        partial(settle_mail, mail_id=mail_id, actor=request.actor, seen=seen_in(request)),
        done="対応済にしました。",
        page=reverse("secretariat:mails-list"),
    )


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show_calls(request: StaffRequest) -> HttpResponse:
    """List who has a visit on a day and no mail; the number of the one who is open is in clear."""
    day = parse_filter_day(request.GET.get("day", "")) or reminder_day()
    unread = unread_day(request.GET, "day")
    rows = [] if unread else calls_to_make(day=day, actor=request.actor)
    short = {row.code: row.short_name for row in procedures(enabled_only=False)}
    places = {row.code: row for row in offices()}
    chosen = next((row for row in rows if row.visit.reference == request.GET.get("open")), None)
    address = f"{request.path}?day={day.isoformat()}"
    return render(
        request,
        "secretariat/messages/calls.html",
        {
            "day": era.staff_day(day),
            "iso": day.isoformat(),
            "is_usual": day == reminder_day() and not unread,
            "unread": [unread] if unread else [],
            "earlier": f"{request.path}?day={day - timedelta(days=1)}",
            "later": f"{request.path}?day={day + timedelta(days=1)}",
            "left": sum(not row.reached for row in rows),
            "close_url": address,
            "lines": [
                CallLine(
                    f"{clock.to_jst(row.visit.starts_at):%H:%M}",
                    places[row.visit.office].short_name,
                    row.visit.name,
                    row.visit.name_kana,
                    row.visit.phone,
                    "　".join(
                        [
                            "・".join(short[code] for code in row.visit.procedures),
                            CONTACT_LABELS.get(row.visit.contact_by, ""),
                        ]
                    ),
                    *call_state(tries=row.tries, reached=row.reached),
                    url=f"{address}&open={row.visit.reference}",
                    is_open=row is chosen,
                )
                for row in rows
            ],
            "panel": {
                "key": chosen.visit.reference,
                "reference": show_reference(chosen.visit.reference),
                "name": chosen.visit.name,
                "kana": chosen.visit.name_kana,
                "phone": show_phone(
                    phones_for_calls(reservations=[chosen.visit.id], actor=request.actor, scope=EVERYWHERE)[
                        chosen.visit.id
                    ]
                ),
                "scripts": scripts(
                    words_for_call(
                        text="script.reminder_call",
                        name=chosen.visit.name,
                        place=chosen.visit.office,
                        at=chosen.visit.starts_at,
                    )
                ),
                "belongings": [each.text for each in belongings_for(chosen.visit.procedures)],
                "tries": chosen.tries,
                "reached": chosen.reached,
                "post_url": f"{reverse('secretariat:calls-record', args=[chosen.visit.reference])}?day={day}",
            }
            if chosen
            else None,
        },
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def record_reminder(request: StaffRequest, reference: str) -> HttpResponse:
    """Record a reminder call, reached or not, or take the latest back. Idempotent."""
    reservation_id = reservation_by_reference(reference, scope=EVERYWHERE)
    after, outcome = whole_number(request.POST.get("after", "")), request.POST.get("reached")
    try:
        if outcome == "undo":
            undo_call(reservation_id=reservation_id, after=after, actor=request.actor)
            messages.success(request, "電話連絡の記録を取り消しました。")
        else:
            record_call(
                reservation_id=reservation_id, reached=outcome == "1", after=after, actor=request.actor
            )
            messages.success(request, "電話連絡を記録しました。")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    day = parse_filter_day(request.GET.get("day", "")) or reminder_day()
    return redirect(f"{reverse('secretariat:calls-list')}?day={day.isoformat()}")


@open_to(Permission.SECRETARIAT_EXPORT_READ)
@require_POST
def take_calls(request: StaffRequest) -> HttpResponse:
    """Print the people still to be called, with their numbers; all accesses are recorded."""
    if unread_day(request.GET, "day"):
        return redirect(f"{reverse('secretariat:calls-list')}?{request.GET.urlencode()}")
    day = parse_filter_day(request.GET.get("day", "")) or reminder_day()
    rows = export_call_list(day=day, actor=request.actor)
    return downloads.answer(call_list_document(rows, by=request.user.display_name), name="calls", kind="pdf")


@open_to(Permission.SECRETARIAT_TEXT_WRITE, Permission.INSPECTION_TEXT_READ)
@require_safe
def show_texts(request: StaffRequest) -> HttpResponse:
    """List what each mail and each guidance text says now, and what was decided to come (仕様書 4(3)ア)."""
    unread = unread_choice(request.GET, "language", dict(settings.LANGUAGES))
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    rows = [row for row in texts() if row.language == language]
    name = names(row.decided_by for row in rows)
    refused = {row.id: sentence for row, sentence in texts_to_rewrite()}
    now = clock.now()
    current: dict[str, TextRow] = {}
    for row in rows:
        if row.effective_from <= now:
            current.setdefault(row.kind, row)
    return render(
        request,
        "secretariat/messages/texts.html",
        {
            "rows": [
                {
                    "kind": kind.value,
                    "name": KIND_NAMES[kind],
                    "current": current.get(kind),
                    "since": era.staff_datetime(current[kind].effective_from) if kind in current else "",
                    "who": name(current[kind].decided_by) if kind in current else "",
                    "refused": next(
                        (refused[each.id] for each in rows if each.kind == kind and each.id in refused), ""
                    ),
                    "coming": any(each.kind == kind and each.effective_from > now for each in rows),
                }
                for kind in MailKind
            ],
            "guidance": [
                {"name": row.name, "title": row.title, "group": GROUPS.get(row.name.partition(".")[0], "")}
                for row in guidance("", language=language)
            ],
            "removed": [
                {"name": row.name, "title": row.title, "group": GROUPS.get(row.name.partition(".")[0], "")}
                for row in removed_guidance("", language=language)
            ],
            "languages": [
                {"code": code, "name": each, "current": code == language} for code, each in settings.LANGUAGES
            ],
            "language": language,
            "unread": [unread] if unread else [],
        },
    )


@open_to(Permission.SECRETARIAT_TEXT_WRITE)
@require_safe
def show_mailbox(request: StaffRequest, mail_id: uuid.UUID | None = None) -> HttpResponse:
    """Show the mails of the training system, which left it for nowhere."""
    letter = demo_letter(mail_id) if mail_id else None
    return render(
        request,
        "secretariat/messages/mailbox.html",
        {
            "rows": [
                {
                    "id": row.id,
                    "at": era.staff_datetime(row.sent_at),
                    "kind": row.kind_name,
                    "subject": row.subject,
                    "recipient": row.recipient,
                    "current": row.id == mail_id,
                }
                for row in demo_mailbox()
            ],
            "letter": letter,
            "at": era.staff_datetime(letter.sent_at) if letter else "",
            "file": CALENDAR_FILE_NAME if letter and letter.kind in WITH_CALENDAR else "",
        },
    )
