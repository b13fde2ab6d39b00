"""What is sent and what comes back. The description of a field is also what an error says about it."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from madoguchi.common import clock
from madoguchi.common.dates import change_dates
from madoguchi.common.era import EARLIEST
from madoguchi.common.errors import Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.mail_addresses import read_mail_address
from madoguchi.common.names import read_kana
from madoguchi.common.phones import read_phone
from madoguchi.common.texts import clean_line

LARGEST_ID: Final = 2**63 - 1
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _seen(value: object) -> object:
    return clean_line(value) if isinstance(value, str) else value


def _day(value: object) -> date:
    value = _seen(value)
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError
    day = date.fromisoformat(value)
    # Year 8 or 27 is a slip for 2026 or 2027, and no day of ours.
    if day < EARLIEST:
        raise ValueError
    return day


def _past_day(day: date) -> date:
    if not EARLIEST <= day <= clock.today():
        raise ValueError
    return day


def _likely_change(day: date) -> date:
    if day not in change_dates(clock.today()):
        raise ValueError
    return day


def _kana(text: str) -> str:
    try:
        return read_kana(text)
    except Refusal as refusal:
        raise ValueError from refusal


def _phone(text: str) -> str:
    try:
        return read_phone(text)
    except Refusal as refusal:
        raise ValueError from refusal


def _email(text: str) -> str:
    try:
        address = read_mail_address(text) if text else ""
        refuse_forbidden(address)
    except Refusal as refusal:
        raise ValueError from refusal
    return address


def _given(consent: bool) -> bool:  # noqa: FBT001 - pydantic calls it so
    if not consent:
        raise ValueError
    return consent


def _all_different(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise ValueError
    return codes


def text(longest: int, *, shortest: int = 0) -> Any:
    """Return the constraints of one line of text."""
    return StringConstraints(min_length=shortest, max_length=longest)


# Last in the annotation of every text that somebody types: it comes first, and takes out what nobody sees.
CleanedInput: Final = BeforeValidator(_seen, json_schema_input_type=str)
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,20}$"), CleanedInput]


class Office(BaseModel):
    """A post office that takes reservations."""

    code: str
    name: str
    ward: str
    postal_code: str
    address: str
    access: str
    latitude: float | None
    longitude: float | None
    opens_on: date = Field(description="手続きを始める日")
    booking_opens_at: str = Field(description="予約の受付を始める日時")
    takes_bookings: bool = Field(description="いま予約を受け付けているか")


class Procedure(BaseModel):
    """A procedure that can be booked."""

    code: str
    name: str
    explanation: str
    minutes: int = Field(description="ほかの手続きといっしょでないときの時間（分）")


class Start(BaseModel):
    """A time at which a visit can start."""

    slot: int = Field(description="予約のときに送る番号")
    office: str
    starts_at: str = Field(description="始まる日時（日本時間）")
    free: int = Field(description="続けて使える席の数。0 は満席")


class AvailabilityQuery(BaseModel):
    """Which times are asked for."""

    model_config = ConfigDict(extra="ignore")

    office: Annotated[str, CleanedInput] = Field(
        description="office には、GET offices で得た郵便局のコードを送ってください。"
    )
    since: Day = Field(
        default_factory=lambda: date.min,
        alias="from",
        description="from には、最初の日を 2026-12-01 のように送ってください。",
    )
    until: Day = Field(
        default_factory=lambda: date.max,
        alias="to",
        description="to には、最後の日を 2026-12-14 のように、from 以後の日付で送ってください。",
    )
    procedures: Annotated[str, text(200), CleanedInput] = Field(
        description="procedures には、手続きのコードを CERT_RENEW,PIN_RESET のように送ってください。",
    )

    @field_validator("until")
    @classmethod
    def _in_order(cls, day: date, before: ValidationInfo) -> date:
        if day < before.data.get("since", day):
            raise ValueError
        return day


class Headers(BaseModel):
    """What is sent beside the body of a reservation."""

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,200}$",
        description="Idempotency-Key には、予約ごとに違う文字列を、英数字と記号200文字までで送ってください。"
        "同じ文字列で送り直すと、同じ答えが返ります。",
    )


class WhoAsks(BaseModel):
    """What opens a reservation that the partner did not make itself."""

    date_of_birth: Annotated[Day, AfterValidator(_past_day)] | None = Field(
        default=None,
        alias="Date-Of-Birth",
        description="Date-Of-Birth には、生年月日を 1950-04-01 のように、実在する過去の日付で送ってください。"
        "ほかの受付で作られた予約に要ります。",
    )


class WhatWasSeen(WhoAsks):
    """What is sent beside a change, so that nobody undoes what another did meanwhile."""

    if_match: str = Field(
        alias="If-Match",
        pattern=r'^(\*|"[!#-~]{1,64}")$',
        description="If-Match には、前の答えの ETag をそのまま送ってください。"
        "いまの内容を問わないときは * です。",
    )


class Move(BaseModel):
    """Another time, at the same office or another."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slot: int = Field(
        ge=1, le=LARGEST_ID, description="slot には、GET availability で得た番号を整数で送ってください。"
    )


