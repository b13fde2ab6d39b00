"""How the two dates of expiry were read where a short year was typed: said on the pages that follow."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from madoguchi.common import dates
from madoguchi.sites.citizen.reserve.forms import ProceduresForm
from madoguchi.web.forms import DatePartsField, format_date_reading


def readings_of(typed: Mapping[str, Any], card: date | None, certificate: date | None) -> list[str]:
    """Return a sentence for each date of which a short year was typed.

    `typed` is what the form of the procedures kept, the days are how it read them.
    """
    said = []
    for name, day in (("card_expires_on", card), ("cert_expires_on", certificate)):
        field = cast("DatePartsField", ProceduresForm.base_fields[name])
        if day and (parts := typed.get(name)) and dates.is_short(field.parts_of(parts)):
            said.append(f"{field.label}：{format_date_reading(day)}")
    return said
