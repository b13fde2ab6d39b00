"""Reservations as lines of text for the secretariat: nothing is left for the template to decide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from madoguchi.audit.selectors import AuditRow
from madoguchi.common import births, clock, era
from madoguchi.common.names import mask_email
from madoguchi.common.phones import mask_phone, show_phone
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.rows import BelongingRow
from madoguchi.contract.selectors import check_deadline, visit_ends_at
from madoguchi.notifications.kinds import MailState
from madoguchi.notifications.selectors import MailRow
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.kinds import CONTACT_LABELS, channels, reasons
from madoguchi.reservations.labels import changes_label, language_label, needs_labels, state_of
from madoguchi.reservations.rules import age_on
from madoguchi.reservations.search import ListRow
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.retention.actions import RetentionAction
from madoguchi.retention.labels import ACTION_LABELS

CHANNELS: Final = dict(channels())
# 「理由なし」 is no news.
REASONS: Final = {code: words for code, words in reasons() if code != "NOT_GIVEN"}
EVENTS: Final = (
    ReservationAction.BOOKED,
    ReservationAction.JOINED,
    ReservationAction.MOVED,
    ReservationAction.PROCEDURES_CHANGED,
    ReservationAction.CORRECTED,
    ReservationAction.CANCELLED,
    ReservationAction.CHECKED,
    ReservationAction.CHECK_UNDONE,
    ReservationAction.CALLED,
)
ACCESS_EVENTS: Final = (
    ReservationAction.VIEWED,
    ReservationAction.LISTED,
    ReservationAction.REVEALED,
    ReservationAction.EXPORTED,
    ReservationAction.LOOKED_UP,
    ReservationAction.CALLER_CHECKED,
    RetentionAction.LEGAL_HOLD_SET,
    RetentionAction.LEGAL_HOLD_LIFTED,
    RetentionAction.DISCLOSED,
)
COLUMNS: Final = {
    "name": "氏名",
    "name_kana": "フリガナ",
    "birth_date": "生年月日",
    "postal_code": "郵便番号",
    "address": "住所",
    "phone": "電話番号",
    "email": "メールアドレス",
    "contact_by": "連絡方法",
    "language": "お知らせの言葉",
    "ward_code": "区",
    "details": "手続きの詳細",
    "needs": "窓口での配慮",
}


@dataclass(frozen=True, slots=True)
class BookingLine:
    """One reservation of a list."""

    id: str
    key: str
    reference: str
    when: str
    office: str
    name: str
    kana: str
    called_name: str
    phone: str
    procedures: str
    tone: str
    state: str
    channel: str
    booked: str
    due: str
    due_tone: str
    needs: str
    cancelled: bool
    url: str

    @classmethod
    def of(cls, row: ListRow, *, offices: Mapping[str, str], procedures: Mapping[str, str], url: str) -> Self:
        """Return the line of a row; `offices` and `procedures` are short names by code."""
        tone, state = state_of(row)
        due_tone, due = due_of(row)
        return cls(
            id=str(row.id),
            key=row.reference,
            reference=show_reference(row.reference),
            when=era.staff_datetime(row.starts_at),
            office=offices[row.office],
            name=row.name,
            kana=row.name_kana,
            called_name=row.called_name,
            phone=row.phone,
            procedures="・".join(procedures[code] for code in row.procedures),
            tone=tone,
            state=state,
            channel=row.channel_label,
            booked=era.staff_datetime(row.booked_at),
            due=due,
            due_tone=due_tone,
            needs="・".join(needs_labels(row.needs)),
            cancelled=row.status == "CANCELLED",
            url=url,
        )


def due_of(row: ListRow | ReservationRow) -> tuple[str, str]:
    """Return the tone and words of the deadline of the check, "" where there is nothing left to check."""
    if row.status == "CANCELLED" or row.checked_at or row.starts_at <= clock.now():
        return "", ""
    due = check_deadline(row.booked_at)
    if due < clock.now():
        return "overdue", f"期限切れ {era.staff_datetime(due)}"
    return (
        "attention" if clock.to_jst(due).date() == clock.today() else "neutral"
    ), f"{era.staff_datetime(due)}まで"


@dataclass(frozen=True, slots=True)
class BookingFact:
    """One value with its name; `reveal` names what stays hidden until a reason is given."""

    label: str
    text: str
    reveal: str = ""


@dataclass(frozen=True, slots=True)
class BookingEvent:
    """One thing that happened."""

    at: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Together:
    """Somebody who was booked together with the person that is open: no name, only the way there."""

    reference: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The reservation that is open beside a list."""

    id: str
    key: str
    reference: str
    name: str
    kana: str
    tone: str
    state: str
    is_booked: bool
    can_check: bool
    due: str
    due_tone: str
    # The check that can be taken back, by its instant.
    checked_at: str
    # What is looked through here: whoever ticks it off ticks off this.
    seen: str
    visit: Sequence[BookingFact]
    person: Sequence[BookingFact]
    events: Sequence[BookingEvent]
    together: Sequence[Together]

    @classmethod
    def of(
        cls,
        row: ReservationRow,
        *,
        office: str,
        procedures: Sequence[str],
        belongings: Sequence[BelongingRow],
        events: Sequence[BookingEvent],
        together: Sequence[Together] = (),
        revealed: str = "",
    ) -> Self:
        """Return the panel; telephone and mail stay masked but for the one that is revealed."""
        person, details = row.person, row.person.details
        tone, state = state_of(row)
        due_tone, due = due_of(row)
        ends_at = clock.to_jst(visit_ends_at(row.starts_at, row.procedures))
        visit_day = clock.to_jst(row.starts_at).date()
        reason = REASONS.get(row.cancel_reason, "")
        return cls(
            id=str(row.id),
            key=row.reference,
            reference=show_reference(row.reference),
            name=person.name,
            kana=person.name_kana,
            tone=tone,
            state=f"{state}　{reason}" if reason else state,
            is_booked=row.is_booked,
            seen=row.shown_person,
            can_check=row.is_booked and row.checked_at is None and row.starts_at > clock.now(),
            due=due,
            due_tone=due_tone,
            checked_at=row.checked_at.isoformat()
            if row.is_booked and row.checked_at and row.starts_at > clock.now()
            else "",
            visit=[
                BookingFact("日時", f"{era.staff_datetime(row.starts_at)}–{ends_at:%H:%M}"),
                BookingFact("郵便局", office),
                BookingFact("手続き", "\n".join(procedures)),
                BookingFact("持参物", "\n".join(each.text for each in belongings)),
                *_if_any("当日に必要", "・".join(needs_labels(details.needs))),
                BookingFact("受付", f"{era.staff_datetime(row.booked_at)}　{CHANNELS.get(row.channel, '')}"),
            ],
            person=[
                BookingFact(
                    "生年月日",
                    births.format_birth_date(person.birth_date) + _age(person.birth_date, visit_day),
                ),
                BookingFact("住所", f"{_postal(person.postal_code)}{person.address}"),
                _hidden("電話番号", "phone", show_phone(person.phone), mask_phone(person.phone), revealed),
                _hidden("メール", "email", person.email, mask_email(person.email), revealed)
                if person.email
                else BookingFact("メール", "なし"),
                BookingFact("連絡方法", CONTACT_LABELS.get(person.contact_by, "")),
                *_if_any("お知らせの言葉", language_label(person.language)),
                *_if_any("お呼びする名前", details.called_name),
                *_if_any("入力できない字", details.unreadable_characters),
                *_if_any("変わったもの", changes_label(details.changes)),
                *_if_any("前の住所", details.old_address),
                *_if_any("新しい住所", details.new_address),
            ],
            events=events,
            together=together,
        )


