"""開示・消去・保留 of one person, for the few who may (仕様書 6): found by name and birth date."""

import uuid
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.common import births, era
from madoguchi.common.errors import ContentChanged, NotVisible, Refusal
from madoguchi.common.phones import mask_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import program
from madoguchi.offices.selectors import offices
from madoguchi.reservations.labels import state_of
from madoguchi.reservations.personal_data import Records
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.retention.selectors import held, shown_session
from madoguchi.retention.services import lift_legal_hold, set_legal_hold
from madoguchi.sites.secretariat.privacy.retention.forms import (
    DiscloseForm,
    EraseForm,
    LegalHoldForm,
    WhoForm,
)
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, seen_in, typed_in
from madoguchi.workflows.privacy import disclosure, retention

NOBODY = "この氏名と生年月日の記録はありません。"
PRIVACY_PERMISSIONS = (Permission.PRIVACY_DISCLOSURE_WRITE, Permission.PRIVACY_ERASURE_WRITE)


@open_to(*PRIVACY_PERMISSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: StaffRequest) -> HttpResponse:
    """Ask for name and birth date; what is typed never stands in an address."""
    form = WhoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("secretariat:personal-show", disclosure.find(**form.cleaned_data))
        except NotVisible:
            form.add_error(None, NOBODY)
    return render(request, "secretariat/privacy/find.html", {"form": form})


@open_to(*PRIVACY_PERMISSIONS)
@require_safe
def show(request: StaffRequest, record_id: uuid.UUID) -> HttpResponse:
    """Show every record under one name and birth date, with what may be done."""
    return _page(request, record_id, LegalHoldForm())


@open_to(Permission.PRIVACY_DISCLOSURE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def disclose(request: StaffRequest, record_id: uuid.UUID) -> HttpResponse:
    """Make the files for a 開示請求; they lie with 書き出したファイル for a day."""
    found = disclosure.records(record_id=record_id, actor=request.actor)
    form = DiscloseForm(request.POST if request.method == "POST" else None, choices=_choices(found))
    if request.method == "POST" and form.is_valid():
        try:
            disclosure.disclose(
                record_id=record_id,
                chosen=form.chosen(),
                request=form.cleaned_data["request_number"],
                by=request.user.display_name,
                actor=request.actor,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "開示の文書（PDF）とデータ（JSON）を作成しました。")
            return redirect("secretariat:exports-list")
    return render(
        request, "secretariat/privacy/disclose.html", {**_who(found), "form": form, "id": record_id}
    )


@open_to(Permission.PRIVACY_ERASURE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: StaffRequest, record_id: uuid.UUID) -> HttpResponse:
    """Take the city's instruction to erase this person."""
    found = disclosure.records(record_id=record_id, actor=request.actor)
    form = EraseForm(
        typed_in(request),
        choices=_choices(found),
        initial={"instructed_by": program().city_section},
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.chosen()
        try:
            retention.order_erasure_of(
                reservations=[row.id for row in found.reservations if row.id in chosen],
                waits=[row.id for row in found.waits if row.id in chosen],
                instruction=form.instruction(),
                actor=request.actor,
                seen=seen_in(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "消去の指示を登録しました。終わると消去証明書ができます。")
            return redirect("secretariat:retention")
    return render(
        request,
        "secretariat/privacy/erase.html",
        {**_who(found), "form": form, "id": record_id, "seen": carry_seen(request, found.shown)},
    )


@open_to(Permission.PRIVACY_ERASURE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def preserve(request: StaffRequest, record_id: uuid.UUID) -> HttpResponse:
    """Keep a reservation from erasure, with the reason."""
    form = LegalHoldForm(typed_in(request))
    if request.method != "POST" or not form.is_valid():
        return _page(request, record_id, form)
    set_legal_hold(
        reservation_id=record_id,
        reason=form.cleaned_data["reason"],
        actor=request.actor,
        seen=seen_in(request),
    )
    messages.success(request, "この予約を保留しました。解除するまで消去されません。")
    return redirect("secretariat:personal-show", record_id)


@open_to(Permission.PRIVACY_ERASURE_WRITE)
@require_POST
def release(request: StaffRequest, record_id: uuid.UUID) -> HttpResponse:
    """Let a reservation be erased again."""
    try:
        lift_legal_hold(reservation_id=record_id, actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise ContentChanged(page=reverse("secretariat:personal-show", args=[record_id])) from None
    messages.success(request, "保留を解除しました。")
    return redirect("secretariat:personal-show", record_id)


def _page(request: StaffRequest, record_id: uuid.UUID, form: LegalHoldForm) -> HttpResponse:
    seen = carry_seen(request, shown_session(record_id))
    found = disclosure.records(record_id=record_id, actor=request.actor)
    places = {row.code: row.short_name for row in offices()}
    kept = held([row.id for row in found.reservations])
    return render(
        request,
        "secretariat/privacy/person.html",
        {
            **_who(found),
            "id": record_id,
            "form": form,
            "seen": seen,
            "rows": [
                {
                    "id": row.id,
                    "what": show_reference(row.reference),
                    "when": era.staff_datetime(row.starts_at),
                    "year": era.era_year(row.starts_at.date()),
                    "office": places[row.office],
                    "tone": state_of(row)[0],
                    "state": state_of(row)[1],
                    "phone": mask_phone(row.person.phone),
                    "kept": kept.get(row.id, ""),
                    "is_open": row.id == record_id,
                }
                for row in found.reservations
            ],
            "waits": [
                {
                    "when": era.staff_datetime(row.entered_at),
                    "offices": "、".join(places[code] for code in row.wish.offices),
                    "state": "終了" if row.ended_at else "空き待ち",
                    "phone": mask_phone(row.person.phone),
                }
                for row in found.waits
            ],
            "is_booking": any(row.id == record_id for row in found.reservations),
            "is_kept": record_id in kept,
            "differs": _differs(found.all),
        },
    )


def _who(found: Records) -> dict[str, str]:
    person = found.person
    return {
        "name": person.name,
        "kana": person.name_kana,
        "born": births.format_birth_date(person.birth_date),
    }


def _choices(found: Records) -> list[tuple[str, str]]:
    places = {row.code: row.short_name for row in offices()}
    what = {
        row.id: f"予約 {show_reference(row.reference)}　{_visit(row, places)}" for row in found.reservations
    }
    what |= {row.id: f"空き待ち　{era.staff_datetime(row.entered_at)} 申込み" for row in found.waits}
    return [(str(row.id), f"{what[row.id]}　電話 {mask_phone(row.person.phone)}") for row in found.all]


def _visit(row: ReservationRow, places: Mapping[str, str]) -> str:
    return f"{era.staff_datetime(row.starts_at)}　{places[row.office]}"


def _differs(rows: Sequence[ReservationRow | WaitRow]) -> bool:
    """Tell whether this may be two people of one name, born on one day."""
    return len({(row.person.phone, row.person.postal_code) for row in rows}) > 1
