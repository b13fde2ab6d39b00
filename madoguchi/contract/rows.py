"""The frozen rows of the contract: selectors return them, the pack is read into them.

A rule that one value must meet stands beside the field, so that the pack's reader can name file and line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar, Final

from madoguchi.common.places import LatLon
from madoguchi.contract.kinds import CalendarCode, ProcedureCode


def words(longest: int, *, may_be_empty: bool = False) -> Any:
    """Declare a text field with the maximum length of its column."""
    says = f"{longest}文字までで書いてください" + ("" if may_be_empty else "（空にはできません）")
    return field(
        metadata={"pattern": rf"(?s)(?=.*\S).{{1,{longest}}}{'|' if may_be_empty else ''}", "says": says}
    )


def shaped(pattern: str, says: str) -> Any:
    """Declare a text field that must match a pattern; `says` is its error message."""
    return field(metadata={"pattern": pattern, "says": says})


def one_of(codes: type[StrEnum]) -> Any:
    """Declare a text field that holds one of an enum's codes."""
    return field(
        metadata={"pattern": "|".join(codes), "says": f"{'・'.join(codes)} のどれかを書いてください"}
    )


def between(low: float, high: float) -> Any:
    """Declare a number that must lie between two others, both allowed."""
    return field(metadata={"low": low, "high": high})


MUNICIPALITY: Final = r"\d{6}"
POSTAL_CODE: Final = r"\d{7}"
PHONE: Final = r"(?=.{12,13}$)0\d{1,4}-\d{1,4}-\d{3,4}"
SAYS_MUNICIPALITY: Final = "市区町村コードは検査数字を含む数字6桁で書いてください"
SAYS_POSTAL_CODE: Final = "郵便番号はハイフンなしの数字7桁で書いてください"
SAYS_PHONE: Final = "電話番号は 092-000-0000 のようにハイフンで区切って書いてください"


