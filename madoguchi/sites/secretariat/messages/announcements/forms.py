"""What citizens are told on top of every page."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.notifications.announcements import KINDS, AnnouncementRow
from madoguchi.web.days import MomentField
from madoguchi.web.forms import TextField


class AnnouncementForm(forms.Form):
    """One announcement."""

    kind = forms.ChoiceField(label="種類", choices=KINDS)
    title = TextField(label="見出し", max_length=60, help_text="60字まで。一目でわかるように。")
    body = TextField(
        label="本文",
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text="600字まで。",
    )
    shows_from = MomentField(label="表示を始める日時")
    shows_until = MomentField(label="表示を終える日時")

    def clean(self) -> dict[str, Any]:
        """Compare the two moments."""
        cleaned = super().clean() or {}
        start, end = cleaned.get("shows_from"), cleaned.get("shows_until")
        if start and end and start >= end:
            self.add_error("shows_until", "表示を終える日時は、始める日時より後にしてください")
        return cleaned


class OutageForm(AnnouncementForm):
    """An announcement of an outage."""

    kind = None  # type: ignore[assignment]  # Django's way to leave a field out


def initial_of(row: AnnouncementRow | None) -> dict[str, str | datetime]:
    """Return what the form starts from: an announcement, or a week from now."""
    if row:
        return {
            "kind": row.kind,
            "title": row.title,
            "body": row.body,
            "shows_from": row.shows_from,
            "shows_until": row.shows_until,
        }
    now = clock.to_jst(clock.now()).replace(second=0, microsecond=0)
    return {"shows_from": now, "shows_until": now + timedelta(days=7)}
