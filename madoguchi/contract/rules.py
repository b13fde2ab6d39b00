"""When a visit may be booked, changed and cancelled, and how long it takes (仕様書 4(3)ア). Plain Python.

Every boundary instant is itself still allowed: compare with `now <= deadline` and `now >= opens`.
"""

# ruff: noqa: RUF009 - rule() returns a field, as dataclasses.field() does

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from madoguchi.common.calendar import JST, Calendar, add_months
from madoguchi.contract.errors import RuleNotValid
from madoguchi.contract.rows import ProcedureRow

FISCAL_YEAR_BEGINS: Final = (4, 1)
RuleValue = int | bool | time
# How a version reads that gives an office's own rule back.
COMMON_VALUE: Final = "全局に共通の値"


def rule(
    default: object, label: str, unit: str = "", *, low: int = 0, high: int = 366, by_office: bool = True
) -> Any:
    """Declare a rule: its default, its label and its limits.

    `by_office` is False for what is decided before there is an office, or for all of them together.
    """
    if isinstance(default, str):
        default = time.fromisoformat(default)
    return field(
        default=default,
        metadata={"label": label, "unit": unit, "low": low, "high": high, "by_office": by_office},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRules:
    """The rules in force at one instant for one office.

    Days count back from the visit: calendar days for opening and reminders, City business days elsewhere.
    """

    opens_days_before: int = rule(60, "予約の受付開始", "日前（暦日）", low=1)
    opens_time: time = rule("09:00", "予約の受付開始の時刻")
    register_days: int = rule(5, "予約の締切（申請者）", "開庁日前")
    register_time: time = rule("17:00", "予約の締切の時刻（申請者）")
    change_days: int = rule(5, "変更の締切（申請者）", "開庁日前")
    change_time: time = rule("17:00", "変更の締切の時刻（申請者）")
    cancel_days: int = rule(1, "取消しの締切（申請者）", "開庁日前")
    cancel_time: time = rule("12:00", "取消しの締切の時刻（申請者）")
    staff_register_days: int = rule(3, "予約の締切（電話受付）", "開庁日前")
    staff_register_time: time = rule("12:00", "予約の締切の時刻（電話受付）")
    staff_change_days: int = rule(1, "変更の締切（電話受付）", "開庁日前")
    staff_change_time: time = rule("12:00", "変更の締切の時刻（電話受付）")
    hold_minutes: int = rule(10, "枠を確保しておく時間", "分", low=3, high=60)
    hold_extensions: int = rule(10, "確保時間を延長できる回数", "回", high=10)
    draft_minutes: int = rule(60, "入力途中の内容を残す時間", "分", low=10, high=720, by_office=False)
    work_from_holds: int = rule(
        300,
        "見えない計算をたのむ、予約の始まり（全体）",
        "件より多いとき（10分間）",
        high=100_000,
        by_office=False,
    )
    work_from_holds_of_one: int = rule(
        10,
        "見えない計算をたのむ、予約の始まり（1つの接続元）",
        "件より多いとき（10分間）",
        high=100_000,
        by_office=False,
    )
    bookings_of_contact: int = rule(
        12,
        "1つの電話番号・メールアドレスで持てる、これからの予約（申請者）",
        "件まで（0は制限なし）",
        high=10_000,
        by_office=False,
    )
    offer_minutes: int = rule(
        120, "空き待ちの方への案内の期限", "分（下の時間帯で数える）", low=30, high=1440, by_office=False
    )
    offer_from: time = rule("08:00", "空き待ちの期限を数え始める時刻", by_office=False)
    offer_to: time = rule("21:00", "空き待ちの期限を数え終える時刻", by_office=False)
    telephone_percent: int = rule(20, "電話予約のために残す枠の割合", "％", high=100)
    telephone_release_days: int = rule(8, "電話用の枠をウェブに開放する日", "開庁日前")
    telephone_release_time: time = rule("09:00", "電話用の枠をウェブに開放する時刻")
    reminder_days_first: int = rule(3, "お知らせメール（1回目）", "日前（暦日）", high=30)
    reminder_days_second: int = rule(1, "お知らせメール（2回目）", "日前（暦日）", high=30)
    reminder_time: time = rule("12:30", "お知らせメールの時刻")
    min_age: int = rule(15, "ご本人だけで手続きできる年齢", "歳以上", high=120)
    renewal_window_months: int = rule(
        3, "更新できる期間（有効期限の）", "か月前から", low=1, high=12, by_office=False
    )
    ask_sex: bool = rule(default=False, label="性別をたずねる", by_office=False)
    relay_time: time = rule(
        "10:00", "予約を確認して本市に伝える期限の時刻（受付の翌開庁日）", by_office=False
    )
    city_check_days: int = rule(3, "本市が住民登録と照合する期限", "開庁日前")
    office_days_ahead: int = rule(3, "郵便局に見せる予約（今日より先）", "営業日先まで", high=30)
    keep_reservation_years: int = rule(
        1, "予約した方の情報", "年（来局の翌年度の4月1日から）", high=30, by_office=False
    )
    keep_wait_days: int = rule(7, "空き待ちを終えた方の情報", "日", low=1, by_office=False)
    keep_mail_days: int = rule(90, "送ったメールの宛先と本文", "日", low=1, by_office=False)
    keep_sign_in_days: int = rule(90, "サインインの失敗の記録", "日", low=1, by_office=False)


@dataclass(frozen=True, slots=True)
class RuleKind:
    """The declaration of a rule, from which forms are built."""

    key: str
    label: str
    unit: str
    type: type
    low: int
    high: int
    by_office: bool


RULES: Final[Mapping[str, RuleKind]] = {
    each.name: RuleKind(each.name, type=type(each.default), **each.metadata) for each in fields(BookingRules)
}


def read_rule_value(key: str, value: object, *, scope: str = "") -> RuleValue:
    """Return the value of a rule from its written form (times as "17:00").

    Raises RuleNotValid when there is no such rule, when one office (the scope) cannot have its own, or when
    the value is of another kind or outside its limits.
    """
    kind = refuse_common_rule(key) if scope else _known_rule(key)
    if kind.type is time:
        try:
            return time.fromisoformat(str(value))
        except ValueError:
            raise RuleNotValid(f"{kind.label}は「17:00」のように書いてください。") from None
    if type(value) is not kind.type:
        wanted = "はい・いいえ（true・false）" if kind.type is bool else "整数"
        raise RuleNotValid(f"{kind.label}は{wanted}で書いてください。")
    if kind.type is int and not kind.low <= int(str(value)) <= kind.high:
        raise RuleNotValid(f"{kind.label}は{kind.low}から{kind.high}までの整数で書いてください。")
    return value  # type: ignore[return-value]  # its type has just been compared


def refuse_common_rule(key: str) -> RuleKind:
    """Return the declaration of a rule that an office may have for itself. Raises RuleNotValid."""
    kind = _known_rule(key)
    if not kind.by_office:
        raise RuleNotValid(f"{kind.label}は、局ごとには決められません。")
    return kind


def _known_rule(key: str) -> RuleKind:
    if (kind := RULES.get(key)) is None:
        raise RuleNotValid(f"「{key}」という規則はありません。")
    return kind


def written_rule_value(value: RuleValue) -> int | bool | str:
    """Return a rule's value as it is stored, shown in the history and written in a pack."""
    return f"{value:%H:%M}" if isinstance(value, time) else value


def format_rule(key: str, value: object) -> str:
    """Return the value of a rule, or its written form, in words."""
    if value is None:
        return COMMON_VALUE
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value}{RULES[key].unit}"


