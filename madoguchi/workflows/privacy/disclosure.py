"""開示請求: everything held on one person, and on nobody else, as a PDF and as JSON (仕様書 6).

個人情報保護法 第76条. A person is name and birth date. Telephone and address lead to a family, and so never
count; where two records of one name differ in them, whoever discloses is told.
"""

import json
import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction

from madoguchi.accounts.selectors import organisations_of
from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import AuditRow, entries_about_any
from madoguchi.audit.services import record_each
from madoguchi.common import births, clock, era
from madoguchi.common.births import BirthDate
from madoguchi.common.errors import NotVisible
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import procedures, program, visit_minutes, wards
from madoguchi.notifications import personal_data as notifications
from madoguchi.notifications.personal_data import SentRow
from madoguchi.offices.selectors import offices
from madoguchi.rendering.documents import Disclosure, Section, disclosure
from madoguchi.reservations import personal_data as reservations
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.kinds import (
    CONTACT_LABELS,
    NEED_LABELS,
    SEX_LABELS,
    UNKNOWN_PIN_LABELS,
    channels,
    reasons,
)
from madoguchi.reservations.labels import changes_label, state_of
from madoguchi.reservations.people import Person, person_hash
from madoguchi.reservations.personal_data import Records
from madoguchi.reservations.selectors import ReservationRow, contacts_of, person_hash_of
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.retention import exports
from madoguchi.retention.actions import RetentionAction
from madoguchi.retention.errors import NobodySelected
from madoguchi.retention.labels import ACTION_LABELS
from madoguchi.workflows.booking.documents import issuer

REASON: Final = "DISCLOSURE"
# More than anybody's trail is long.
MAX_ENTRIES: Final = 10_000
ACTORS: Final = {"citizen": "ご本人（Web）", "system": "システム", "partner": "連携先", "staff": "職員"}


def find(*, name: str, birth_date: BirthDate) -> uuid.UUID:
    """Return any record of a name and birth date. Raises NotVisible when nothing is held."""
    found = reservations.held_on(person_hash(name=name, birth_date=birth_date)).all
    if not found:
        raise NotVisible
    return found[0].id


def records(*, record_id: uuid.UUID, actor: Actor) -> Records:
    """Return everything under the name and birth date of one record; each is on record as seen.

    Raises NotVisible.
    """
    found = _records(record_id)
    _note(ReservationAction.VIEWED, ReservationAction.VIEWED, found, actor)
    return found


def _records(record_id: uuid.UUID) -> Records:
    return reservations.held_on(person_hash_of(record_id))


def disclose(
    *, record_id: uuid.UUID, chosen: Collection[uuid.UUID], request: str, by: str, actor: Actor
) -> None:
    """Write what is held on a person into two files for who asked, kept for a day, on record.

    `chosen` are the records that are this person's; `request` is the number of the request. Raises
    NotVisible and NobodySelected; then nothing is kept.
    """
    all_records = _records(record_id)
    found = Records(
        [row for row in all_records.reservations if row.id in chosen],
        [row for row in all_records.waits if row.id in chosen],
    )
    if not found.all:
        raise NobodySelected
    paper = Disclosure(
        issuer=issuer(),
        city=program().city_name,
        name=found.person.name,
        request=request,
        sections=list(_sections(found)),
    )
    content = json.dumps(
        {
            "request": request,
            "made_at": clock.now().isoformat(),
            "sections": [{"title": each.title, "facts": list(each.facts)} for each in paper.sections],
        },
        ensure_ascii=False,
        indent=1,
    )
    printed = disclosure(paper, printed_by=by)
    with transaction.atomic(durable=True):
        exports.store_finished_export(kind="pdf", reason=REASON, content=printed, actor=actor)
        exports.store_finished_export(kind="json", reason=REASON, content=content.encode(), actor=actor)
        _note(RetentionAction.DISCLOSED, RetentionAction.WAIT_DISCLOSED, found, actor, request=request)


def _note(booked: StrEnum, waited: StrEnum, found: Records, actor: Actor, **detail: object) -> None:
    for action, kind, rows in ((booked, "reservation", found.reservations), (waited, "wait", found.waits)):
        targets = [f"{kind}:{row.id}" for row in rows]
        record_each(action=action, actor=actor, targets=targets, detail={"reason": REASON, **detail})


