"""What a mail reads like: its text filled with a made-up person, for whoever writes or approves it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.utils import translation

from madoguchi.common.clock import JST
from madoguchi.common.era import citizen_datetime, citizen_day
from madoguchi.common.languages import MAIN, listed
from madoguchi.common.languages import gettext as _
from madoguchi.contract.selectors import belongings_for, procedures
from madoguchi.notifications.rules import filled

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 11)
# What is told in the reader's language.
INSTANTS: Final[Mapping[str, datetime]] = {
    "when": datetime(2026, 12, 15, 10, 30, tzinfo=JST),
    "change_until": datetime(2026, 12, 8, 17, tzinfo=JST),
    "cancel_until": datetime(2026, 12, 14, 12, tzinfo=JST),
    "code_until": datetime(2026, 12, 1, 10, 15, tzinfo=JST),
    "offer_until": datetime(2026, 12, 1, 10, tzinfo=JST),
}

SAMPLE: Final[Mapping[str, str]] = {
    "reference": "K7MT-AWX-R74",
    "when": "12月15日（火）午前10時30分",
    "office": "見本郵便局",
    "offices": "見本郵便局、見本東郵便局",
    "days": "12月1日（火）から12月11日（金）まで",
    "address": "見本町1丁目1番1号",
    "access": "見本駅から徒歩4分",
    "procedures": "電子証明書の更新",
    "belongings": "・マイナンバーカード",
    "link": "https://yoyaku.example.jp/r/…",
    "change_until": "12月8日（火）午後5時",
    "cancel_until": "12月14日（月）正午",
    "stopped": "\n止まっている手続き：電子証明書の更新",
    "cause": "設備の点検・工事",
    "code": "012345",
    "code_until": "12月1日（火）午前10時15分",
    "offer_until": "12月1日（火）午前10時",
    "phone": "092-000-0000",
    "phone_hours": "平日 午前9時～午後5時",
}


def as_letter(body: str, language: str = MAIN) -> str:
    """Return a mail's text as a made-up person would read it; a word that there is not shows as ？."""
    with translation.override(language):
        instants = {name: citizen_datetime(instant) for name, instant in INSTANTS.items()}
        days = {"first": citizen_day(FIRST), "last": citizen_day(LAST)}
        spoken = {
            **instants,
            "days": _("%(first)sから%(last)sまで") % days,
            "procedures": listed(row.name for row in procedures()[:1]),
            "belongings": "\n".join(f"・{row.text}" for row in belongings_for(())),
        }
    values = {**SAMPLE, **{name: words for name, words in spoken.items() if words}}
    return filled(body, defaultdict(lambda: "？", values))
