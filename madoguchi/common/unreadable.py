"""The placeholder of a damaged stored value, and the refusal of actions that need the value."""

from typing import Final

from madoguchi.common.errors import Refusal


class Unreadable(str):
    """The placeholder of a text that cannot be unsealed: shown, but never compared, stored or sent."""

    __slots__ = ()


UNREADABLE: Final = Unreadable("〔読み取れません〕")


class ValueUnreadable(Refusal):
    """A stored value is damaged: altered, truncated, or moved to another cell."""

    code = "value_unreadable"
    message = "登録された情報の一部を読み取れないため、この操作はできません。お電話でお問い合わせください。"


def refuse_unreadable(*values: object) -> None:
    """Raise ValueUnreadable when one of these values is a placeholder."""
    if any(isinstance(value, Unreadable) for value in values):
        raise ValueUnreadable
