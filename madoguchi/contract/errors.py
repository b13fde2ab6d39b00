"""Refusals of the contract ledger, each with its sentence."""

from madoguchi.common.errors import Refusal, StaffRefusal


class NotOpen(Refusal):
    """The proposal is in another state than this action needs: somebody acted first."""

    code = "proposal_not_open"
    message = "この案は、ほかの人が先に進めました。いまの状態を確かめてください。"


class SameAuthor(Refusal):
    """The person who wrote or sent a proposal must not decide on it."""

    code = "proposal_same_hand"
    message = "案を書いた人・送った人は、承認も差戻しもできません。本市のほかの担当者が決めてください。"


class InForce(Refusal):
    """A proposal in force cannot be withdrawn; another proposal changes it back."""

    code = "proposal_in_force"
    message = "もう適用されているため、取り下げられません。元に戻すときは、新しい案を作ってください。"


class RuleNotValid(Refusal):
    """The rule is unknown or the value is outside its limits."""

    code = "rule_not_valid"
    message = "この規則に使えない値です。"


class MasterNotValid(StaffRefusal):
    """A value that master data cannot have; `field` names it."""

    code = "master_not_valid"
    message = "この値は使えません。"


class NoProgramLoaded(Refusal):
    """No program pack has been loaded into the database yet."""

    code = "no_program_loaded"
    message = "事業の設定が読み込まれていません。"


class StillInUse(Refusal):
    """Another row refers to the row to be deleted."""

    code = "still_in_use"
    message = "使われているため、削除できません。"
