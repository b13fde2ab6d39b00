"""What the pages of a booking show, as text only: templates decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.common import births, clock
from madoguchi.common.calendar import add_months
from madoguchi.common.era import (
    citizen_date,
    citizen_datetime,
    citizen_day,
    citizen_month,
    citizen_time,
    month_name,
    weekday_name,
    weekday_sign,
)
from madoguchi.common.languages import MAIN, listed
from madoguchi.common.phones import show_phone
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.rows import CalendarCode, PostalAreaRow, ProcedureRow
from madoguchi.contract.selectors import calendar, postal_area, procedures, program, visit_minutes, wards
from madoguchi.offices.selectors import OfficeRow, closures, usual_hours
from madoguchi.reservations.availability import Run, Start
from madoguchi.reservations.people import Person
from madoguchi.workflows.offering import (
    PHONE,
    WEB,
    Offer,
    Window,
    bookable_days,
    by_day_then_distance,
    day_marks,
    first_visit,
    next_day_opens,
    roomy_offices,
)

STEPS = (
    gettext_lazy("手続き"),
    gettext_lazy("郵便局"),
    gettext_lazy("日にちと時間"),
    gettext_lazy("お名前など"),
    gettext_lazy("確認"),
    gettext_lazy("完了"),
)
# So many offices with many free seats are named at most.
ROOMY_SHOWN = 3
# So many days beyond a month are looked at for closures that cross its end.
MARGIN = 10
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the six steps, and whether it is done, now, next or later."""

    number: int
    name: str
    state: str


