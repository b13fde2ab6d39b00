"""The printed documents: their content and their PDF. Callers pass plain values, never models."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache

import budoux

from madoguchi.common import clock, era
from madoguchi.rendering import qr
from madoguchi.rendering.pdf import typeset


@dataclass(frozen=True, slots=True)
class VisitorLine:
    """One person of a visitor list, without address and birth date: the paper lies on a counter."""

    at: datetime
    reference: str
    name: str
    kana: str
    procedures: tuple[str, ...]
    notes: tuple[str, ...] = ()
    alert: str = ""
    called_name: str = ""


@dataclass(frozen=True, slots=True)
class VisitorSheet:
    """One office on one day."""

    office: str
    day: date
    lines: Sequence[VisitorLine]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belonging:
    """One thing to bring, with a word on it."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookingSlip:
    """The slip of a booking, to take home or to post; times are instants."""

    issuer: str
    program: str
    reference: str
    name: str
    visit_at: datetime
    duration: str
    office: str
    address: str
    access: str
    procedures: tuple[str, ...]
    belongings: tuple[Belonging, ...]
    change_until: datetime
    cancel_until: datetime
    phone_name: str
    phone: str
    phone_hours: str
    link: str = ""
    status: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingLetter:
    """The slip as a letter, with the address for the window of an envelope."""

    slip: BookingSlip
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True)
class CallLine:
    """One person to be called, who gave no mail address."""

    reference: str
    name: str
    kana: str
    phone: str
    visit_at: datetime
    office: str
    procedures: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureCertificate:
    """The certificate of an erasure for the city; it names nobody. `until` is None for one person."""

    issuer: str
    city: str
    program: str
    number: int
    reason: str
    until: date | None
    document_number: str
    document_on: date
    instructed_by: str
    began_at: datetime
    counts: Sequence[tuple[str, str]]
    seal: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with names and values; long values have rows of their own."""

    title: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything held on one person, for that person."""

    issuer: str
    city: str
    name: str
    request: str
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class DayVisitorLine:
    """A figure and what it counts."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its name, and the parts it is made of."""

    name: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TermReport:
    """The figures of a term that was simulated, and whether the ledgers agreed in the end."""

    issuer: str
    city: str
    conditions: tuple[DayVisitorLine, ...]
    reconciles: bool
    totals: tuple[DayVisitorLine, ...]
    mails: tuple[DayVisitorLine, ...]
    legend: tuple[str, ...]
    booked: tuple[Bar, ...]
    seats: tuple[Bar, ...]
    comparisons: tuple[DayVisitorLine, ...]


def visitor_list(*, issuer: str, sheets: Sequence[VisitorSheet], printed_by: str) -> bytes:
    """Return the 予約者リスト as PDF: a new page for each office and day, by time (仕様書 4(3)ア)."""
    return typeset(
        "visitor_list.typ",
        {
            "issuer": issuer,
            "printed": _printed(printed_by),
            "sheets": [
                {
                    "office": sheet.office,
                    "day": era.era_date_weekday(sheet.day),
                    "notices": list(sheet.notices),
                    "total": str(len(sheet.lines)),
                    "summary": _summary(sheet.lines),
                    "rows": [
                        {**asdict(line), "at": "", "time": f"{clock.to_jst(line.at):%H:%M}"}
                        for line in sorted(sheet.lines, key=lambda line: (line.at, line.kana, line.reference))
                    ],
                }
                for sheet in sheets
            ],
        },
    )


def visitor_register(
    *, issuer: str, period: str, lines: Sequence[tuple[str, VisitorLine]], printed_by: str
) -> bytes:
    """Return a 予約者リスト of many days as PDF, one line for each person (仕様書 4(3)ア)."""
    by_time = sorted(lines, key=lambda each: (each[1].at, each[0], each[1].kana, each[1].reference))
    return typeset(
        "visitor_register.typ",
        {
            "issuer": issuer,
            "period": period,
            "printed": _printed(printed_by),
            "total": str(len(lines)),
            "rows": [
                {
                    **asdict(line),
                    "at": "",
                    "day": era.staff_day(clock.to_jst(line.at).date()),
                    "time": f"{clock.to_jst(line.at):%H:%M}",
                    "office": place,
                }
                for place, line in by_time
            ],
        },
    )