def shapes_seats(key: str) -> bool:
    """Tell whether a rule affects the seats, which must be rebuilt when it changes."""
    return key.startswith(("telephone_", "opens_"))


def _instant(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, tzinfo=JST)


def hold_minutes(rules: BookingRules, people: int = 1) -> int:
    """Return the minutes of a hold: half as long again for each further person."""
    return rules.hold_minutes + (people - 1) * -(-rules.hold_minutes // 2)


def booking_opens(day: date, rules: BookingRules) -> datetime:
    """Return from when a visit on a day may be booked; the wave may open later (仕様書 4(3)ア)."""
    return _instant(day - timedelta(days=rules.opens_days_before), rules.opens_time)


def register_deadline(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for citizens to book a visit on a day; afterwards by telephone."""
    return _instant(calendar.shift(day, -rules.register_days), rules.register_time)


def change_deadline(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for citizens to change a visit on a day."""
    return _instant(calendar.shift(day, -rules.change_days), rules.change_time)


def cancel_deadline(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for citizens to cancel a visit on a day; afterwards by telephone."""
    return _instant(calendar.shift(day, -rules.cancel_days), rules.cancel_time)


def staff_register_deadline(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for staff to book a visit on a day, in time for the city's check."""
    return _instant(calendar.shift(day, -rules.staff_register_days), rules.staff_register_time)


def staff_change_deadline(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for staff to move a visit to a day, in time for the office's list."""
    return _instant(calendar.shift(day, -rules.staff_change_days), rules.staff_change_time)


def telephone_release(day: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return when the seats kept for the telephone are offered on the web as well."""
    return _instant(calendar.shift(day, -rules.telephone_release_days), rules.telephone_release_time)


def is_kept_for_telephone(place: int, rules: BookingRules) -> bool:
    """Tell whether the seat at this place of an office's day (from 0) is kept for the telephone.

    The kept seats are spread evenly over the day: with 20 % every fifth.
    """
    share = rules.telephone_percent
    return (place + 1) * share // 100 > place * share // 100


def reminder_instants(day: date, rules: BookingRules) -> tuple[datetime, datetime]:
    """Return when the first and the second reminder of a visit on a day are due."""
    first, second = (
        _instant(day - timedelta(days=days), rules.reminder_time)
        for days in (rules.reminder_days_first, rules.reminder_days_second)
    )
    return first, second


def relay_deadline(booked_on: date, rules: BookingRules, calendar: Calendar) -> datetime:
    """Return the deadline for checking a day of bookings and relaying them to the city (仕様書 4(6)ア)."""
    return _instant(calendar.shift(booked_on, 1), rules.relay_time)


def city_check_day(day: date, rules: BookingRules, calendar: Calendar) -> date:
    """Return the day by which the city has checked the visitors of a day."""
    return calendar.shift(day, -rules.city_check_days)


def expired_before(today: date, rules: BookingRules) -> date:
    """Return the first day of visit still within the retention term; earlier ones are past it.

    Years are counted from the first day of the fiscal year after the visit (文書の保存年限の数え方).
    """
    fiscal_year = today.year if (today.month, today.day) >= FISCAL_YEAR_BEGINS else today.year - 1
    return date(fiscal_year - rules.keep_reservation_years, *FISCAL_YEAR_BEGINS)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day in which people are contacted; the whole day when start is not before end.

    With a calendar, only on its open days: nobody is called while the call centre is closed.
    """

    since: time
    until: time
    days: Calendar | None = None

    def next(self, instant: datetime) -> datetime:
        """Return an instant in Japan's time, postponed into these hours."""
        return self._next(instant)[0]

    def after(self, instant: datetime, *, open_minutes: int) -> datetime:
        """Return the instant after so many minutes within these hours."""
        left = timedelta(minutes=open_minutes)
        moment, closes = self._next(instant)
        while closes - moment < left:
            left -= closes - moment
            moment, closes = self._next(closes)
        return moment + left

    def _next(self, instant: datetime) -> tuple[datetime, datetime]:
        """Return the moment, and when the hours that it falls into are over."""
        moment = instant.astimezone(JST)
        day = moment.date()
        while (self.days and not self.days.is_open(day)) or self._closes(day) <= moment:
            day += timedelta(days=1)
        opens = time() if self.until <= self.since else self.since
        return max(moment, _instant(day, opens)), self._closes(day)

    def _closes(self, day: date) -> datetime:
        if self.until <= self.since:
            return _instant(day + timedelta(days=1), time())
        return _instant(day, self.until)


def minutes_needed(procedures: Collection[ProcedureRow]) -> int:
    """Return the minutes of a visit: one procedure at full length, the others at their length beside it.

    Which one comes first does not matter: the longest way to count is taken.
    """
    extra = max((row.minutes_alone - row.minutes_beside for row in procedures), default=0)
    return sum(row.minutes_beside for row in procedures) + extra


def slots_needed(procedures: Collection[ProcedureRow], slot_minutes: int) -> int:
    """Return how many slots in a row the procedures of one visit fill, at least one."""
    return max(1, -(-minutes_needed(procedures) // slot_minutes))


def renewal_opens(expiry: date, *, months: int) -> date:
    """Return the first day on which a certificate can be renewed; the last is the expiry itself.

    It is the day after the date `months` before the expiry, clamped to the end of the month.
    """
    return add_months(expiry, -months) + timedelta(days=1)
