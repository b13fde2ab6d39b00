"""What a service raises when it says no."""

from typing import ClassVar

from madoguchi.common.languages import gettext


class Refusal(Exception):
    """A rule said no, nothing was written, and `message` is the sentence a person may read.

    Subclasses are named for the fact (`SlotFull`) and set a stable `code` and a default `message`: Japanese,
    and raised in the language of who asks. A sentence given instead has gone through gettext already.
    `fields` holds facts beside the sentence, such as the next free time; no personal data: logs may have it.

    >>> raise Refusal("この時間は埋まりました。", slot=12)
    Traceback (most recent call last):
    madoguchi.common.errors.Refusal: この時間は埋まりました。
    """

    code: ClassVar[str] = "refused"
    message: str = "この操作はできません。"

    def __init__(self, message: str = "", **fields: object) -> None:
        self.message = message or gettext(type(self).message)
        self.fields = fields
        super().__init__(self.message)


class NotVisible(Refusal):
    """Not there, or not for the one who asks: both give the same answer, so that nothing can be tried out."""

    code = "not_visible"
    message = "見つかりませんでした。"


class ContentChanged(Refusal):
    """What a form showed is no longer so, or the form does not say what it showed; nothing was written."""

    code = "content_changed"
    message = (
        "この画面を開いたあとで内容が変わったため、いまの操作は行いませんでした。"
        "いまの内容を確かめてから、もう一度操作してください。"
    )


class StaffRefusal(Refusal):
    """What only staff are told: Japanese, and in no catalogue."""
