"""Constraints that several packages put on their tables."""

from django.db.models import CheckConstraint, Q

from madoguchi.common.forbidden import LONG_NUMBER_MESSAGE

_DIGIT = "[0-9０-９]"
# Only what common.forbidden refuses as well: a text that passed the form never fails in the database.
_GROUPED = "|".join(
    f"{_DIGIT}{{{size}}}" + f"({gap}{_DIGIT}{{{size}}}){{{12 // size - 1}}}"
    for gap in ("[ \u3000]", "[-‐‑‒–—―−ー－]")
    for size in (3, 4, 6)
)
_LONG_NUMBER = (
    f"(?<!{_DIGIT}[ \u3000‐‑‒–—―−ー－-]?)({_DIGIT}{{12}}|{_GROUPED})(?![ \u3000‐‑‒–—―−ー－-]?{_DIGIT})"
)


def no_long_digits(field: str, *, name: str) -> CheckConstraint:
    """Refuse 12 digits in a row, or in equal groups, in a column of free text (仕様書 4(3)ア).

    The second barrier behind `common.forbidden.refuse_forbidden`, for code that forgets to call it.
    """
    return CheckConstraint(
        name=name,
        condition=~Q(**{f"{field}__regex": _LONG_NUMBER}),
        violation_error_message=LONG_NUMBER_MESSAGE,
    )
