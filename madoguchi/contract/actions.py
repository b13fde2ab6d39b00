"""Audit actions of the contract; never renamed, never used for anything else."""

from enum import StrEnum


class ContractAction(StrEnum):
    """What can happen to the contract."""

    RULE_DECIDED = "contract.rule.decided"
    PACK_LOADED = "contract.pack.loaded"
