"""Write and send the mail that is due, and queue the reminders (仕様書 4(3)ア).

What was queued may be old news by now: the reservation is read again, and what no longer holds is withdrawn.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime, citizen_day, citizen_day_ahead
from madoguchi.common.errors import NotVisible
from madoguchi.common.languages import gettext as _
from madoguchi.common.languages import listed
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import ValueUnreadable, refuse_unreadable
from madoguchi.contract.rules import reminder_instants
from madoguchi.contract.selectors import (
    belongings_for,
    booking_rules,
    procedures,
    program,
    visit_ends_at,
    visit_minutes,
)
from madoguchi.notifications import services as outbox
from madoguchi.notifications.gateways import Attachment, MailGateway, Message, gateway
from madoguchi.notifications.kinds import (
    ABOUT_THE_VISIT,
    ABOUT_WAITING,
    CALENDAR_FILE_NAME,
    REMINDERS,
    TAKES_OUT_OF_CALENDAR,
    WITH_CALENDAR,
    MailError,
    MailKind,
)
from madoguchi.notifications.rules import SINGLE_DEADLINES, filled, without_lines
from madoguchi.notifications.selectors import TextRow, kept_recipient, text_in_force
from madoguchi.notifications.services import ClaimedMail
from madoguchi.offices.pauses import WORDS, pause
from madoguchi.offices.selectors import office, offices
from madoguchi.rendering.ics import CalendarEntry, calendar_file, calendar_method
from madoguchi.reservations.disruption_lists import disruption
from madoguchi.reservations.kinds import reasons
from madoguchi.reservations.selectors import ReservationRow, access_code, due_visits, reservation
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.sealing.services import KeyDestroyed
from madoguchi.workflows.booking.offering import deadlines
from madoguchi.workflows.messages.preview import belongings_in_lines, deadlines_in_words

log = structlog.get_logger()

ABOUT_A_PAUSE: Final = frozenset({MailKind.MOVE_REQUEST, MailKind.AS_PLANNED})
# Reminders are queued a day ahead, and afterwards while they are good: no outage of the worker costs one.
QUEUE_AHEAD: Final = timedelta(days=1)


def send_due_mail(*, limit: int = 100, through: MailGateway | None = None) -> int:
    """Send what is due, at most so many, and return how many were dealt with; call outside transactions.

    Any number of processes may do so at once: each mail is claimed by one of them. It goes `through` the
    gateway of the settings, unless another is given.
    """
    outbox.recover_interrupted()
    through = through or gateway()
    for count in range(limit):
        mail = outbox.claim_next()
        if mail is None:
            return count
        _deliver(mail, through)
    return limit


def queue_due_reminders() -> int:
    """Queue the reminders due within a day, or due before and still good; return how many (仕様書 4(3)ア).

    Idempotent. None for a visit booked or moved after its reminder was due: that mail was enough.
    """
    now = clock.now()
    rules = [booking_rules(now, place.code) for place in offices()]
    days = max((max(each.reminder_days_first, each.reminder_days_second) for each in rules), default=0)
    furthest = clock.at(clock.today() + timedelta(days=days + 2), time())
    count = 0
    for target, starts_at, place, stands_since in due_visits(since=now, until=furthest):
        for kind, (due, until) in _reminders(starts_at, place).items():
            if stands_since <= due < now + QUEUE_AHEAD and now < until:
                outbox.queue_mail(kind=kind, target=str(target), occasion=occasion_of(starts_at), due_at=due)
                count += 1
    return count


def _deliver(mail: ClaimedMail, through: MailGateway) -> None:
    try:
        _write_and_send(mail, through)
    except KeyDestroyed:
        # Erased, perhaps while the mail was being written: nothing was sent, and nobody is left to be told.
        outbox.withdraw_claimed(mail=mail, error=MailError.PERSON_ERASED)
    except ValueUnreadable:
        # Trying again does not help: a person of staff tells the citizen otherwise.
        log.warning("mail_not_written", mail=str(mail.id), kind=mail.kind, error="ValueUnreadable")
        outbox.fail_claimed(mail=mail, error=MailError.NOT_WRITTEN)


def _write_and_send(mail: ClaimedMail, through: MailGateway) -> None:
    try:
        letter = _letter(mail)
        if letter is None:
            outbox.withdraw_claimed(mail=mail)
            return
        text = text_in_force(kind=mail.kind, at=clock.now(), language=letter.language)
        message = letter.with_text(text)
    except (KeyDestroyed, ValueUnreadable):
        raise
    except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop the others
        # The name of the error only: its words may hold what a person typed.
        log.warning("mail_not_written", mail=str(mail.id), kind=mail.kind, error=type(error).__name__)
        outbox.give_back(mail=mail, error=MailError.NOT_WRITTEN)
        return
    # Outside the net above: once the handing over has begun, no error may bring the mail back by itself.
    outbox.hand_over(mail=mail, key_id=letter.key_id, text_id=text.id, message=message, through=through)


@dataclass(frozen=True, slots=True)
class Letter:
    """To whom, and what stands for the placeholders of the text."""

    key_id: uuid.UUID
    recipient: str
    language: str
    values: Mapping[str, str]
    sender_name: str
    attachments: tuple[Attachment, ...] = ()

    def with_text(self, text: TextRow) -> Message:
        """Return the mail in the words of the city, without lines that name a deadline that has passed."""
        body = without_lines(text.body, SINGLE_DEADLINES - self.values.keys())
        return Message(
            recipient=self.recipient,
            subject=filled(text.subject, self.values),
            body=filled(body, self.values),
            sender_name=self.sender_name,
            attachments=self.attachments,
        )


def _letter(mail: ClaimedMail) -> Letter | None:
    """Return what a mail tells, None when there is nothing to tell any more (仕様書 4(3)ア)."""
    try:
        if mail.kind in ABOUT_WAITING:
            return _letter_about_waiting(mail, wait(uuid.UUID(mail.target), scope=EVERYWHERE))
        return _letter_about_a_visit(mail, reservation(uuid.UUID(mail.target), scope=EVERYWHERE))
    except NotVisible:
        return None


def _letter_about_a_visit(mail: ClaimedMail, row: ReservationRow) -> Letter | None:
    recipient = _recipient(mail, row)
    if not recipient or (mail.kind in ABOUT_THE_VISIT and not _holds(mail, row)):
        return None
    _refuse_unreadable(row, recipient)
    language = row.person.language
    with translation.override(language):
        return Letter(
            row.key_id, recipient, language, _values(mail, row), _sender_name(), _attachments(mail, row)
        )


def _letter_about_waiting(mail: ClaimedMail, row: WaitRow) -> Letter | None:
    if not row.person.email or not _still_waits(mail, row):
        return None
    _refuse_unreadable(row, row.person.email)
    language = row.person.language
    with translation.override(language):
        return Letter(row.key_id, row.person.email, language, _values_about_waiting(row), _sender_name())


def _still_waits(mail: ClaimedMail, row: WaitRow) -> bool:
    still_holds = {
        MailKind.WAIT_ENTERED: row.ended_at is None,
        MailKind.WAIT_OFFER: row.is_open,
        MailKind.WAIT_OVER: row.ended_at is not None,
    }
    return still_holds[mail.kind]


def _refuse_unreadable(row: ReservationRow | WaitRow, recipient: str) -> None:
    """Raise ValueUnreadable when a mail would lack its recipient, the name or the link."""
    refuse_unreadable(recipient, row.person.name, row.person.name_kana)
    if not row.link_token:
        raise ValueUnreadable


def _values_about_waiting(row: WaitRow) -> dict[str, str]:
    days = {"first": citizen_day(row.wish.first_day), "last": citizen_day(row.wish.last_day)}
    values = _call_centre() | {
        "reference": show_reference(row.reference),
        "people": str(len(row.visitors)),
        "procedures": _names_of(row.procedures),
        "offices": listed(office(code).name for code in row.wish.offices),
        "days": _("%(first)sから%(last)sまで") % days,
        "link": f"{settings.SITE_URL}{reverse('citizen:wait-show', args=[row.link_token])}",
    }
    if row.starts_at and row.ends_at and row.offer_until:
        place = office(row.office)
        # Of a family from the first to the last; one alone may be done before the slot ends.
        family = int((row.ends_at - row.starts_at).total_seconds()) // 60
        minutes = family if len(row.visitors) > 1 else visit_minutes(row.procedures)
        values |= {
            "when": citizen_datetime(row.starts_at),
            "minutes": str(minutes),
            "office": place.name,
            "address": place.address,
            "access": place.access or place.address,
            "offer_until": citizen_datetime(row.offer_until),
        }
    return values


def _names_of(codes: Collection[str]) -> str:
    return listed(row.name for row in procedures(enabled_only=False) if row.code in codes)


def _sender_name() -> str:
    names = {"city": program().city_name, "contractor": program().contractor_name}
    return _("%(city)s（%(contractor)s）") % names


def _call_centre() -> dict[str, str]:
    contract = program()
    return {"phone": contract.call_centre_phone, "phone_hours": contract.call_centre_hours}


def _recipient(mail: ClaimedMail, row: ReservationRow) -> str:
    """Return where a mail goes: to the address registered now, but a change of it to the one before."""
    return kept_recipient(mail.id) if mail.kind == MailKind.CONTACT_CHANGED else row.person.email


def _holds(mail: ClaimedMail, row: ReservationRow) -> bool:
    now = clock.now()
    if mail.kind in TAKES_OUT_OF_CALENDAR:
        return not row.is_booked
    if mail.kind == MailKind.ACCESS_CODE:
        return now < datetime.fromisoformat(mail.occasion)
    if mail.kind in ABOUT_A_PAUSE:
        is_same = mail.occasion.startswith(occasion_of(row.starts_at))
        # Another time may be chosen although the old one has passed meanwhile.
        is_gone = mail.kind == MailKind.MOVE_REQUEST
        return is_same and row.is_disrupted == is_gone and (is_gone or now < row.starts_at) and row.is_booked
    if mail.kind in REMINDERS:
        if row.is_disrupted:
            return False
        _due, until = _reminders(row.starts_at, row.office)[mail.kind]
        return row.is_booked and mail.occasion == occasion_of(row.starts_at) and now < until
    return row.is_booked and now < row.starts_at


def _reminders(starts_at: datetime, place: str) -> dict[MailKind, tuple[datetime, datetime]]:
    """Return from when until when each reminder of a visit is good: until the next one, or the visit."""
    day = clock.to_jst(starts_at).date()
    first, second = reminder_instants(day, booking_rules(clock.now(), place))
    # Due at one instant, one of them is enough.
    first_until = second if first <= second else starts_at
    second_until = first if second < first else starts_at
    return {
        MailKind.REMINDER_3: (first, min(first_until, starts_at)),
        MailKind.REMINDER_1: (second, min(second_until, starts_at)),
    }


def occasion_of(starts_at: datetime) -> str:
    """Return what tells the mails about one time of a visit from those about another."""
    return starts_at.astimezone(UTC).isoformat()


def _attachments(mail: ClaimedMail, row: ReservationRow) -> tuple[Attachment, ...]:
    if mail.kind not in WITH_CALENDAR:
        return ()
    is_over = mail.kind in TAKES_OUT_OF_CALENDAR
    content = calendar_file(calendar_entry(row), cancelled=is_over)
    # Mail programs read the type and the file: both name the same method (RFC 6047).
    parameters = {"method": calendar_method(cancelled=is_over), "charset": "utf-8"}
    return (Attachment(CALENDAR_FILE_NAME, content, "text/calendar", parameters),)


def _values(mail: ClaimedMail, row: ReservationRow) -> dict[str, str]:
    """Return what stands for each placeholder; the name is none of them, for one address may serve four."""
    place, until, now = office(row.office), deadlines(row.starts_at, row.office), clock.now()
    path = reverse("citizen:link-show", args=[row.link_token]) if row.is_booked else "/"
    values = {
        "reference": show_reference(row.reference),
        "when": citizen_datetime(row.starts_at),
        "visit_day": citizen_day_ahead(clock.to_jst(row.starts_at).date(), clock.today()),
        "minutes": str(visit_minutes(row.procedures)),
        "office": place.name,
        "address": place.address,
        "access": place.access or place.address,
        "procedures": _names_of(row.procedures),
        "belongings": belongings_in_lines(belongings_for(row.procedures)),
        "link": f"{settings.SITE_URL}{path}",
        "deadlines": deadlines_in_words(change=until.change, cancel=until.cancel, now=now),
    } | _call_centre()
    single = {"change_until": until.change, "cancel_until": until.cancel}
    values |= {name: citizen_datetime(instant) for name, instant in single.items() if now <= instant}
    if mail.kind == MailKind.OFFICE_CANCELLED:
        values["cause"] = _(dict(reasons()).get(row.cancel_reason, ""))
    if mail.kind in ABOUT_A_PAUSE:
        values |= _about_a_pause(int(mail.occasion.rpartition(" ")[2]), row)
    if mail.kind == MailKind.ACCESS_CODE:
        values["code"] = access_code(row.id)
        values["code_until"] = citizen_datetime(datetime.fromisoformat(mail.occasion))
    return values


def _about_a_pause(disruption_id: int, row: ReservationRow) -> dict[str, str]:
    """Return the cause, and where only one procedure is stopped, which one and which are not."""
    listed_people = disruption(disruption_id)
    found = pause(listed_people.pause) if listed_people.pause else None
    cause = _(WORDS[found.cause]) if found else _("郵便局の都合")
    if found is None or not found.scope.procedure:
        return {"cause": cause, "stopped": ""}
    names = {item.code: item.name for item in procedures(enabled_only=False) if item.code in row.procedures}
    stopped = "\n" + _("止まっている手続き：%(names)s") % {"names": names.pop(found.scope.procedure, "")}
    if names:
        stopped += "\n" + _("%(names)sは、止まっていません。") % {"names": listed(names.values())}
        stopped += _("予約の日時にこれだけをご希望のときは、お電話ください。")
    return {"cause": cause, "stopped": stopped}


def calendar_entry(row: ReservationRow) -> CalendarEntry:
    """Return a visit as an entry for its owner's calendar: the same one in every mail and on every page.

    The sequence grows with each change, as calendars ask for. No secret link: calendars are shared.
    """
    place, contract = office(row.office), program()
    latest = row.cancelled_at or row.changed_at
    return CalendarEntry(
        uid=f"{row.id}@{settings.SITE_URL.partition('://')[2]}",
        sequence=int(latest.timestamp()) if latest else 0,
        starts_at=row.starts_at,
        ends_at=visit_ends_at(row.starts_at, row.procedures),
        summary=_("%(city)sのご予約") % {"city": contract.city_name},
        location=f"{place.name} {place.address}",
        description=_("予約番号 %(reference)s") % {"reference": show_reference(row.reference)}
        + f"\n{contract.call_centre_name} {contract.call_centre_phone}",
        organizer=settings.MAIL_FROM,
    )
