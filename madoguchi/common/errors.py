"""Refusals: the exceptions of services."""

from typing import ClassVar

from madoguchi.common.languages import gettext


class Refusal(Exception):
    """A business rule refused the action and nothing was written; `message` is for the person.

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
    """Not there, or not visible to the actor: the answer is the same, so that nothing can be probed."""

    code = "not_visible"
    message = "見つかりませんでした。"


class ContentChanged(Refusal):
    """The content changed since the form showed it, or the form does not say what it showed."""

    code = "content_changed"
    message = (
        "この画面を開いたあとで内容が変わったため、いまの操作は行いませんでした。"
        "いまの内容を確かめてから、もう一度操作してください。"
    )


class StaffRefusal(Refusal):
    """A refusal that only staff see: in Japanese, not translated."""
