"""What stops, from when until when, and why; then the words for citizens."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms

from madoguchi.common import clock
from madoguchi.contract.selectors import procedures
from madoguchi.offices.pauses import CAUSES, Scope
from madoguchi.offices.selectors import offices
from madoguchi.web.days import MomentField
from madoguchi.web.forms import CheckList, LineField, RadioTiles, TextField
from madoguchi.workflows.outage.pauses import end_of_day, end_of_term

ENDS: Final = [("today", "本日いっぱい"), ("until", "日時を決める"), ("open", "再開するまで（終わりは未定）")]


class ScopeForm(forms.Form):
    """The scope of a pause. `decided` is the instant at which "now" was pressed, so that twice is once."""

    cause = forms.ChoiceField(
        label="原因",
        choices=list(CAUSES.items()),
        widget=RadioTiles,
        error_messages={"required": "原因を選んでください"},
    )
    where = forms.ChoiceField(
        label="止める郵便局",
        choices=[("all", "すべての郵便局"), ("some", "郵便局を選ぶ")],
        widget=RadioTiles,
    )
    offices = forms.MultipleChoiceField(label="郵便局", required=False, widget=CheckList)
    procedure = forms.ChoiceField(label="止める手続き", required=False)
    start = forms.ChoiceField(
        label="いつから", choices=[("now", "いまから"), ("at", "日時を決める")], widget=RadioTiles
    )
    starts_at = MomentField(label="始まりの日時", required=False)
    end = forms.ChoiceField(label="いつまで", choices=ENDS, widget=RadioTiles)
    ends_at = MomentField(label="終わりの日時", required=False)
    decided = LineField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(row.code, row.short_name) for row in offices() if row.takes_bookings(clock.now())]
        self.fields["offices"].choices = places  # type: ignore[attr-defined]
        self.fields["procedure"].choices = [  # type: ignore[attr-defined]
            ("", "すべての手続き"),
            *((str(row.code), row.name) for row in procedures()),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for what the choices need, and compare the two instants."""
        cleaned = super().clean() or {}
        if cleaned.get("where") == "some" and not cleaned.get("offices") and "offices" not in self.errors:
            self.add_error("offices", "止める郵便局を選んでください")
        for choice, name, what in (("at", "starts_at", "始まり"), ("until", "ends_at", "終わり")):
            chosen = choice in {cleaned.get("start"), cleaned.get("end")}
            if chosen and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"{what}の日時を入力してください")
        if not self.errors:
            self._compare()
        return cleaned

    def _compare(self) -> None:
        scope = self.scope()
        if scope.starts_at < clock.now() - timedelta(days=1):
            self.add_error("starts_at", "過ぎた日は止められません")
        elif scope.ends_at <= max(scope.starts_at, clock.now()):
            name = "end" if self.cleaned_data["end"] == "today" else "ends_at"
            self.add_error(name, "終わりは、始まりといまの時刻より後にしてください")

    @property
    def is_open_ended(self) -> bool:
        """Tell whether nobody knows the end."""
        return bool(self.cleaned_data["end"] == "open")

    def starts(self) -> datetime:
        """Return when it begins; "now" stays the instant at which it was first pressed."""
        if self.cleaned_data["start"] == "at":
            found: datetime = self.cleaned_data["starts_at"]
            return found
        now = clock.now()
        try:
            decided = datetime.fromisoformat(self.cleaned_data["decided"])
            return decided if timedelta() <= now - decided < timedelta(hours=1) else now
        except (ValueError, TypeError):
            return now

    def scope(self) -> Scope:
        """Return what stops."""
        asked = self.cleaned_data
        if asked["end"] == "until":
            ends_at = asked["ends_at"]
        else:
            ends_at = end_of_day(clock.today()) if asked["end"] == "today" else end_of_term()
        return Scope(
            starts_at=self.starts(),
            ends_at=ends_at,
            offices=tuple(sorted(asked["offices"])) if asked["where"] == "some" else (),
            procedure=asked["procedure"],
        )


class BannerForm(forms.Form):
    """The notice on top of every citizen page; without a title there is none."""

    title = TextField(
        label="見出し", max_length=60, required=False, help_text="消すと、お知らせを出しません。"
    )
    body = TextField(
        label="本文",
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text="600字まで。",
    )


class ExtendForm(forms.Form):
    """A later end."""

    end = forms.ChoiceField(label="新しい終わり", choices=ENDS, widget=RadioTiles)
    ends_at = MomentField(label="終わりの日時", required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the instant where one is chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("end") == "until" and not cleaned.get("ends_at") and "ends_at" not in self.errors:
            self.add_error("ends_at", "終わりの日時を入力してください")
        return cleaned

    def ends(self) -> datetime:
        """Return the new end."""
        asked = self.cleaned_data
        if asked["end"] == "until":
            found: datetime = asked["ends_at"]
            return found
        return end_of_day(clock.today()) if asked["end"] == "today" else end_of_term()
