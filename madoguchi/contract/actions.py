"""Audit actions of the contract; a code is never reused."""

from enum import StrEnum


class ContractAction(StrEnum):
    """Actions on the contract."""

    RULE_DECIDED = "contract.rule.decided"
    PROPOSAL_WRITTEN = "contract.draft.written"
    PROPOSAL_SENT = "contract.draft.sent"
    PROPOSAL_APPROVED = "contract.draft.approved"
    PROPOSAL_RETURNED = "contract.draft.returned"
    PROPOSAL_WITHDRAWN = "contract.draft.withdrawn"
    PACK_LOADED = "contract.pack.loaded"
