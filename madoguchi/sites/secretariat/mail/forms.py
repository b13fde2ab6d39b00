"""What a mail says."""

from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import TextField


class TextForm(forms.Form):
    """The next version of a mail's text."""

    subject = TextField(
        label="件名",
        max_length=100,
        help_text="用件が分からない件名にします（【市の名前】ご予約のお知らせ など）。",
    )
    body = TextField(
        label="本文", max_length=4000, strip=False, widget=forms.Textarea({"rows": 18}),
        help_text="{ } の中は、送るときに一人ひとりの内容に置き換わります。",
    )  # fmt: skip
    effective_on = TermDayField(
        label="使い始める日",
        help_text="その日の0時から。本日にすると、すぐに変わります。",
    )

    def clean_body(self) -> str:
        """Return the body with plain line ends."""
        body: str = self.cleaned_data["body"]
        return body.replace("\r\n", "\n").strip("\n") + "\n"

    def moment(self) -> Any:
        """Return from which instant it is used: a day already begun means now."""
        return max(clock.at(self.cleaned_data["effective_on"], clock.MIDNIGHT), clock.now())
