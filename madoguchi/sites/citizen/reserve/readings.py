"""Sentences that say how a date of expiry with a short year was read, for the pages that follow."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from madoguchi.common import dates
from madoguchi.sites.citizen.reserve.forms import ProceduresForm
from madoguchi.web.forms import DatePartsField, format_date_reading


def readings_of(typed: Mapping[str, Any], card: date | None, certificate: date | None) -> list[str]:
    """Return a sentence for each date of which a short year was typed.

    `typed` is what was typed into ProceduresForm; `card` and `certificate` are the dates it read from it.
    """
    sentences = []
    for name, day in (("card_expires_on", card), ("cert_expires_on", certificate)):
        field = cast("DatePartsField", ProceduresForm.base_fields[name])
        if day and (parts := typed.get(name)) and dates.is_short(field.parts_of(parts)):
            sentences.append(f"{field.label}：{format_date_reading(day)}")
    return sentences
