"""A booking as its owner sees it: in full, or masked."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime, citizen_day, citizen_time
from madoguchi.common.languages import listed
from madoguchi.common.names import mask_email, mask_name
from madoguchi.common.references import show_reference
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import BelongingRow
from madoguchi.contract.rules import BookingRules, reminder_instants
from madoguchi.contract.selectors import belongings_for, booking_rules, calendar
from madoguchi.notifications.selectors import has_mail_failed
from madoguchi.offices.selectors import OfficeRow, office
from madoguchi.rendering.qr import svg
from madoguchi.reservations.rules import MAX_PARTY_SIZE, OUR_REASONS
from madoguchi.reservations.selectors import Companion, ReservationRow
from madoguchi.sites.citizen.booking.access import Access
from madoguchi.sites.citizen.presenters.offices import format_postal_code
from madoguchi.sites.citizen.presenters.person import CONTACT, expiry_rows, person_rows, procedure_row
from madoguchi.sites.citizen.presenters.procedures import (
    SummaryRow,
    chosen,
    format_visit_length,
    person_label,
)
from madoguchi.workflows.booking.offering import deadlines


@dataclass(frozen=True, slots=True)
class CourseStep:
    """One thing that comes next, `day` for the order. `typed` text holds what the person typed."""

    day: date
    when: str
    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """Everything the page of a booking shows."""

    reference: str
    name: str
    state: str
    state_lines: list[str]
    tone: str
    is_active: bool
    is_cancelled: bool
    is_masked: bool
    # The place is not shown, and where it can be asked for.
    is_hidden: bool
    place_href: str
    visit: list[SummaryRow]
    person: list[SummaryRow]
    belongings: Sequence[BelongingRow]
    course: list[CourseStep]
    email: str
    has_mail_failed: bool
    change_until: str
    cancel_until: str
    may_change: bool
    may_cancel: bool
    is_first: bool
    change_href: str
    procedures_href: str
    cancel_href: str
    contact_href: str
    link: str
    code_image: str
    map: str
    # What may be said of those who come along: how many, and when.
    together: str
    together_at: str
    may_add: bool
    add_href: str
    code_href: str


def booking_of(
    row: ReservationRow,
    access: Access,
    *,
    call_centre: str,
    phone: str,
    others: Sequence[Companion] = (),
) -> Booking:
    """Describe a booking; without full access the person is masked, the place left out unless it is known.

    `others` are those who were booked together: of them only the time is shown.
    """
    place = office(row.office) if access.sees(row.office) else None
    limits = deadlines(row.starts_at, row.office)
    now = clock.now()
    # Whose time is no longer served may choose another, also once that time has passed.
    is_first = row.is_booked and row.is_disrupted
    is_active = row.is_booked and (row.starts_at > now or is_first)
    mail_failed = (
        is_active and bool(row.person.email) and has_mail_failed(target=str(row.id), address=row.person.email)
    )
    state, lines, tone = _state(
        row, is_active=is_active, has_mail_failed=mail_failed, call_centre=call_centre, phone=phone
    )
    # Who has moved away is nobody's business any more; who only knows the reference learns of nobody.
    beside = [
        each
        for each in (others if access.is_full and is_active else ())
        if each.is_booked and _place_and_day(each) == _place_and_day(row)
    ]
    link = f"{settings.SITE_URL}{access.url('show')}" if access.token else ""
    return Booking(
        reference=show_reference(row.reference),
        name=row.person.name if access.is_full else "",
        state=state,
        state_lines=lines,
        tone=tone,
        is_active=is_active,
        is_cancelled=not row.is_booked,
        is_masked=not access.is_full,
        is_hidden=place is None,
        place_href=access.url("place") if place is None else "",
        visit=visit_rows(row, place, is_masked=not access.is_full),
        person=_person_rows(row) if access.is_full else [],
        belongings=belongings_for(row.procedures) if is_active else (),
        # What comes next is open while the time cannot be kept.
        course=_course(row, place) if is_active and not row.is_disrupted else [],
        email=mask_email(row.person.email) if row.person.email else "",
        has_mail_failed=mail_failed,
        change_until=_until(limits.change),
        cancel_until=_until(limits.cancel),
        may_change=is_first or now <= limits.change,
        may_cancel=is_first or now <= limits.cancel,
        is_first=is_first,
        change_href=access.url("change"),
        procedures_href=access.url("procedures") if access.is_full and not is_first else "",
        cancel_href=access.url("cancel"),
        contact_href=access.url("contact"),
        link=link,
        code_image=image_of(link) if link else "",
        map=map_of(place) if place else "",
        together=_("%(people)d人のうちの1人") % {"people": len(beside) + 1} if beside else "",
        together_at=listed(citizen_time(clock.to_jst(each.starts_at).time()) for each in beside),
        may_add=bool(access.token) and is_active and len(beside) + 1 < MAX_PARTY_SIZE,
        add_href=access.url("add") if access.token else "",
        code_href="" if access.token else access.url("code"),
    )


def image_of(link: str) -> str:
    """Return the QR code of a link as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg(link).encode()).decode()}"