def steps(now: int) -> list[Step]:
    """Return the steps as they stand on the page of one of them."""
    state = {-1: "done", 0: "now", 1: "next"}
    return [
        Step(number, str(name), state.get(min(max(number - now, -1), 2), "later"))
        for number, name in enumerate(STEPS, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a description list. `typed` lines are shown as they were typed."""

    term: str
    lines: Sequence[str]
    soft: Sequence[str] = ()
    change: str = ""
    typed: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A description list with its heading."""

    title: str
    rows: list[Row]
    # The person of whom it speaks, where several come.
    number: int = 0


def chosen(codes: Sequence[str]) -> list[ProcedureRow]:
    """Return the rows of these procedures in the order in which citizens see them."""
    return [row for row in procedures() if row.code in codes]


def length(codes: Sequence[str]) -> str:
    """Return how long the visit takes, in words."""
    return _("所要時間 約%(minutes)d分") % {"minutes": visit_minutes(codes)}


def summary(codes: Sequence[Sequence[str]]) -> list[str]:
    """Say for whom a time is chosen: procedures and length of a visit, or how many come."""
    if len(codes) > 1:
        return [_("%(people)d人分") % {"people": len(codes)}]
    return [listed(row.name for row in chosen(codes[0])), length(codes[0])]


def nth(number: int) -> str:
    """Return 「2人目の方」."""
    return _("%(number)d人目の方") % {"number": number}


def town_address(area: PostalAreaRow) -> str:
    """Return city, ward and town of a postal code, as an address begins: in Japanese, as it is registered."""
    with translation.override(MAIN):
        ward = next((row.name for row in wards() if row.code == area.ward), "")
        return f"{program().city_name}{ward}{area.town}"


def postal_code_in_words(code: str) -> str:
    """Return a postal code as it is written in an address."""
    return code if isinstance(code, Unreadable) else f"〒{code[:3]}-{code[3:]}"


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office in a list, with its earliest free time ("" when full)."""

    code: str
    name: str
    ward: str
    distance: str
    address: str
    hours: str
    facilities: str
    earliest: str
    is_roomy: bool
    href: str

    @classmethod
    def of(cls, offer: Offer, href: str = "") -> "OfficeChoice":
        """Describe an office that is on offer."""
        row = offer.office
        return cls(
            code=row.code,
            name=row.name,
            ward=row.ward_name,
            distance=_("道のり約%(km)dkm") % {"km": offer.road_km} if offer.road_km is not None else "",
            address=row.address,
            hours=office_hours(row),
            facilities=row.facilities,
            earliest=citizen_datetime(offer.earliest.starts_at) if offer.earliest else "",
            is_roomy=offer.earliest is not None and row.code in roomy_offices(),
            href=href,
        )


def office_hours(row: OfficeRow) -> str:
    """Return the usual hours of an office: 「平日 午前9時〜午後5時」, with a break if there is one."""
    spans = usual_hours(max(clock.today(), row.opens_on)).get(row.code, ())
    if not spans:
        return ""
    words = _("平日 %(opens)s〜%(closes)s") % {
        "opens": _clock(spans[0].start),
        "closes": _clock(spans[-1].end),
    }
    return words + "".join(
        _("（%(since)s〜%(until)sは休み）") % {"since": _clock(before.end), "until": _clock(after.start)}
        for before, after in pairwise(spans)
        if before.end < after.start
    )


def _clock(minutes: int) -> str:
    return citizen_time(time(minutes // 60 % 24, minutes % 60))


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward in a list of choices."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a list of choices."""

    iso: str
    name: str


@dataclass(frozen=True, slots=True)
class OfficeSearch:
    """The offices found and how they were looked for; `empty` says it when there is none."""

    by: str
    ward: str
    days: list[Day]
    day: str
    wards: list[Ward]
    total: int
    title: str
    count: str
    # The other order, where the place of the visitor is known; "" for none.
    orders: list["Link"]
    offices: list[OfficeChoice]
    more: str
    # Offices with many free seats, where none of those shown is one.
    roomy: list[OfficeChoice]
    empty: str


def office_search(
    offers: Sequence[Offer],
    *,
    by: str,
    ward: str,
    area: PostalAreaRow | None,
    is_early_first: bool,
    total: int,
    shown: int,
    more: str,
    days: Sequence[date],
    day: date | None,
) -> OfficeSearch:
    """Describe a page of offices; by day only those with a free time on it."""
    empty = ""
    if by == "date":
        offers = [offer for offer in offers if day and offer.earliest]
        name = citizen_day(day) if day else ""
        title, order = _("%(day)sに空いている郵便局") % {"day": name}, _("早い順")
        empty = (
            _("%(day)sに空いている郵便局はありません。別の日を選んでください。") % {"day": name}
            if day
            else ""
        )
    elif ward:
        title, order = next(row.name for row in wards() if row.code == ward), _("早い順")
        empty = _("%(ward)sには、予約を受け付けている郵便局がありません。ほかの区の郵便局も選べます。") % {
            "ward": title
        }
        title = _("%(ward)sの郵便局") % {"ward": title}
    elif area is not None:
        title, order = _("%(place)sから近い郵便局") % {"place": _place(area)}, _("近い順")
        if is_early_first:
            order = _("早い順。同じ日は近い順")
            offers = by_day_then_distance(offers)
    else:
        title, order = _("早い日時から"), _("早い順")
    return OfficeSearch(
        by=by,
        ward=ward,
        days=[Day(each.isoformat(), citizen_day(each)) for each in days],
        day=day.isoformat() if day else "",
        wards=[Ward(row.code, row.name) for row in wards()],
        total=total,
        title=title,
        count=_("%(total)d局のうち 1〜%(shown)d局目（%(order)s）")
        % {"total": len(offers), "shown": min(shown, len(offers)), "order": order},
        orders=_orders(is_early_first=is_early_first) if area is not None else [],
        offices=[OfficeChoice.of(offer) for offer in offers[:shown]],
        more=more if shown < len(offers) else "",
        roomy=_roomy(offers, shown) if by == "postal" or ward else [],
        empty=empty,
    )


def _orders(*, is_early_first: bool) -> list["Link"]:
    """Return the two orders of the offices around a place; the one in use has no address."""
    return [
        Link(_("近い順"), "?by=postal#offices" if is_early_first else ""),
        Link(_("早い順"), "" if is_early_first else "?by=postal&order=early#offices"),
    ]


def _roomy(offers: Sequence[Offer], shown: int) -> list[OfficeChoice]:
    """Return the first offices with many free seats, where none of those shown is one."""
    if any(OfficeChoice.of(offer).is_roomy for offer in offers[:shown]):
        return []
    others = (
        OfficeChoice.of(offer, reverse("citizen:reserve-times", args=[offer.office.code]))
        for offer in offers[shown:]
    )
    return [office for office in others if office.is_roomy][:ROOMY_SHOWN]


@dataclass(frozen=True, slots=True)
class AllFull:
    """No office has a free time: until when was looked ("" where nothing bounds it), what there is to do."""

    until: str
    opens: str
    new_issue: str


def all_full(codes: Sequence[str], last: date | None) -> AllFull:
    """Say what somebody can do for whom no time is left at any office on the days that make sense."""
    rest = [code for code in codes if code not in {"CERT_RENEW", "CERT_ISSUE"}]
    query = urlencode({"procedure": ["CERT_ISSUE", *rest], "who": "self"}, doseq=True)
    opens = next_day_opens(last)
    return AllFull(
        until=citizen_day(last) if last else "",
        opens=citizen_datetime(opens) if opens else "",
        new_issue=f"{reverse('citizen:reserve-procedures')}?{query}" if "CERT_RENEW" in codes else "",
    )


def _place(area: PostalAreaRow) -> str:
    with translation.override(MAIN):
        return town_address(area).removeprefix(program().city_name)


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words; no href, no link."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar."""

    number: int
    full: str
    state: str
    href: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of days, as a table of weeks and as a list."""

    title: str
    weekdays: list[tuple[str, str]]
    weeks: list[list[Cell | None]]
    days: list[Cell]
    previous: Link
    next: Link
    legend: tuple[str, ...] = ("free", "few", "full", "closed")


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day; `slot` is "" when it is full."""

    anchor: str
    slot: str
    label: str
    full: str
    state: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class TimeGroup:
    """Morning or afternoon."""

    name: str
    times: list[Time]


@dataclass(frozen=True, slots=True)
class Times:
    """The days and times of one office."""

    office: str
    summary: list[str]
    people: int
    view: str
    other_view: str
    month: Month
    notes: list[str]
    day: str
    groups: list[TimeGroup]
    legend: tuple[str, ...]
    earliest: Link | None
    # `earliest` is the time nearest to that of those with whom somebody comes along.
    is_beside: bool
    nearest: list[OfficeChoice]
    # What there is to do where no office has a free time.
    full: "AllFull | None"
    opens: str
    hold_minutes: int
    back: str
    change_office: str
    # Where to wait for a seat; "" for a booking that is moved.
    wait: str
    # The time of a booking that is moved.
    current: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader of a calendar has chosen so far, as the address says it."""

    month: date
    day: date | None
    view: str
    # Another office, for a change.
    office: str = ""

    def href(self, **changes: str) -> str:
        """Return the address with changes."""
        query = {
            "office": self.office,
            "month": f"{self.month:%Y-%m}",
            **({"day": self.day.isoformat()} if self.day else {}),
            **({"view": self.view} if self.view == "list" else {}),
            **changes,
        }
        return "?" + urlencode({name: value for name, value in query.items() if value})


def month_of(starts: Sequence[Start], *, within: Window, choice: Choice) -> Month:
    """Describe a month of an office; days outside the window or without slots are closed."""
    marks = day_marks(starts, within)
    first = choice.month
    days = [first + timedelta(days=place) for place in range((add_months(first, 1) - first).days)]
    cells = [_cell(day, marks.get(day, "closed"), choice) for day in days]
    blank = (first.weekday() + 1) % 7
    padded: list[Cell | None] = [*[None] * blank, *cells, *[None] * (-(blank + len(cells)) % 7)]
    before, after = add_months(first, -1), add_months(first, 1)
    return Month(
        title=citizen_month(first),
        weekdays=[(weekday_sign(day), weekday_name(day)) for day in (6, *range(6))],
        weeks=[padded[place : place + 7] for place in range(0, len(padded), 7)],
        days=[cell for cell in cells if cell.state != "closed"],
        previous=_month_link(before, choice, is_open=first > within.first),
        next=_month_link(after, choice, is_open=after <= within.last),
    )


def _month_link(month: date, choice: Choice, *, is_open: bool) -> Link:
    href = choice.href(month=f"{month:%Y-%m}", day="") if is_open else ""
    return Link(month_name(month), href)


def _cell(day: date, state: str, choice: Choice) -> Cell:
    is_free = state in {"free", "few"}
    return Cell(
        number=day.day,
        full=citizen_day(day),
        state=state,
        href=choice.href(day=day.isoformat()) + "#times" if is_free else "",
        is_selected=day == choice.day and is_free,
    )


def time_groups(starts: Sequence[Start], day: date | None, *, slot: str = "") -> list[TimeGroup]:
    """Describe the times of a day, morning and afternoon."""
    times = [
        (clock.to_jst(start.starts_at), start)
        for start in starts
        if clock.to_jst(start.starts_at).date() == day
    ]
    first_free = next((start for _at, start in times if start.free), None)
    return [
        TimeGroup(
            name=_("午後") if is_afternoon else _("午前"),
            times=[
                Time(
                    anchor="id_slot" if start is first_free else f"id_slot_{start.slot}",
                    slot=str(start.slot) if start.free else "",
                    label=citizen_time(at.time()).removeprefix("午前").removeprefix("午後"),
                    full=citizen_datetime(at),
                    state="free" if start.free else "full",
                    is_selected=str(start.slot) == slot,
                )
                for at, start in group
            ],
        )
        for is_afternoon, group in groupby(times, key=lambda pair: pair[0].time() >= NOON)
    ]


def closing_notes(office: OfficeRow, within: Window, month: date) -> list[str]:
    """Say why days of a month are closed besides weekends: holidays, closures of the office."""
    calendars = (calendar(CalendarCode.CITY), calendar(CalendarCode.OFFICE))
    end = add_months(month, 1)
    # A closure over the end of the month is named whole.
    days = [month + timedelta(days=place) for place in range(-MARGIN, (end - month).days + MARGIN)]
    reasons = [
        (day, next((each.closed[day] for each in calendars if day in each.closed), "")) for day in days
    ]
    spans = [
        (group[0][0], group[-1][0], reason)
        for reason, pairs in groupby(reasons, key=lambda pair: pair[1])
        for group in [list(pairs)]
        if reason
    ]
    notes = [
        _closed(first, last, reason)
        for first, last, reason in spans
        if max(first, month, within.first) <= min(last, end - timedelta(days=1), within.last)
    ]
    found = closures(office=office.code, since=within.since, until=within.until)
    return notes + [
        _("%(since)sから%(until)sまでは、受け付けていません。")
        % {"since": citizen_datetime(row.starts_at), "until": citizen_datetime(row.ends_at)}
        for row in found
        if row.withdrawn_at is None
    ]


def _closed(first: date, last: date, reason: str) -> str:
    if first == last:
        return _("%(day)sは、%(reason)sのため受け付けていません。") % {
            "day": citizen_day(first),
            "reason": reason,
        }
    return _("%(first)sから%(last)sまでは、%(reason)sのため受け付けていません。") % {
        "first": citizen_day(first),
        "last": citizen_day(last),
        "reason": reason,
    }


@dataclass(frozen=True, slots=True)
class HoldBox:
    """Until when the time is held."""

    office: str
    when: str
    until: str
    seconds: int
    may_extend: bool
    # Who comes when, where several come.
    who: list[str]


def hold_box(*, runs: Sequence[Run], office: str, held_until: datetime, may_extend: bool) -> HoldBox:
    """Describe the time that is held."""
    starts_at = runs[0].starts_at
    return HoldBox(
        who=who_when(runs) if len(runs) > 1 else [],
        office=office,
        when=citizen_datetime(starts_at),
        until=citizen_time(clock.to_jst(held_until).time()),
        seconds=max(0, int((held_until - clock.now()).total_seconds())),
        may_extend=may_extend,
    )


def who_when(runs: Sequence[Run]) -> list[str]:
    """Return when each of several people comes."""
    return [
        f"{nth(number)}　{citizen_time(clock.to_jst(run.starts_at).time())}"
        for number, run in enumerate(runs, start=1)
    ]


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


def western(day: str) -> str:
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
        opens=western(not_before.isoformat()),
        visit=western(found[0].isoformat()) if found else "",
        bookable=citizen_datetime(found[1]) if found else "",
        term_ends=western(program().term_ends_on.isoformat()),
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


def procedure_row(codes: Sequence[str], person: Person, *, change: str = "") -> Row:
    """Describe the procedures of a visit."""
    pins = listed(str(PINS[code]) for code in person.details.unknown_pins if code in PINS)
    soft = [_("わからない暗証番号：%(pins)s") % {"pins": pins}] if pins else []
    return Row(_("手続き"), [row.name for row in chosen(codes)], soft, change)


def person_rows(person: Person, *, change: str = "") -> list[Row]:
    """Describe who comes, as typed."""
    details = person.details
    rows = [
        Row(
            _("お名前"),
            [person.name],
            [details.unreadable_characters] if details.unreadable_characters else [],
            change,
            typed=True,
        ),
        Row(_("フリガナ"), [person.name_kana or _("なし")], (), change, typed=True),
        *(
            [Row(_("お呼びする名前"), [details.called_name], (), change, typed=True)]
            if details.called_name
            else []
        ),
        Row(_("生年月日"), [births.in_words(person.birth_date)], (), change),
        *([Row(_("性別"), [str(SEXES[details.sex])], (), change)] if details.sex in SEXES else []),
        Row(_("住所"), [postal_code_in_words(person.postal_code), person.address], (), change, typed=True),
        Row(_("電話番号"), [show_phone(person.phone)], (), change, typed=True),
        Row(_("メールアドレス"), [person.email or _("登録しない")], (), change, typed=True),
        Row(_("ご連絡の方法"), [str(CONTACT.get(person.contact_by, ""))], (), change),
    ]
    if details.changes:
        changed = (
            [_("変更した日：%(day)s") % {"day": western(details.changed_on)}] if details.changed_on else []
        )
        what = listed(str(CHANGES[code]) for code in details.changes if code in CHANGES)
        rows.append(Row(_("変わったもの"), [what], changed, change))
    if details.new_address:
        lines = [
            text for text in (details.old_address and f"{details.old_address} →", details.new_address) if text
        ]
        rows.append(Row(_("住所の変更"), lines, (), change, typed=True))
    if details.needs:
        rows.append(
            Row(
                _("当日に必要なこと"),
                [str(NEEDS[code]) for code in details.needs if code in NEEDS],
                (),
                change,
            )
        )
    return rows


def expiry_rows(card: str, certificate: str, *, change: str = "") -> list[Row]:
    """Describe the two dates of expiry, where given."""
    return [
        Row(term, [western(day)], (), change)
        for term, day in ((_("カードの有効期限"), card), (_("電子証明書の有効期限"), certificate))
        if day
    ]


def confirm_groups(
    *, draft_codes: Sequence[str], person: Person, office: OfficeRow, starts_at: datetime
) -> list[Group]:
    """Describe everything that is about to be booked, each with its way back."""
    procedures_href, details_href = reverse("citizen:reserve-procedures"), reverse("citizen:reserve-details")
    visit = [
        Row(
            _("日時"),
            [citizen_datetime(starts_at)],
            [length(draft_codes)],
            reverse("citizen:reserve-times", args=[office.code]),
            strong=True,
        ),
        Row(_("郵便局"), [office.name], [office.address], reverse("citizen:reserve-office")),
        procedure_row(draft_codes, person, change=procedures_href),
        *expiry_rows(person.details.card_expires_on, person.details.cert_expires_on, change=procedures_href),
    ]
    return [
        Group(_("予約の内容"), visit),
        Group(_("お名前など"), person_rows(person, change=details_href)),
    ]


def family_groups(
    *, visits: Sequence[tuple[Sequence[str], Person]], runs: Sequence[Run], office: OfficeRow
) -> list[Group]:
    """Describe everything that is about to be booked for several people, each with its way back."""
    times = Row(
        _("日時"),
        [citizen_datetime(runs[0].starts_at)],
        [],
        reverse("citizen:reserve-times", args=[office.code]),
        strong=True,
    )
    place = Row(_("郵便局"), [office.name], [office.address], reverse("citizen:reserve-office"))
    groups = [Group(_("%(people)d人の予約の内容") % {"people": len(visits)}, [times, place])]
    for number, ((codes, person), run) in enumerate(zip(visits, runs, strict=True), start=1):
        procedures_href, details_href = (
            f"{reverse(f'citizen:reserve-{page}')}?person={number}" for page in ("procedures", "details")
        )
        rows = [
            Row(_("時間"), [citizen_time(clock.to_jst(run.starts_at).time())], [length(codes)]),
            procedure_row(codes, person, change=procedures_href),
            *expiry_rows(
                person.details.card_expires_on, person.details.cert_expires_on, change=procedures_href
            ),
            *person_rows(person, change=details_href),
        ]
        groups.append(Group(nth(number), rows, number))
    return groups


def said_of(number: int, text: str) -> str:
    """Return what is said of one of several people; 0: only one comes, and it need not be said of whom."""
    return _("%(person)s：%(reason)s") % {"person": nth(number), "reason": text} if number else text


def area_of(postal_code: str) -> PostalAreaRow | None:
    """Return the area of a postal code, None for an unknown one."""
    return postal_area(postal_code) if postal_code else None