def _sections(found: Records) -> Iterable[Section]:
    places = {row.code: row.name for row in offices()}
    names = {str(row.code): row.name for row in procedures(enabled_only=False)}
    for row in found.reservations:
        yield Section(f"予約 {show_reference(row.reference)}", list(_visit(row, places, names)))
    for wait in found.waits:
        yield Section(f"空き待ち {_instant(wait.entered_at)}", list(_wait(wait, places, names)))
    ids = [row.id for row in found.all]
    if mails := notifications.held_on([str(each) for each in ids]):
        yield Section("送ったメール", [(_instant(mail.at), _mail(mail)) for mail in mails])
    if contacts := contacts_of(ids):
        yield Section("電話などの連絡", [(_instant(row.at), row.what) for row in contacts])
    targets = [f"{kind}:{each}" for each in ids for kind in ("reservation", "wait")]
    entries = entries_about_any(targets, limit=MAX_ENTRIES)
    who = _actors(entries)
    yield Section(
        "操作と閲覧の記録",
        [
            (_instant(row.at), f"{ACTION_LABELS.get(row.action, row.action)}　{who(row.actor)}")
            for row in reversed(entries)
        ],
    )


def _visit(row: ReservationRow, places: dict[str, str], names: dict[str, str]) -> Iterable[tuple[str, str]]:
    yield "状態", state_of(row)[1]
    yield "日時", f"{_instant(row.starts_at)}（{visit_minutes(row.procedures)}分）"
    yield "郵便局", places[row.office]
    yield "手続き", "、".join(names[code] for code in row.procedures)
    yield "受付", f"{_instant(row.booked_at)}　{dict(channels())[row.channel]}"
    for label, at in (("変更", row.changed_at), ("内容の確認", row.checked_at), ("取消し", row.cancelled_at)):
        if at:
            yield label, _instant(at)
    if row.cancel_reason:
        yield "取消しの理由", dict(reasons())[row.cancel_reason]
    yield from facts_of(row.person)


def _wait(row: WaitRow, places: dict[str, str], names: dict[str, str]) -> Iterable[tuple[str, str]]:
    yield "申込み", f"{_instant(row.entered_at)}　{dict(channels())[row.channel]}"
    if row.ended_at:
        yield "終わり", _instant(row.ended_at)
    wish = row.wish
    yield "希望の郵便局", "、".join(places[code] for code in wish.offices)
    yield "希望の日", f"{era.era_date(wish.first_day)}から{era.era_date(wish.last_day)}まで"
    yield "希望の時間", f"{wish.earliest:%H:%M}から{wish.latest:%H:%M}まで"
    yield "手続き", "、".join(names[code] for code in row.procedures)
    if row.tries:
        yield "不在だった電話", f"{row.tries}回"
    yield from facts_of(row.person)


def facts_of(person: Person) -> Iterable[tuple[str, str]]:
    """Return all that a person typed, with names; what is empty is left out."""
    details = person.details
    ward = {row.code: row.name for row in wards()}
    facts = {
        "氏名": person.name,
        "フリガナ": person.name_kana,
        "生年月日": births.format_birth_date(person.birth_date),
        "郵便番号": person.postal_code,
        "住所": person.address,
        "電話番号": show_phone(person.phone) if person.phone else "",
        "メールアドレス": person.email,
        "連絡方法": CONTACT_LABELS.get(person.contact_by, person.contact_by),
        "区": ward.get(person.ward_code, person.ward_code),
        "言語": person.language,
        "カードの有効期限": details.card_expires_on,
        "電子証明書の有効期限": details.cert_expires_on,
        "わからない暗証番号の種類": "、".join(
            UNKNOWN_PIN_LABELS.get(each, each) for each in details.unknown_pins
        ),
        "変わったもの": changes_label(details.changes),
        "前の住所": details.old_address,
        "新しい住所": details.new_address,
        "変更の日": details.changed_on,
        "性別": SEX_LABELS.get(details.sex, details.sex),
        "入力できない字": details.unreadable_characters,
        "お呼びする名前": details.called_name,
        "窓口での配慮": "、".join(NEED_LABELS.get(each, each) for each in details.needs),
    }
    return ((label, text) for label, text in facts.items() if text)


def _mail(mail: SentRow) -> str:
    head = "　".join(filter(None, (mail.kind_name, mail.state_name, mail.recipient)))
    return "\n".join(filter(None, (head, mail.subject, mail.body)))


def _actors(entries: Iterable[AuditRow]) -> Callable[[str], str]:
    """Return a function from an actor to where they work: the names of staff are theirs."""
    kinds = {entry.actor: entry.actor.partition(":") for entry in entries}
    ids = [int(key) for kind, _, key in kinds.values() if kind == "staff" and key.isdecimal()]
    places = organisations_of(ids)

    def who(actor: str) -> str:
        kind, _, key = kinds[actor]
        return (places.get(int(key)) if key.isdecimal() else None) or ACTORS.get(kind, "職員")

    return who


def _instant(at: datetime) -> str:
    local = clock.to_jst(at)
    return f"{era.era_date(local.date())} {local:%H:%M}"