def _postal(code: str) -> str:
    return f"{code} " if isinstance(code, Unreadable) else f"〒{code[:3]}-{code[3:]} "


def _age(born: births.BirthDate, day: date) -> str:
    return "" if born == births.UNREADABLE_DATE else f"（{age_on(born, day)}歳{_at_least(born)}）"


def _at_least(born: births.BirthDate) -> str:
    return "" if isinstance(born, date) else "以上"


def _if_any(label: str, text: str) -> list[BookingFact]:
    return [BookingFact(label, text)] if text else []


def _hidden(label: str, name: str, text: str, masked: str, revealed: str) -> BookingFact:
    return BookingFact(label, text) if revealed == name else BookingFact(label, masked, reveal=name)


def events_of(
    entries: Iterable[AuditRow], mails: Iterable[MailRow], *, name: Callable[[str], str]
) -> list[BookingEvent]:
    """Return what happened to a reservation and its mails, in words, latest first."""
    found = [
        (entry.at, ACTION_LABELS.get(entry.action, entry.action) + _more(entry), name(entry.actor))
        for entry in entries
    ]
    found += [
        (mail.sent_at or mail.due_at, f"メール（{mail.kind_name}）　{mail.state_name}", mail.error_name)
        for mail in mails
        if mail.state != MailState.WITHDRAWN
    ]
    found.sort(key=lambda event: event[0], reverse=True)
    return [BookingEvent(f"{clock.to_jst(at):%-m/%-d %H:%M}", what, who) for at, what, who in found]


def _more(entry: AuditRow) -> str:
    detail = entry.detail
    if entry.action == ReservationAction.BOOKED:
        return f"　{CHANNELS.get(str(detail.get('channel')), '')}"
    if entry.action == ReservationAction.CORRECTED and isinstance(columns := detail.get("columns"), list):
        return f"　{'・'.join(COLUMNS.get(column, '') for column in columns)}"
    if entry.action == ReservationAction.CALLED:
        return "　つながった" if detail.get("reached") else "　不在"
    if reason := REASONS.get(str(detail.get("reason"))):
        return f"　{reason}"
    return ""