def booking_slip(slip: BookingSlip) -> bytes:
    """Return the 予約の控え as PDF, with the QR code of the secret link when there is one."""
    return typeset(
        "booking_slip.typ",
        asdict(slip)
        | {
            "visit_at": "",
            "access": _phrases(slip.access),
            "status": _phrases(slip.status),
            "notes": [_phrases(note) for note in slip.notes],
            "belongings": [{"name": thing.name, "note": _phrases(thing.note)} for thing in slip.belongings],
            "day": era.era_date_weekday(clock.to_jst(slip.visit_at).date()),
            "time": era.citizen_time(clock.to_jst(slip.visit_at).time()),
            "change_until": era.citizen_datetime(slip.change_until),
            "cancel_until": era.citizen_datetime(slip.cancel_until),
            "qr": qr.svg(slip.link) if slip.link else "",
            "qr_alt": "予約の確認・変更・取消しのページを開く二次元コード",
            "printed": _printed(slip.issuer),
        },
    )


def booking_letter(letter: BookingLetter) -> bytes:
    """Return the 予約のお知らせ as PDF, dated today, for people without mail; no link, they call."""
    slip = letter.slip
    return typeset(
        "booking_letter.typ",
        asdict(slip)
        | {
            "visit_at": "",
            "link": "",
            "postal_code": letter.postal_code,
            "address": letter.address,
            "place": slip.address,
            "access": _phrases(slip.access),
            "belongings": [{"name": thing.name, "note": _phrases(thing.note)} for thing in slip.belongings],
            "day": era.era_date(clock.today()),
            "visit_day": era.era_date_weekday(clock.to_jst(slip.visit_at).date()),
            "time": era.citizen_time(clock.to_jst(slip.visit_at).time()),
            "change_until": era.citizen_datetime(slip.change_until),
            "cancel_until": era.citizen_datetime(slip.cancel_until),
            "printed": _printed(slip.issuer),
        },
    )


def call_list(*, issuer: str, day: date, lines: Sequence[CallLine], printed_by: str) -> bytes:
    """Return the 電話連絡リスト as PDF: whom to call on a day, soonest visit first (仕様書 4(5)ウ)."""
    return typeset(
        "call_list.typ",
        {
            "issuer": issuer,
            "day": era.era_date_weekday(day),
            "printed": _printed(printed_by),
            "total": str(len(lines)),
            "rows": [
                {**asdict(line), "visit_at": "", "visit": era.staff_datetime(line.visit_at)}
                for line in sorted(lines, key=lambda line: (line.visit_at, line.kana, line.reference))
            ],
        },
    )


def erasure_certificate(paper: ErasureCertificate) -> bytes:
    """Return the 消去証明書 as PDF, dated now, with the audit root in its foot (仕様書 6)."""
    until = f"来局日が{era.era_date(paper.until)}までの方" if paper.until else "ご本人からの請求による1人"
    return typeset(
        "erasure_certificate.typ",
        {
            "issuer": paper.issuer,
            "city": paper.city,
            "program": paper.program,
            "number": f"消証第{paper.number}号",
            "day": era.era_date(clock.today()),
            "facts": [
                ["指示の文書", f"{paper.document_number}（{era.era_date(paper.document_on)}）"],
                ["指示した部署", paper.instructed_by],
                ["消去の理由", paper.reason],
                ["対象", until],
                ["消去の開始", _moment(paper.began_at)],
                ["消去の完了", _moment(clock.now())],
            ],
            "counts": [list(count) for count in paper.counts],
            "seal": paper.seal,
            "printed": f"{_moment(clock.now())} 作成",
        },
    )


def disclosure(paper: Disclosure, *, printed_by: str) -> bytes:
    """Return 保有個人情報の写し of one person as PDF (開示請求)."""
    return typeset(
        "disclosure.typ",
        {
            "issuer": paper.issuer,
            "city": paper.city,
            "name": paper.name,
            "request": paper.request,
            "day": era.era_date(clock.today()),
            "sections": [
                {"title": each.title, "facts": [list(fact) for fact in each.facts]} for each in paper.sections
            ],
            "printed": _printed(printed_by),
        },
    )


def _summary(lines: Sequence[VisitorLine]) -> str:
    counts = Counter(procedure for line in lines for procedure in line.procedures)
    return "　".join(f"{procedure} {count}" for procedure, count in counts.most_common())


def _phrases(text: str) -> list[str]:
    """Return the parts of a sentence between which a line may end."""
    return _model().parse(text)


@cache
def _model() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def _moment(instant: datetime) -> str:
    local = clock.to_jst(instant)
    return f"{era.era_date(local.date())} {local:%H:%M}"


def term_report(report: TermReport) -> bytes:
    """Return the シミュレーションの集計 as PDF, with a chart of bookings and one of the use of seats."""
    return typeset("term_report.typ", asdict(report))


def _printed(by: str) -> str:
    return f"{_moment(clock.now())} 印刷（{by}）"
