"""Where and when somebody who waits would come."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.common.era import citizen_day
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.waiting import Wish
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

    def __init__(self, *args: Any, offices: Sequence[OfficeRow], days: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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


def wish_of(kept: dict[str, Any]) -> Wish:
    """Return the wish from what the session keeps: plain text."""
    earliest, latest = TIMES[kept["times"]]
    return Wish(
        offices=tuple(kept["offices"]),
        first_day=date.fromisoformat(kept["first_day"]),
        last_day=date.fromisoformat(kept["last_day"]),
        earliest=earliest,
        latest=latest,
    )
