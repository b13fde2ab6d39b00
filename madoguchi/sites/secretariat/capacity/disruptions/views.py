"""People affected by a closure, a pause or a change of seats (仕様書 4(3)ア).

Each is called, mailed, moved, cancelled or kept, one by one.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, NotVisible, Refusal
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import procedures
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.selectors import text_in_force
from madoguchi.offices.pauses import WORDS, pause
from madoguchi.offices.selectors import office, offices
from madoguchi.panels import downloads
from madoguchi.panels.call_lists import NOT_CALLED, TOLD
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.availability import Start
from madoguchi.reservations.disruption_lists import (
    DisruptedRow,
    DisruptionRow,
    Part,
    disrupted_visits,
    disruption,
    disruptions,
    part_sizes,
)
from madoguchi.reservations.disruptions import keep_visit, mark_called
from madoguchi.reservations.labels import notice_channel
from madoguchi.reservations.search import PAGE_SIZE, ListRow
from madoguchi.web.lists import (
    page_number,
    page_of,
    unread_choice,
    unread_in,
    whole_number,
    with_values,
)
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import seen_in
from madoguchi.workflows.booking.documents import call_list_document
from madoguchi.workflows.booking.offering import alternatives, nearest_starts, slots_for
from madoguchi.workflows.callcentre.calls import export_numbers, words_for_call
from madoguchi.workflows.messages.preview import render_sample_mail
from madoguchi.workflows.outage.disruptions import mail_affected
from madoguchi.workflows.privacy.access import phones_for_calls, record_access

RESOLUTIONS: Final = {
    "MOVED": ("done", "日時を変更"),
    "CANCELLED": ("cancelled", "取消し"),
    "KEPT": ("done", "予定どおり"),
}
PARTS: Final[Mapping[Part, str]] = {
    "all": "全員",
    "mail": "メール 未送信",
    "call": "電話 未連絡",
    "notified": "返事待ち",
    "reinstated": "予定どおりの連絡",
    "done": "完了",
}


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """List the disruptions, with the number of people not resolved yet."""
    return render(
        request,
        "secretariat/capacity/disruptions/list.html",
        {
            "rows": [
                {
                    "id": row.id,
                    "title": row.title,
                    "at": era.staff_datetime(row.created_at),
                    "people": row.people,
                    "left": row.left,
                    "tone": "attention" if row.left else "done",
                    "state": f"残り{row.left}人" if row.left else "完了",
                }
                for row in disruptions()
            ]
        },
    )


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show(request: StaffRequest, disruption_id: int) -> HttpResponse:
    """Show the people of one list; the one that is open with the number to call and times to offer."""
    row = disruption(disruption_id)
    sizes = part_sizes(disruption_id)
    part: Part = next((name for name in PARTS if name == request.GET.get("part")), "all")
    page = page_of(number=page_number(request.GET.get("page", "")), size=PAGE_SIZE, total=sizes[part])
    unread = [*filter(None, [unread_choice(request.GET, "part", PARTS)]), *unread_in(request.GET)]
    visits = [] if unread else disrupted_visits(disruption_id, part=part, page=page.number, scope=EVERYWHERE)
    record_access(rows=[visit.visit for visit in visits], actor=request.actor)
    chosen = next((visit for visit in visits if str(visit.id) == request.GET.get("open")), None)
    short = {each.code: each.short_name for each in offices()}
    return render(
        request,
        "secretariat/capacity/disruptions/show.html",
        {
            "disruption": row,
            "sizes": sizes,
            "parts": [
                {
                    "label": label,
                    "size": sizes[name],
                    "url": with_values(request.GET, part=name, page=None, open=None),
                    "current": name == part,
                }
                for name, label in PARTS.items()
                if sizes[name] or name in {"all", part}
            ],
            "page": page,
            "unread": unread,
            "letter": letter(row) if sizes["mail"] else {},
            "made": era.staff_datetime(row.created_at),
            "rows": [_line(visit, short, with_values(request.GET, open=visit.id)) for visit in visits],
            "panel": _panel(request, chosen) if chosen else None,
            "close_url": with_values(request.GET, open=None),
        },
    )


def letter(row: DisruptionRow) -> dict[str, str]:
    """Return the mail of a list as it would arrive, with made-up facts of the visit; {} without its words."""
    try:
        text = text_in_force(kind=MailKind.MOVE_REQUEST, at=clock.now())
    except NotVisible:
        return {}
    found = pause(row.pause) if row.pause else None
    names = {each.code: each.name for each in procedures(enabled_only=False)}
    stopped = (
        f"\n止まっている手続き：{names[found.scope.procedure]}" if found and found.scope.procedure else ""
    )
    cause = WORDS[found.cause] if found else "郵便局の都合"
    return {
        "subject": render_sample_mail(text.subject),
        "body": render_sample_mail(text.body, values={"cause": cause, "stopped": stopped}).strip(),
    }


def typed_number(text: str) -> int:
    """Return a number as typed, full-width or not; 0 for nonsense."""
    return whole_number(unicodedata.normalize("NFKC", text).strip().removesuffix("人"))


def _line(visit: DisruptedRow, short: dict[str, str], url: str) -> dict[str, object]:
    tone, state = RESOLUTIONS.get(visit.resolution, ("attention", NOT_CALLED))
    if not visit.resolution and visit.notified_at:
        tone, state = "running", f"{TOLD}・返事待ち"
    elif visit.needs_reinstatement_notice:
        tone, state = "attention", "予定どおり・連絡が必要"
    return {
        "id": visit.id,
        "url": url,
        "was": era.staff_datetime(visit.was_at),
        "now": era.staff_datetime(visit.visit.starts_at) if visit.resolution == "MOVED" else "",
        "office": short[visit.visit.office],
        "name": visit.visit.name,
        "kana": visit.visit.name_kana,
        "contact": notice_channel(visit.visit),
        "phone": visit.visit.phone,
        "reference": show_reference(visit.visit.reference),
        "tone": tone,
        "state": state,
    }


def _panel(request: StaffRequest, visit: DisruptedRow) -> dict[str, object]:
    """Return what is needed for one call: the number in clear, on record, and times nearby."""
    row = visit.visit
    phone = phones_for_calls(reservations=[row.id], actor=request.actor, scope=EVERYWHERE)[row.id]
    names = [each.name for each in procedures(enabled_only=False) if each.code in row.procedures]
    move = reverse("secretariat:reservations-move", args=[row.reference])
    cancel = reverse("secretariat:reservations-cancel", args=[row.reference])
    return {
        "id": visit.id,
        "key": row.reference,
        "reference": show_reference(row.reference),
        "name": row.name,
        "kana": row.name_kana,
        "phone": show_phone(phone),
        "contact": notice_channel(row),
        "has_email": row.has_email,
        "was": era.staff_datetime(visit.was_at),
        "office": office(row.office).name,
        "procedures": "・".join(names),
        "seen": visit.shown,
        "is_open": not visit.resolution and row.status == "BOOKED",
        "needs_reinstatement_notice": visit.needs_reinstatement_notice,
        "notified_at": era.staff_datetime(visit.notified_at) if visit.notified_at else "",
        "offers": [
            {
                "label": era.staff_datetime(start.starts_at),
                "office": office(start.office).short_name,
                "url": _take(move, start),
            }
            for start in ([] if visit.resolution else _offers(row))
        ],
        "move_url": move,
        "cancel_url": f"{cancel}?reason=OFFICE_CLOSED",
        "scripts": scripts(
            words_for_call(
                text="script.as_planned_call"
                if visit.needs_reinstatement_notice
                else "script.disruption_call",
                name=row.name,
                place=row.office,
                at=visit.was_at,
            )
        ),
    }


def _offers(row: ListRow) -> list[Start]:
    """Return the nearest free starts at the same office, and one or two at others."""
    slots = slots_for(row.procedures)
    codes = row.procedures
    same = nearest_starts(
        office_code=row.office, slots=slots, around=row.starts_at, channel="SECRETARIAT", limit=4, codes=codes
    )
    others = alternatives(
        office_code=row.office, slots=slots, channel="SECRETARIAT", moving=True, codes=codes
    )
    return [*same, *(start for start in others if start.office != row.office)]


def _take(move: str, start: Start) -> str:
    """Return the address that moves a visit to this start."""
    day = clock.to_jst(start.starts_at).date()
    return f"{move}?{urlencode({'office': start.office, 'day': day, 'slot': start.slot})}"


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def tell(request: StaffRequest, disruption_id: int, visit_id: int) -> HttpResponse:
    """Record that the person was notified."""
    page = f"{reverse('secretariat:disruptions-show', args=[disruption_id])}?open={visit_id}"
    try:
        mark_called(visit_id=visit_id, actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise ContentChanged(page=page) from None
    messages.success(request, "伝えたことを記録しました。")
    return redirect(page)


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def keep(request: StaffRequest, disruption_id: int, visit_id: int) -> HttpResponse:
    """Record that the person is served as planned all the same."""
    page = reverse("secretariat:disruptions-show", args=[disruption_id])
    try:
        keep_visit(visit_id=visit_id, actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise ContentChanged(page=f"{page}?open={visit_id}") from None
    messages.success(request, "予定どおり受け付けることにしました。")
    return redirect(page)


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def mail(request: StaffRequest, disruption_id: int) -> HttpResponse:
    """Ask everyone with a mail address to choose another time, once somebody has typed how many these are."""
    row = disruption(disruption_id)
    try:
        count = mail_affected(
            disruption_id=disruption_id,
            people=typed_number(request.POST.get("people", "")),
            actor=request.actor,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{count}人にメールを送ります。送信は数分で終わります。")
    if row.pause:
        return redirect(f"{reverse('secretariat:pauses-show', args=[row.pause])}#mail")
    return redirect("secretariat:disruptions-show", disruption_id)


@open_to(Permission.SECRETARIAT_EXPORT_READ)
@require_POST
def take_calls(request: StaffRequest, disruption_id: int) -> HttpResponse:
    """Print the list of people who must be called, by the time of the visit (仕様書 4(5)ウ)."""
    visits = [row.visit for row in disrupted_visits(disruption_id, part="call", scope=EVERYWHERE)]
    rows = export_numbers(rows=[(visit, notice_channel(visit)) for visit in visits], actor=request.actor)
    return downloads.answer(call_list_document(rows, by=request.user.display_name), name="calls", kind="pdf")
