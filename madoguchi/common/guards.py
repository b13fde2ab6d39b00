"""Constraints that several packages put on their tables."""

from django.db.models import CheckConstraint, Q

from madoguchi.common.forbidden import LONG_NUMBER_MESSAGE, PLAIN_LONG_NUMBER


def no_long_digits(field: str, *, name: str) -> CheckConstraint:
    """Refuse 12 digits in a row, or in equal groups, in a column of free text (仕様書 4(3)ア).

    The second barrier behind `common.forbidden.refuse_forbidden`, for code that forgets to call it.
    """
    return CheckConstraint(
        name=name,
        condition=~Q(**{f"{field}__regex": PLAIN_LONG_NUMBER}),
        violation_error_message=LONG_NUMBER_MESSAGE,
    )
