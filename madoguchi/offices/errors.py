"""Refusals of the ledger of offices, each with its sentence."""

from madoguchi.common.errors import Refusal, StaffRefusal


class PauseWithoutTime(Refusal):
    """A pause would end before it begins, or is over already."""

    code = "pause_without_time"
    message = "終わりは、始まりといまの時刻より後にしてください。"


class AlreadyPaused(Refusal):
    """The same offices and procedure are paused at that time."""

    code = "already_paused"
    message = (
        "同じ範囲が、この時間にすでに停止しています。終わりを延ばすときは、その停止の画面で延ばしてください。"
    )


class PauseOver(Refusal):
    """The pause was lifted, or its time is over."""

    code = "pause_over"
    message = "この停止は、すでに終わっています。"


class HoursOverlap(Refusal):
    """Two spans of one day overlap, or one ends before it starts."""

    code = "hours_overlap"
    message = "受付時間が重なっているか、終わりが始まりより前です。"


class ClosureWithoutTime(Refusal):
    """A closure ends before it starts."""

    code = "closure_without_time"
    message = "休業の終わりは、始まりより後にしてください。"


class ClosureOfPause(StaffRefusal):
    """A closure belongs to a pause, and ends with it."""

    code = "closure_of_pause"
    message = "停止による休業です。「停止・休業の対応」で再開してください。"
