"""Two people who propose the same thing at once: one of them is told of the other."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connections

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract import proposals as ledger
from madoguchi.contract.kinds import ProposalKind
from madoguchi.workflows.approvals import proposals

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


@pytest.mark.parametrize(
    ("kind", "scope", "contents"),
    [
        (ProposalKind.RULES, "", ({"register_days": 3}, {"register_days": 4})),
        (ProposalKind.WAVE, "1", ({"opens_on": "2026-09-02"}, {"opens_on": "2026-09-03"})),
        (ProposalKind.OFFICE, "HM01", ({"address": "東区1"}, {"address": "東区2"})),
    ],
)
@pytest.mark.parametrize(
    ("is_locked", "written", "seconds"),
    # In the control nobody is held off: both come, however slow the machine is.
    [(True, 1, 1), (False, 2, 20)],
    ids=["lock", "control: no lock"],
)
def test_one_of_two_proposals_of_the_same_item_written_at_once_is_refused(
    monkeypatch, is_locked, written, seconds, kind, scope, contents
):
    start, both_looked = clock.now() + timedelta(days=7), Barrier(2)
    if not is_locked:
        monkeypatch.setattr(ledger, "lock_proposals", lambda: None)

    def put_proposal(write=ledger.put_proposal, **facts):
        with suppress(BrokenBarrierError):  # with the lock, the second never gets this far beside the first
            both_looked.wait(timeout=seconds)
        return write(**facts)

    monkeypatch.setattr(ledger, "put_proposal", put_proposal)

    def propose(content):
        try:
            proposals.save_proposal(
                kind=kind, scope=scope, content=content, effective_from=start, reason="協議", actor=SYSTEM,
            )  # fmt: skip
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(propose, contents))
    assert len(ledger.proposals()) == written
    assert answers.count("proposal_overlaps") == 2 - written
