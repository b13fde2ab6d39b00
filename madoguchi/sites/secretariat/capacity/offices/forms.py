"""What the secretariat types about hours, seats and closures."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms

from madoguchi.common import clock
from madoguchi.common.calendar import WEEKDAYS
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import closure_reasons, day_kinds, format_clock
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import NumberField, TextField

HOUR_MINUTES: Final = 60
# Every half hour of the day is a border that a counter may have.
STEP_MINUTES: Final = 30
MINUTES_A_DAY: Final = 24 * HOUR_MINUTES
EARLIEST, LATEST = 7 * HOUR_MINUTES, 21 * HOUR_MINUTES
KINDS: Final = [("hours", "受付時間"), ("seats", "枠数"), ("closure", "臨時休業")]
WHOLE_DAY: Final = "終日"
TIMES: Final = [
    (str(minutes), format_clock(minutes)) for minutes in range(EARLIEST, LATEST + 1, STEP_MINUTES)
]
BORDER_ORDER = "終わりの時刻は、始まりより後にしてください"


class DayForm(forms.Form):
    """A change of one day of one office."""

    day = TermDayField()
    kind = forms.ChoiceField(label="種類", choices=KINDS, initial="closure")
    start = forms.TypedChoiceField(label="時間", choices=TIMES, coerce=int)
    end = forms.TypedChoiceField(label="終わりの時刻", choices=TIMES, coerce=int)
    seats = NumberField(label="枠数", min_value=0, max_value=20, required=False)
    reason = forms.ChoiceField(label="理由", choices=closure_reasons, required=False)
    everywhere = forms.BooleanField(label="すべての郵便局", required=False)

    def clean(self) -> dict[str, Any]:
        """Compare the borders, and ask for what the kind of change needs."""
        cleaned = super().clean() or {}
        if "start" in cleaned and "end" in cleaned and cleaned["start"] >= cleaned["end"]:
            self.add_error("end", BORDER_ORDER)
        if cleaned.get("kind") == "seats" and cleaned.get("seats") is None and "seats" not in self.errors:
            self.add_error("seats", "枠数を、0から20までの数字で入力してください")
        if cleaned.get("kind") == "closure" and not cleaned.get("reason"):
            self.add_error("reason", "休業の理由を選んでください")
        if (day := cleaned.get("day")) and day < clock.today():
            self.add_error("day", "過ぎた日は変更できません")
        return cleaned

    def borders(self) -> tuple[datetime, datetime]:
        """Return the instants between which something changes."""
        midnight = clock.at(self.cleaned_data["day"], clock.MIDNIGHT)
        return (
            midnight + timedelta(minutes=self.cleaned_data["start"]),
            midnight + timedelta(minutes=self.cleaned_data["end"]),
        )


class ClosureForm(forms.Form):
    """A closure over one or several days, whole or in part."""

    first = TermDayField(label="最初の日")
    last = TermDayField(label="最後の日")
    start = forms.ChoiceField(label="始まり", choices=[("", WHOLE_DAY), *TIMES], required=False)
    end = forms.ChoiceField(label="終わり", choices=[("", WHOLE_DAY), *TIMES], required=False)
    reason = forms.ChoiceField(label="理由", choices=closure_reasons)
    note = TextField(label="補足", max_length=200, required=False, help_text="個人に関することは書きません。")

    def clean(self) -> dict[str, Any]:
        """Compare the borders."""
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last"):
            if cleaned["first"] < clock.today():
                self.add_error("first", "過ぎた日は休業にできません")
            starts_at, ends_at = self.borders()
            if starts_at >= ends_at:
                self.add_error("last", "最後の日と終わりの時刻は、始まりより後にしてください")
        return cleaned

    def borders(self) -> tuple[datetime, datetime]:
        """Return from when to when the counter is closed."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        start, end = self.cleaned_data.get("start", ""), self.cleaned_data.get("end", "")
        return (
            clock.at(first, clock.MIDNIGHT) + timedelta(minutes=int(start or 0)),
            clock.at(last, clock.MIDNIGHT) + timedelta(minutes=int(end or MINUTES_A_DAY)),
        )


