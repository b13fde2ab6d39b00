"""Audit actions of the contract; a code is never reused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ContractAction(StrEnum):
    """Actions on the contract."""

    RULE_DECIDED = "contract.rule.decided"
    PROPOSAL_WRITTEN = "contract.draft.written"
    PROPOSAL_SENT = "contract.draft.sent"
    PROPOSAL_APPROVED = "contract.draft.approved"
    PROPOSAL_RETURNED = "contract.draft.returned"
    PROPOSAL_WITHDRAWN = "contract.draft.withdrawn"
    APPROVAL_TAKEN_BACK = "contract.draft.taken_back"
    MASTER_CHANGED = "contract.master.changed"
    PACK_LOADED = "contract.pack.loaded"


ACTION_LABELS: Final[Mapping[str, str]] = {
    ContractAction.RULE_DECIDED: "締切日時などの決定",
    ContractAction.PROPOSAL_WRITTEN: "案の作成・修正",
    ContractAction.PROPOSAL_SENT: "案の承認の依頼",
    ContractAction.PROPOSAL_APPROVED: "案の承認",
    ContractAction.PROPOSAL_RETURNED: "案の差戻し",
    ContractAction.PROPOSAL_WITHDRAWN: "案の取下げ",
    ContractAction.APPROVAL_TAKEN_BACK: "案の承認の取消し",
    ContractAction.MASTER_CHANGED: "基本情報の変更",
    ContractAction.PACK_LOADED: "設定ファイルの読み込み",
}
