"""What a mail reads like: its text filled with a made-up person, for whoever writes or approves it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from madoguchi.notifications.rules import filled

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
    "stopped": "止まっている手続き：電子証明書の更新",
    "cause": "設備の点検・工事",
    "code": "012345",
    "code_until": "12月1日（火）午前10時15分",
    "offer_until": "12月1日（火）午前10時",
    "phone": "092-000-0000",
    "phone_hours": "平日 午前9時～午後5時",
}


def as_letter(body: str) -> str:
    """Return a mail's text as a made-up person would read it; a word that there is not shows as ？."""
    return filled(body, defaultdict(lambda: "？", SAMPLE))
