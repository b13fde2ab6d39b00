"""What stands for a stored value that can no longer be read, and the refusal of whatever would need it."""

from typing import Final

from madoguchi.common.errors import Refusal


class Unreadable(str):
    """A text in place of one that could not be opened: shown, but never compared, kept or sent."""

    __slots__ = ()


UNREADABLE: Final = Unreadable("〔読み取れません〕")


class ValueUnreadable(Refusal):
    """Something that was stored can no longer be read: altered, cut off, or moved to another place."""

    code = "value_unreadable"
    message = "登録された情報の一部を読み取れないため、この操作はできません。お電話でお問い合わせください。"


def refuse_unreadable(*values: object) -> None:
    """Raise ValueUnreadable when one of these only stands for what could not be opened."""
    if any(isinstance(value, Unreadable) for value in values):
        raise ValueUnreadable