class HoursForm(forms.Form):
    """The weekly hours from a day on: for each weekday two stretches, so that a break fits in between."""

    effective_from = TermDayField(label="適用を始める日")
    note = TextField(label="変更の理由", max_length=200, required=False)
    everywhere = forms.BooleanField(
        label="すべての郵便局に、同じ受付時間と枠を適用する",
        help_text="局ごとの休憩や枠の違いも、この内容に置き換わります。",
        required=False,
    )

    def __init__(self, *args: Any, weekdays: range = range(5), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weekdays = weekdays
        for weekday in weekdays:
            for part in (1, 2):
                for border, name in (("start", "始まり"), ("end", "終わり")):
                    self.fields[f"{border}_{weekday}_{part}"] = forms.ChoiceField(
                        label=f"{WEEKDAYS[weekday]}曜日 {part}つ目の{name}",
                        choices=[("", "―"), *TIMES],
                        required=False,
                        widget=forms.Select({"class": "input"}),
                    )
            self.fields[f"seats_{weekday}"] = NumberField(
                label=f"{WEEKDAYS[weekday]}曜日の枠数",
                min_value=0,
                max_value=20,
                required=False,
                initial=1,
                widget=forms.NumberInput({"class": "input"}),
            )

    def rows(self) -> list[tuple[str, list[forms.BoundField], forms.BoundField]]:
        """Return the fields by weekday, for the table."""
        return [
            (
                WEEKDAYS[weekday],
                [self[f"{border}_{weekday}_{part}"] for part in (1, 2) for border in ("start", "end")],
                self[f"seats_{weekday}"],
            )
            for weekday in self.weekdays
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for both borders of a stretch, in order."""
        cleaned = super().clean() or {}
        for weekday in self.weekdays:
            for part in (1, 2):
                start, end = (cleaned.get(f"{border}_{weekday}_{part}", "") for border in ("start", "end"))
                if bool(start) != bool(end):
                    self.add_error(
                        f"end_{weekday}_{part}",
                        f"{WEEKDAYS[weekday]}曜日は、始まりと終わりの両方を選んでください",
                    )
                elif start and int(start) >= int(end):
                    self.add_error(f"end_{weekday}_{part}", f"{WEEKDAYS[weekday]}曜日の{BORDER_ORDER}")
        if (day := cleaned.get("effective_from")) and day < clock.today():
            self.add_error("effective_from", "過ぎた日からは変更できません")
        return cleaned

    def spans(self) -> list[tuple[int, Span]]:
        """Return (weekday, span) for the service."""
        cleaned = self.cleaned_data
        return [
            (
                weekday,
                Span(int(start), int(cleaned[f"end_{weekday}_{part}"]), cleaned[f"seats_{weekday}"] or 0),
            )
            for weekday in self.weekdays
            for part in (1, 2)
            if (start := cleaned[f"start_{weekday}_{part}"])
        ]


class PresetForm(forms.Form):
    """On a kind of day, offer only one of so many slots, from a day on."""

    day_kind = forms.ChoiceField(label="枠を減らす日", choices=day_kinds)
    keep_one_in = forms.TypedChoiceField(
        label="残す枠",
        coerce=int,
        choices=[(1, "すべて（減らさない）"), (2, "2枠に1枠"), (3, "3枠に1枠"), (4, "4枠に1枠")],
    )
    effective_from = TermDayField(label="適用を始める日")

    def clean_effective_from(self) -> date:
        """Return the day; the past stays as it was."""
        day: date = self.cleaned_data["effective_from"]
        if day < clock.today():
            raise forms.ValidationError("過ぎた日からは変更できません", code="past")
        return day
