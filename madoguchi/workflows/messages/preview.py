"""What a mail reads like: its text filled with a made-up person, for whoever writes or approves it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import translation

from madoguchi.common.clock import JST
from madoguchi.common.era import citizen_datetime, citizen_day, citizen_day_ahead
from madoguchi.common.languages import MAIN, listed
from madoguchi.common.languages import gettext as _
from madoguchi.contract.rows import BelongingRow
from madoguchi.contract.selectors import belongings_for, procedures
from madoguchi.notifications.rules import filled

CHANGE_UNTIL, CANCEL_UNTIL = datetime(2026, 12, 8, 17, tzinfo=JST), datetime(2026, 12, 14, 12, tzinfo=JST)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 11)
VISIT_DAY = date(2026, 12, 15)
# What is told in the reader's language.
INSTANTS: Final[Mapping[str, datetime]] = {
    "when": datetime(2026, 12, 15, 10, 30, tzinfo=JST),
    "code_until": datetime(2026, 12, 1, 10, 15, tzinfo=JST),
    "offer_until": datetime(2026, 12, 1, 10, tzinfo=JST),
}

SAMPLE: Final[Mapping[str, str]] = {
    "reference": "K7MT-AWX-R74",
    "when": "12月15日（火）午前10時30分",
    "visit_day": "明日、12月15日（火）",
    "minutes": "30",
    "people": "1",
    "office": "見本郵便局",
    "offices": "見本郵便局、見本東郵便局",
    "days": "12月1日（火）から12月11日（金）まで",
    "address": "見本町1丁目1番1号",
    "access": "見本駅から徒歩4分",
    "procedures": "電子証明書の更新",
    "belongings": "・マイナンバーカード",
    "link": "https://yoyaku.example.jp/r/…",
    "deadlines": "変更は 12月8日（火）午後5時 まで、取消しは 12月14日（月）正午 まで、このページでできます。"
    "そのあとは、お電話ください。",
    "stopped": "\n止まっている手続き：電子証明書の更新",
    "cause": "設備の点検・工事",
    "code": "012345",
    "code_until": "12月1日（火）午前10時15分",
    "offer_until": "12月1日（火）午前10時",
    "phone": "092-000-0000",
    "phone_hours": "平日 午前9時～午後5時",
}


def belongings_in_lines(items: Iterable[BelongingRow]) -> str:
    """Return what to bring, a line each; a hint has a line of its own, for it may hold brackets itself."""
    lines = []
    for item in items:
        lines.append(_("・%(thing)s") % {"thing": item.text})
        if item.hint:
            lines.append(f"　{item.hint}")
    return "\n".join(lines)


def deadlines_in_words(*, change: datetime, cancel: datetime, now: datetime) -> str:
    """Say what the page of a booking still does, and until when; what is over is done by telephone."""
    values = {"change": citizen_datetime(change), "cancel": citizen_datetime(cancel)}
    match now <= change, now <= cancel:
        case True, True:
            words = _(
                "変更は %(change)s まで、取消しは %(cancel)s まで、このページでできます。"
                "そのあとは、お電話ください。"
            )
            return words % values
        case True, False:
            return _("変更は %(change)s まで、このページでできます。取消しは、お電話ください。") % values
        case False, True:
            return _("取消しは %(cancel)s まで、このページでできます。変更は、お電話ください。") % values
        case _:
            return _("変更と取消しは、お電話ください。")


def render_sample_mail(text: str, language: str = MAIN, values: Mapping[str, str] = {}) -> str:
    """Return a mail's subject or body as a made-up person would read it; an unknown word shows as ？.

    `values` are known already, such as the cause of a pause.
    """
    with translation.override(language):
        shown = procedures()[:1]
        instants = {name: citizen_datetime(instant) for name, instant in INSTANTS.items()}
        days = {"first": citizen_day(FIRST), "last": citizen_day(LAST)}
        spoken = {
            **instants,
            "days": _("%(first)sから%(last)sまで") % days,
            "deadlines": deadlines_in_words(
                change=CHANGE_UNTIL, cancel=CANCEL_UNTIL, now=INSTANTS["offer_until"]
            ),
            "visit_day": citizen_day_ahead(VISIT_DAY, VISIT_DAY - timedelta(days=1)),
            "procedures": listed(row.name for row in shown),
            "belongings": belongings_in_lines(belongings_for([row.code for row in shown])),
        }
    made_up = {**SAMPLE, **{name: words for name, words in spoken.items() if words}, **values}
    return filled(text, defaultdict(lambda: "？", made_up))
