"""Audit actions of the contract; never renamed, never used for anything else."""

from enum import StrEnum


class ContractAction(StrEnum):
    """What can happen to the contract."""

    RULE_DECIDED = "contract.rule.decided"
    DRAFT_WRITTEN = "contract.draft.written"
    DRAFT_SENT = "contract.draft.sent"
    DRAFT_APPROVED = "contract.draft.approved"
    DRAFT_RETURNED = "contract.draft.returned"
    DRAFT_WITHDRAWN = "contract.draft.withdrawn"
    PACK_LOADED = "contract.pack.loaded"