def _place_and_day(row: ReservationRow | Companion) -> tuple[str, date]:
    return row.office, clock.to_jst(row.starts_at).date()


def _until(instant: datetime) -> str:
    return _("%(instant)sまで") % {"instant": citizen_datetime(instant)}


def _state(
    row: ReservationRow, *, is_active: bool, has_mail_failed: bool, call_centre: str, phone: str
) -> tuple[str, list[str], str]:
    """Return the state in words, what it means, and the kind of the banner."""
    call = _("ご不明な点は、%(phone)s（%(centre)s）にお電話ください。") % {
        "phone": phone,
        "centre": call_centre,
    }
    if is_active and row.is_disrupted:
        lines = [
            _("申し訳ございません。別の日時を選ぶか、予約を取り消してください。"),
            _("ほかの方より優先して選べます。お電話用の枠も選べ、変更の締切はありません。"),
            call,
        ]
        return _("ご予約の日時では手続きができなくなりました"), lines, "warning"
    if is_active:
        contact = _("確認が必要なときは、%(phone)s（%(centre)s）からお電話します。") % {
            "phone": phone,
            "centre": call_centre,
        }
        if row.person.contact_by != "PHONE":
            way = CONTACT.get(row.person.contact_by, "")
            contact = _("確認が必要なときは、%(way)sでご連絡します。") % {"way": way}
        is_settled = clock.to_jst(row.starts_at).date() > clock.today() and not has_mail_failed
        lines = [contact, *([_("当日まで、何もしなくて大丈夫です。")] if is_settled else [])]
        # Not 「照合しています」 until the city's check is served: see docs/plan.md.
        return _("ご予約をお受けしています"), lines, "information"
    if row.is_booked:
        return _("予約の日時を過ぎました"), [], "information"
    if row.cancel_reason in OUR_REASONS:
        lines = [_("申し訳ございません。あらためて予約をお願いします。"), call]
        return _("ご予約の日時では手続きができなくなりました"), lines, "warning"
    return _("この予約は、取り消されています"), [_("あらためて予約することもできます。")], "warning"


def when_row(row: ReservationRow) -> SummaryRow:
    """Describe when to come, and for how long."""
    return SummaryRow(
        _("日時"), [citizen_datetime(row.starts_at)], [format_visit_length(row.procedures)], strong=True
    )


def visit_rows(row: ReservationRow, place: OfficeRow | None, *, is_masked: bool) -> list[SummaryRow]:
    """Describe time, place and procedures; `place` is None where it may not be shown."""
    name = [SummaryRow(_("お名前"), [mask_name(row.person.name)], typed=True)] if is_masked else []
    where = place_rows(place) if place else [SummaryRow(_("郵便局"), [_("表示していません")])]
    return [when_row(row), *where, *name, procedure_row(row.procedures, row.person)]


def procedure_change_rows(row: ReservationRow, codes: Sequence[str], *, stays: bool) -> list[SummaryRow]:
    """Describe a visit before and after its procedures change; `stays` at its time."""
    when = [SummaryRow(_("日時"), [citizen_datetime(row.starts_at)], [_("変わりません。")])] if stays else []
    return [
        SummaryRow(
            _("新しい手続き"),
            [listed(each.name for each in chosen(codes))],
            [format_visit_length(codes)],
            strong=True,
        ),
        SummaryRow(
            _("いまの手続き"),
            [listed(each.name for each in chosen(row.procedures))],
            [format_visit_length(row.procedures)],
        ),
        *when,
    ]


def place_rows(place: OfficeRow) -> list[SummaryRow]:
    """Describe where to go."""
    way = [text for text in (place.access, place.facilities, place.notes) if text]
    address = [place.name, format_postal_code(place.postal_code), place.address]
    return [SummaryRow(_("郵便局"), address), *([SummaryRow(_("行き方"), way)] if way else [])]