class ContractRow:
    """A frozen row with a display name and its key fields."""

    __slots__ = ()
    LABEL: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    # What citizens read of it: the pack has it in every language.
    SPOKEN: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the names of the fields, which are those of the table as well."""
        return tuple(each.name for each in fields(cls))  # type: ignore[arg-type]  # every subclass is a dataclass

    @property
    def key(self) -> str:
        """Return the key of this row as text."""
        return " ".join(text for name in self.KEY if (text := str(getattr(self, name))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRow(ContractRow):
    """The city, the term and the telephone numbers."""

    LABEL = "事業"
    KEY = ("code",)
    SPOKEN = (
        "city_name", "city_section", "contractor_name", "call_centre_name", "call_centre_hours",
        "lost_card_line",
    )  # fmt: skip
    code: str = shaped(r"[a-z]{2,20}", "英小文字で書いてください")
    title: str = words(120)
    city_name: str = words(20)
    municipality_code: str = shaped(MUNICIPALITY, SAYS_MUNICIPALITY)
    city_url: str = shaped(r"https://\S{1,190}", "https:// で始まるアドレスを書いてください")
    city_section: str = words(60)
    city_section_phone: str = shaped(PHONE, SAYS_PHONE)
    contractor_name: str = words(60)
    term_starts_on: date
    term_ends_on: date
    slot_minutes: int = between(5, 120)
    call_centre_name: str = words(60)
    call_centre_phone: str = shaped(PHONE, SAYS_PHONE)
    call_centre_opens: time
    call_centre_closes: time
    call_centre_hours: str = words(120)
    helpdesk_phone: str = shaped(PHONE, SAYS_PHONE)
    secretariat_phone: str = shaped(PHONE, SAYS_PHONE)
    lost_card_line: str = words(60)
    lost_card_phone: str = shaped(PHONE, SAYS_PHONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveRow(ContractRow):
    """Offices that open together (別紙1 別表1～3)."""

    LABEL = "開設時期"
    KEY = ("code",)
    code: str = shaped(r"[0-9A-Z]{1,4}", "英数字4文字までで書いてください")
    name: str = words(20)
    opens_on: date
    booking_opens_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WardRow(ContractRow):
    """A ward of the city and its counter."""

    LABEL = "区"
    KEY = ("code",)
    SPOKEN = ("name", "counter_name", "hours")
    code: str = shaped(MUNICIPALITY, SAYS_MUNICIPALITY)
    name: str = words(20)
    counter_name: str = words(40)
    postal_code: str = shaped(POSTAL_CODE, SAYS_POSTAL_CODE)
    address: str = words(120)
    phone: str = shaped(PHONE, SAYS_PHONE)
    hours: str = words(120)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchOfficeRow(ContractRow):
    """A branch (出張所) of a ward office, to which papers of its area go."""

    LABEL = "出張所"
    KEY = ("code",)
    code: str = shaped(r"[A-Z]{2,20}", "英大文字で書いてください")
    name: str = words(40)
    ward: str
    postal_code: str = shaped(POSTAL_CODE, SAYS_POSTAL_CODE)
    address: str = words(120)
    phone: str = shaped(PHONE, SAYS_PHONE)
    hours: str = words(120)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAreaRow(ContractRow):
    """A postal code of the city: its ward, the receiving office, and its approximate position."""

    LABEL = "郵便番号"
    KEY = ("postal_code",)
    postal_code: str = shaped(POSTAL_CODE, SAYS_POSTAL_CODE)
    ward: str
    town: str = words(60, may_be_empty=True)
    branch: str | None
    latitude: float | None = between(20, 46)
    longitude: float | None = between(122, 154)

    @property
    def lat_lon(self) -> LatLon | None:
        """About where it lies, None where that is not known."""
        return LatLon.of(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow(ContractRow):
    """A calendar and the weekdays on which it is closed (Monday is 0)."""

    LABEL = "暦"
    KEY = ("code",)
    code: str = one_of(CalendarCode)
    name: str = words(40)
    closed_weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDayRow(ContractRow):
    """A day on which a calendar departs from its weekdays: closed with a reason, or open."""

    LABEL = "休業日・臨時開庁日"
    KEY = ("calendar", "day")
    SPOKEN = ("reason",)
    calendar: str = one_of(CalendarCode)
    day: date
    is_open: bool
    reason: str = words(60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow(ContractRow):
    """A procedure and its length: alone, and beside others in the same visit."""

    LABEL = "手続き"
    KEY = ("code",)
    SPOKEN = ("name", "explanation")
    code: str = one_of(ProcedureCode)
    name: str = words(60)
    short_name: str = words(20)
    explanation: str = words(200)
    minutes_alone: int = between(1, 240)
    minutes_beside: int = between(0, 240)
    is_enabled: bool
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BelongingRow(ContractRow):
    """A thing to bring, for all procedures or for those given."""

    LABEL = "持参物"
    KEY = ("code",)
    SPOKEN = ("text", "hint")
    code: str = shaped(r"[A-Z_]{2,30}", "英大文字で書いてください")
    text: str = words(200)
    hint: str = words(300, may_be_empty=True)
    procedures: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceRow(ContractRow):
    """A text of the city: an answer, a ward's guidance, a block of the operator's script."""

    LABEL = "案内文"
    KEY = ("language", "name")
    name: str = shaped(r"(?=.{1,60}$)[a-z]+(\.[A-Za-z0-9_]+)*", "faq.fee のように書いてください")
    language: str = shaped(r"[a-z]{2}(-[a-z]{2,5})?", "ja のように書いてください")
    title: str = words(120)
    body: str = words(20000)
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A proposal; `base` is the content in force when it was written.

    `items` names what it changes, one by one, so that two proposals of the same thing are found.
    """

    id: int
    kind: str
    scope: str
    language: str
    content: Mapping[str, Any]
    base: Mapping[str, Any]
    items: tuple[str, ...]
    effective_from: datetime
    reason: str
    state: str
    written_at: datetime
    written_by: str
    sent_at: datetime | None
    sent_by: str
    decided_at: datetime | None
    decided_by: str
    answer: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    taken_back: str
    applied_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One version of a rule, as the history shows it."""

    key: str
    scope: str
    value: object
    effective_from: datetime
    decided_by: str
    note: str
    created_at: datetime
    proposal: int | None
