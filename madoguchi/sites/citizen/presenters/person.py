"""What a resident reads of what was typed about each person (仕様書 4(3)ア)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.common import births, clock
from madoguchi.common.era import (
    citizen_date,
    citizen_datetime,
    citizen_day,
    citizen_time,
)
from madoguchi.common.languages import listed
from madoguchi.common.phones import show_phone
from madoguchi.contract.selectors import program
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.availability import Run
from madoguchi.reservations.people import Person
from madoguchi.sites.citizen.presenters.offices import format_postal_code
from madoguchi.sites.citizen.presenters.procedures import (
    SummaryGroup,
    SummaryRow,
    chosen,
    format_visit_length,
    person_label,
)
from madoguchi.workflows.booking.offering import PHONE, WEB, bookable_days, first_visit

PINS = {
    "FOUR_DIGITS": gettext_lazy("数字4桁"),
    "SIGNING": gettext_lazy("英数字6〜16文字"),
    "UNSURE": gettext_lazy("はっきりしない"),
}


CONTACT = {
    "PHONE": gettext_lazy("電話"),
    "MAIL": gettext_lazy("メール"),
    "FAX": gettext_lazy("ファクス"),
    "LETTER": gettext_lazy("手紙"),
}


SEXES = {
    "MALE": gettext_lazy("男"),
    "FEMALE": gettext_lazy("女"),
    "NOT_TOLD": gettext_lazy("回答しない"),
}


CHANGES = {
    "ADDRESS": gettext_lazy("住所"),
    "NAME": gettext_lazy("氏名"),
    "OTHER": gettext_lazy("その他（旧氏・通称、在留期間など）"),
}


NEEDS = {
    "WRITING": gettext_lazy("筆談"),
    "WHEELCHAIR": gettext_lazy("車いす"),
    "READING": gettext_lazy("書類の読み上げ"),
    "COMPANION": gettext_lazy("付き添いの人がいる"),
}


def format_gregorian(day: str) -> str:
    """Return an ISO date as the card shows it: 2027年2月3日."""
    return citizen_date(date.fromisoformat(day))


@dataclass(frozen=True, slots=True)
class TooEarly:
    """A renewal whose window opens after every day that can be booked now; `visit` is "" after the term."""

    opens: str
    visit: str
    bookable: str
    term_ends: str


def too_early(not_before: date) -> TooEarly:
    """Say from when the certificate can be renewed, and from when that can be booked."""
    found = first_visit(not_before)
    return TooEarly(
        opens=format_gregorian(not_before.isoformat()),
        visit=format_gregorian(found[0].isoformat()) if found else "",
        bookable=citizen_datetime(found[1]) if found else "",
        term_ends=format_gregorian(program().term_ends_on.isoformat()),
    )


@dataclass(frozen=True, slots=True)
class ExpiresSoon:
    """From when a post office can be booked; by telephone, where that is sooner."""

    first: str
    by_phone: str


def expires_soon() -> ExpiresSoon:
    """Say what somebody can do at a post office whose certificate ends before any visit."""
    web, phone = (bookable_days(channel=channel).first for channel in (WEB, PHONE))
    return ExpiresSoon(citizen_day(web), citizen_day(phone) if phone < web else "")


def procedure_row(codes: Sequence[str], person: Person, *, change: str = "") -> SummaryRow:
    """Describe the procedures of a visit."""
    pins = listed(str(PINS[code]) for code in person.details.unknown_pins if code in PINS)
    soft = [_("わからない暗証番号：%(pins)s") % {"pins": pins}] if pins else []
    return SummaryRow(_("手続き"), [row.name for row in chosen(codes)], soft, change)


def person_rows(person: Person, *, change: str = "") -> list[SummaryRow]:
    """Describe who comes, as typed; each `change` leads to the field itself."""
    details = person.details

    def at(field: str) -> str:
        return f"{change}#id_{field}" if change else ""

    rows = [
        SummaryRow(
            _("お名前"),
            [person.name],
            [details.unreadable_characters] if details.unreadable_characters else [],
            at("name"),
            typed=True,
        ),
        SummaryRow(_("フリガナ"), [person.name_kana or _("なし")], (), at("name_kana"), typed=True),
        *(
            [SummaryRow(_("お呼びする名前"), [details.called_name], (), at("called_name"), typed=True)]
            if details.called_name
            else []
        ),
        SummaryRow(_("生年月日"), [births.format_birth_date(person.birth_date)], (), at("birth_date_0")),
        *(
            [SummaryRow(_("性別"), [str(SEXES[details.sex])], (), at("sex_0"))]
            if details.sex in SEXES
            else []
        ),
        SummaryRow(
            _("住所"),
            [format_postal_code(person.postal_code), person.address],
            (),
            at("postal_code"),
            typed=True,
        ),
        SummaryRow(_("電話番号"), [show_phone(person.phone)], (), at("phone"), typed=True),
        SummaryRow(_("メールアドレス"), [person.email or _("登録しない")], (), at("email"), typed=True),
        SummaryRow(_("ご連絡の方法"), [str(CONTACT.get(person.contact_by, ""))], (), at("contact_by_0")),
    ]
    if details.changes:
        changed = (
            [_("変更した日：%(day)s") % {"day": format_gregorian(details.changed_on)}]
            if details.changed_on
            else []
        )
        what = listed(str(CHANGES[code]) for code in details.changes if code in CHANGES)
        rows.append(SummaryRow(_("変わったもの"), [what], changed, at("changes_0")))
    if details.new_address:
        lines = [
            text for text in (details.old_address and f"{details.old_address} →", details.new_address) if text
        ]
        rows.append(SummaryRow(_("住所の変更"), lines, (), at("new_address"), typed=True))
    if details.needs:
        rows.append(
            SummaryRow(
                _("当日に必要なこと"),
                [str(NEEDS[code]) for code in details.needs if code in NEEDS],
                (),
                at("needs_0"),
            )
        )
    return rows


def expiry_rows(card: str, certificate: str, *, change: str = "") -> list[SummaryRow]:
    """Describe the two dates of expiry, where given."""
    return [
        SummaryRow(term, [format_gregorian(day)], (), change)
        for term, day in ((_("カードの有効期限"), card), (_("電子証明書の有効期限"), certificate))
        if day
    ]


def confirm_groups(
    *, codes: Sequence[str], person: Person, office: OfficeRow, starts_at: datetime
) -> list[SummaryGroup]:
    """Describe everything that is about to be booked, each with its way back."""
    procedures_href, details_href = reverse("citizen:reserve-procedures"), reverse("citizen:reserve-details")
    visit = [
        SummaryRow(
            _("日時"),
            [citizen_datetime(starts_at)],
            [format_visit_length(codes)],
            reverse("citizen:reserve-times", args=[office.code]),
            strong=True,
        ),
        SummaryRow(_("郵便局"), [office.name], [office.address], reverse("citizen:reserve-office")),
        procedure_row(codes, person, change=procedures_href),
        *expiry_rows(person.details.card_expires_on, person.details.cert_expires_on, change=procedures_href),
    ]
    return [
        SummaryGroup(_("予約の内容"), visit),
        SummaryGroup(_("お名前など"), person_rows(person, change=details_href)),
    ]


def family_groups(
    *, visits: Sequence[tuple[Sequence[str], Person]], runs: Sequence[Run], office: OfficeRow
) -> list[SummaryGroup]:
    """Describe everything that is about to be booked for several people, each with its way back."""
    times = SummaryRow(
        _("日時"),
        [citizen_datetime(runs[0].starts_at)],
        [],
        reverse("citizen:reserve-times", args=[office.code]),
        strong=True,
    )
    place = SummaryRow(_("郵便局"), [office.name], [office.address], reverse("citizen:reserve-office"))
    groups = [SummaryGroup(_("%(people)d人の予約の内容") % {"people": len(visits)}, [times, place])]
    for number, ((codes, person), run) in enumerate(zip(visits, runs, strict=True), start=1):
        procedures_href, details_href = (
            f"{reverse(f'citizen:reserve-{page}')}?person={number}" for page in ("procedures", "details")
        )
        rows = [
            SummaryRow(
                _("時間"), [citizen_time(clock.to_jst(run.starts_at).time())], [format_visit_length(codes)]
            ),
            procedure_row(codes, person, change=procedures_href),
            *expiry_rows(
                person.details.card_expires_on, person.details.cert_expires_on, change=procedures_href
            ),
            *person_rows(person, change=details_href),
        ]
        groups.append(SummaryGroup(person_label(number), rows, number, person.name))
    return groups
