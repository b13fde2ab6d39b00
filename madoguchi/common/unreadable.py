"""The placeholder of a damaged stored value, and the refusal of actions that need the value."""

from typing import Final

from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext


class Unreadable(str):
    """The placeholder of a text that cannot be unsealed: shown, but never compared, stored or sent.

    A page shows it in its reader's language; as JSON for a paper it stays Japanese.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return gettext("〔読み取れません〕")

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


UNREADABLE: Final = Unreadable("〔読み取れません〕")


class ValueUnreadable(Refusal):
    """A stored value is damaged: altered, truncated, or moved to another cell."""

    code = "value_unreadable"
    message = "登録された情報の一部を読み取れないため、この操作はできません。お電話でお問い合わせください。"


def refuse_unreadable(*values: object) -> None:
    """Raise ValueUnreadable when one of these values is a placeholder."""
    if any(isinstance(value, Unreadable) for value in values):
        raise ValueUnreadable
