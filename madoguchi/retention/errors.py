"""Refusals around erasure: facts with a sentence for staff."""

from madoguchi.common.errors import StaffRefusal


class VisitToCome(StaffRefusal):
    """A person to be erased still has a future visit."""

    code = "still_standing"
    message = "これからの予約が残っています。先に予約を取り消してください。"


class UnderLegalHold(StaffRefusal):
    """The reservation is kept from erasure until that is lifted."""

    code = "preserved"
    message = "保留している予約が含まれています。先に保留を解除してください。"


class CountDiffers(StaffRefusal):
    """The number of people that was read and typed is not the number that would be erased."""

    code = "count_differs"
    message = "入力した人数が、消去される人数と合いません。人数を確かめて、もう一度入力してください。"


class NobodySelected(StaffRefusal):
    """Nobody is selected."""

    code = "nobody_meant"
    message = "消去の対象となる方がいません。"


class WithinTerm(StaffRefusal):
    """The retention term of the people to be erased is not over."""

    code = "within_term"
    message = "保存期間内の方が含まれます。日を早めるか、ほかの理由を選んでください。"


class DayNotOver(StaffRefusal):
    """Only people whose visit is over are erased by day."""

    code = "day_not_over"
    message = "来局日が過ぎた方だけを消去できます。昨日までの日を入力してください。"
