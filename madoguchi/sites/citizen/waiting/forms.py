"""Where and when somebody who waits would come."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.common.era import citizen_day, citizen_time
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sites.citizen.reserve.forms import StepForm
from madoguchi.web.forms import CheckTiles, RadioTiles, TileChoice

TIMES = {
    "any": (time(0, 0), time(23, 59)),
    "morning": (time(0, 0), time(11, 59)),
    "afternoon": (time(12, 0), time(23, 59)),
}


class WishForm(StepForm):
    """The offices, the days and the times of day that would do."""

    offices = forms.MultipleChoiceField(
        label=_("郵便局"),
        help_text=_("空きを待つ郵便局を、すべて選んでください。"),
        widget=CheckTiles,
        error_messages={"required": _("郵便局を、1つ以上選んでください")},
    )
    first_day = forms.TypedChoiceField(label=_("いつから"), coerce=date.fromisoformat)
    last_day = forms.TypedChoiceField(label=_("いつまで"), coerce=date.fromisoformat)
    times = forms.ChoiceField(
        label=_("時間帯"),
        widget=RadioTiles,
        choices=[
            ("any", TileChoice(_("いつでもよい"))),
            ("morning", TileChoice(_("午前"))),
            ("afternoon", TileChoice(_("午後"))),
        ],
        error_messages={"required": _("時間帯を選んでください")},
    )

    def __init__(
        self,
        *args: Any,
        offices: Sequence[OfficeRow],
        days: Sequence[date],
        at: time | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if at:
            times = cast("forms.ChoiceField", self.fields["times"])
            only = _("%(time)sだけ") % {"time": citizen_time(at)}
            times.choices = [*cast("Iterable[Any]", times.choices), (f"{at:%H:%M}", TileChoice(only))]
        named = [(row.code, TileChoice(row.name, row.ward_name)) for row in offices]
        cast("forms.MultipleChoiceField", self.fields["offices"]).choices = named
        for name in ("first_day", "last_day"):
            field = cast("forms.TypedChoiceField", self.fields[name])
            field.choices = [(day.isoformat(), citizen_day(day)) for day in days]
            field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, beside the second."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("「いつまで」は、「いつから」と同じ日か、あとの日を選んでください"))
        return cleaned


def read_time(text: str) -> time | None:
    """Return one time that is waited for, None for a part of the day."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of any day
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """Return the day from which somebody comes to the list, None without one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wish_of(kept: dict[str, Any]) -> Wish:
    """Return the wish from what the session keeps: plain text."""
    at = read_time(kept["times"])
    earliest, latest = (at, at) if at else TIMES[kept["times"]]
    return Wish(
        offices=tuple(kept["offices"]),
        first_day=date.fromisoformat(kept["first_day"]),
        last_day=date.fromisoformat(kept["last_day"]),
        earliest=earliest,
        latest=latest,
    )