@dataclass(frozen=True, slots=True)
class BookedPerson:
    """One of several who were just booked, for who has typed them all."""

    label: str
    name: str
    reference: str
    visit: list[SummaryRow]
    belongings: Sequence[BelongingRow]
    href: str
    code_image: str


@dataclass(frozen=True, slots=True)
class BookedFamily:
    """Several people who were just booked; what is common to all is said once."""

    people: list[BookedPerson]
    place: list[SummaryRow]
    map: str
    belongings: Sequence[BelongingRow]
    course: list[CourseStep]
    change_until: str
    cancel_until: str


def family_of(rows: Sequence[ReservationRow]) -> BookedFamily:
    """Describe all people of one booking request: same place and day, each at a time of their own."""
    place = office(rows[0].office)
    # The deadlines hang on the day of the visit, which is the same for all.
    limits = deadlines(rows[0].starts_at, rows[0].office)
    steps = {step for row in rows for step in _course(row, place, people=len(rows))}
    belongings = [belongings_for(row.procedures) for row in rows]
    are_alike = all(each == belongings[0] for each in belongings)
    return BookedFamily(
        people=[
            _booked_person(number, row, () if are_alike else own)
            for number, (row, own) in enumerate(zip(rows, belongings, strict=True), start=1)
        ],
        place=place_rows(place),
        map=map_of(place),
        belongings=belongings[0] if are_alike else (),
        course=sorted(steps, key=lambda step: (step.day, step.text)),
        change_until=_until(limits.change),
        cancel_until=_until(limits.cancel),
    )


def _booked_person(number: int, row: ReservationRow, belongings: Sequence[BelongingRow]) -> BookedPerson:
    href = Access(row.id, is_full=True, token=row.link_token).url("show")
    return BookedPerson(
        label=person_label(number),
        name=row.person.name,
        reference=show_reference(row.reference),
        visit=[when_row(row), procedure_row(row.procedures, row.person)],
        belongings=belongings,
        href=href,
        code_image=image_of(f"{settings.SITE_URL}{href}"),
    )


def _person_rows(row: ReservationRow) -> list[SummaryRow]:
    details = row.person.details
    return [*person_rows(row.person), *expiry_rows(details.card_expires_on, details.cert_expires_on)]


def map_of(place: OfficeRow) -> str:
    """Return the address of a map of 国土地理院, which follows nobody."""
    if place.latitude is None or place.longitude is None:
        return ""
    return f"https://maps.gsi.go.jp/#17/{place.latitude}/{place.longitude}/"


def _course(row: ReservationRow, place: OfficeRow | None, *, people: int = 1) -> list[CourseStep]:
    """Return what comes next, in order; what is past is left out. Of several `people` each has a time."""
    rules, city = booking_rules(clock.now(), row.office), calendar(CalendarCode.CITY)
    day = clock.to_jst(row.starts_at).date()
    where = {"office": place.name if place else _("郵便局")}
    if people > 1:
        text = _("ご本人がそれぞれの時間に%(office)sに行き、手続きをします。窓口で予約番号をお伝えください。")
        visit = CourseStep(day, citizen_day(day), text % where)
    else:
        text = _("ご本人が%(office)sに行き、手続きをします。窓口で予約番号をお伝えください。")
        visit = CourseStep(day, citizen_datetime(row.starts_at), text % where)
    return [*_confirmation(row), *_reminder(row, rules, before=city.shift(day, -1)), visit]


def _confirmation(row: ReservationRow) -> list[CourseStep]:
    """Return the mail that follows a booking, on the day of it: later it has come or somebody has asked."""
    day = clock.to_jst(row.booked_at).date()
    if not row.has_email or day != clock.today():
        return []
    return [CourseStep(day, citizen_day(day), _("予約の控えを、メールでお送りします。"))]


def _reminder(row: ReservationRow, rules: BookingRules, *, before: date) -> list[CourseStep]:
    if not row.has_email:
        return [CourseStep(before, citizen_day(before), _("お電話で、日時と持ち物をお知らせします。"))]
    day = clock.to_jst(row.starts_at).date()
    # One that falls due after the visit has begun is not sent, and of two on one day the second is.
    coming = sorted(
        {clock.to_jst(at).date() for at in reminder_instants(day, rules) if clock.now() < at < row.starts_at}
    )
    if not coming:
        return []
    when = _("と").join(citizen_day(on) for on in coming)
    return [CourseStep(coming[0], when, _("メールで、日時と持ち物をお知らせします。"))]
