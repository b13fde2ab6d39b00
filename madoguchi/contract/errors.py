"""Refusals of the contract's ledger: facts with a sentence."""

from madoguchi.common.errors import Refusal


class NotOpen(Refusal):
    """The draft is not in the state in which this can be done to it: somebody was quicker."""

    code = "draft_not_open"
    message = "この案は、ほかの人が先に進めました。いまの状態を確かめてください。"


class SameAuthor(Refusal):
    """Who wrote or sent a draft does not decide on it."""

    code = "draft_same_hand"
    message = "案を書いた人・送った人は、承認も差戻しもできません。本市のほかの担当者が決めてください。"


class InForce(Refusal):
    """What is in force already is changed by another draft, never taken back."""

    code = "draft_in_force"
    message = "もう適用されているため、取り下げられません。元に戻すときは、新しい案を作ってください。"


class RuleNotValid(Refusal):
    """There is no such rule, or the value is outside its limits."""

    code = "rule_not_valid"
    message = "この規則に使えない値です。"


class NoProgramLoaded(Refusal):
    """The database is empty: nobody has loaded a program pack yet."""

    code = "no_program_loaded"
    message = "事業の設定が読み込まれていません。"


class StillInUse(Refusal):
    """Something else refers to the row that should go."""

    code = "still_in_use"
    message = "使われているため、削除できません。"