class Leaving(BaseModel):
    """Why a reservation is cancelled, if somebody cares to say."""

    reason: Literal["NOT_GIVEN", "SCHEDULE", "DONE_ELSEWHERE", "NOT_NEEDED", "WRONG_PROCEDURE"] = Field(
        default="NOT_GIVEN",
        description="reason には、SCHEDULE（都合）、DONE_ELSEWHERE（ほかで済ませた）、NOT_NEEDED（不要）、"
        "WRONG_PROCEDURE（選び間違い）のどれかを送ってください。省けます。",
    )


class Booking(BaseModel):
    """A reservation for one person. Unknown fields are refused: nothing is kept that is not asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slot: int = Field(
        ge=1, le=LARGEST_ID, description="slot には、GET availability で得た番号を整数で送ってください。"
    )
    procedures: Annotated[list[Code], AfterValidator(_all_different)] = Field(
        min_length=1,
        max_length=5,
        description='procedures には、手続きのコードを ["CERT_RENEW"] のように、1つずつ送ってください。',
    )
    name: Annotated[str, text(100, shortest=1), CleanedInput] = Field(
        description="name には、お名前をカードのとおりに、文字だけで、100文字までで送ってください。"
    )
    name_kana: Annotated[str, text(100), AfterValidator(_kana), CleanedInput] = Field(
        default="",
        description="name_kana には、フリガナを フクオカ　ハナコ のように、"
        "カタカナかひらがなで送ってください。省けます。",
    )
    date_of_birth: Annotated[Day, AfterValidator(_past_day)] = Field(
        description="date_of_birth には、生年月日を 1950-04-01 のように、実在する過去の日付で送ってください。"
    )
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}-?[0-9]{4}$"), CleanedInput] = Field(
        description="postal_code には、郵便番号を 810-0001 のように7桁の数字で送ってください。",
    )
    address: Annotated[str, text(240, shortest=1), CleanedInput] = Field(
        description="address には、住民票の住所を、240文字までで送ってください。"
    )
    lives_in_city: bool = Field(
        default=False,
        description="lives_in_city には、住所が市の外に見えるが住民登録は市内にあることを、"
        "ご本人に確かめたときに限り、true を送ってください。省けます。",
    )
    phone: Annotated[str, text(40), AfterValidator(_phone), CleanedInput] = Field(
        description="phone には、電話番号を 090-1234-5678 のように、市外局番から送ってください。",
    )
    email: Annotated[str, text(254), AfterValidator(_email), CleanedInput] = Field(
        default="",
        description="email には、メールアドレスを1つだけ、hanako@example.jp のように半角の英数字と記号で、"
        "「@」の前を64文字まで、全体を254文字までで送ってください。省けます。",
    )
    consent: Annotated[bool, AfterValidator(_given)] = Field(
        json_schema_extra={"const": True},
        description="consent には、ご本人が個人情報の取扱いに同意したときに限り、true を送ってください。",
    )
    changes: Annotated[list[Literal["ADDRESS", "NAME", "OTHER"]], AfterValidator(_all_different)] = Field(
        default=[],
        max_length=3,
        description="changes には、FACE_CHANGE のときは必ず、変わったものを ADDRESS（住所）、NAME（氏名）、"
        'OTHER（その他）から ["ADDRESS"] のように送ってください。変わった氏名そのものは送らないでください。',
    )
    old_address: Annotated[str, text(200), CleanedInput] = Field(
        default="",
        description="old_address には、changes に ADDRESS があるときに限り、"
        "カードに書かれている前の住所を、200文字までで送ってください。",
    )
    new_address: Annotated[str, text(200), CleanedInput] = Field(
        default="",
        description="new_address には、changes に ADDRESS があるときに限り、"
        "新しい住所を、200文字までで送ってください。",
    )
    changed_on: Annotated[Day, AfterValidator(_likely_change)] | None = Field(
        default=None,
        description="changed_on には、変更した日を 2026-10-01 のように、"
        "11年前から1年後までの日付で送ってください。",
    )


class Booked(BaseModel):
    """The reservation that was made."""

    reference: str = Field(description="予約番号。利用者には K7MT-AWX-R74 のように 4-3-3 で見せる")
    office: str
    starts_at: str = Field(description="始まる日時（日本時間）")
    minutes: int
    procedures: list[str]


class ReservationState(BaseModel):
    """A reservation as it stands now. Nothing in it is about the person."""

    reference: str
    office: str | None = Field(description="ほかの受付で作られた予約のときは null")
    starts_at: str = Field(description="始まる日時（日本時間）")
    minutes: int
    procedures: list[str]
    status: Literal["BOOKED", "CANCELLED"]
    change_until: str | None = Field(description="この日時まで変更できる。取り消されたあとは null")
    cancel_until: str | None = Field(description="この日時まで取り消せる。取り消されたあとは null")
