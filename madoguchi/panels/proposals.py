"""A proposal on a page of the secretariat or the city: its state, what it changes, its history."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from madoguchi.audit.selectors import entries_about
from madoguchi.common import clock, era
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.proposals import audit_target
from madoguchi.contract.rows import ProposalRow
from madoguchi.web.actors import names
from madoguchi.workflows.approvals.master import MASTERS
from madoguchi.workflows.approvals.wording import differences, proposal_title
from madoguchi.workflows.messages.preview import render_sample_mail

KINDS: Final[Mapping[str, str]] = {
    ProposalKind.RULES: "締切日時など",
    ProposalKind.MAIL: "メール",
    ProposalKind.TEXT: "案内文",
    ProposalKind.ANNOUNCEMENT: "お知らせ",
    **{kind: master.name for kind, master in MASTERS.items()},
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    ProposalState.WRITTEN: ("neutral", "下書き"),
    ProposalState.SENT: ("attention", "承認待ち"),
    ProposalState.RETURNED: ("overdue", "差戻し"),
    ProposalState.APPROVED: ("done", "承認済"),
    ProposalState.WITHDRAWN: ("cancelled", "取下げ"),
}
# No word for the language most texts are in.
LANGUAGES: Final[Mapping[str, str]] = {
    **{code: str(name) for code, name in settings.LANGUAGES}, settings.LANGUAGE_CODE: "",
}  # fmt: skip
WORDS: Final[Mapping[str, str]] = {
    ContractAction.PROPOSAL_WRITTEN: "案を書きました",
    ContractAction.PROPOSAL_SENT: "承認を求めました",
    ContractAction.PROPOSAL_APPROVED: "承認しました",
    ContractAction.PROPOSAL_RETURNED: "差し戻しました",
    ContractAction.PROPOSAL_WITHDRAWN: "取り下げました",
    ContractAction.APPROVAL_TAKEN_BACK: "承認を取り消しました",
}


def proposal_lines(rows: Sequence[ProposalRow]) -> list[dict[str, object]]:
    """Return proposals as a list shows them; the names are read in one query."""
    name = names([each for row in rows for each in (row.written_by, row.decided_by) if each])
    return [_line(row, name) for row in rows]


def _line(row: ProposalRow, name: Callable[[str], str]) -> dict[str, object]:
    tone, state = STATES[row.state]
    if row.state == ProposalState.APPROVED:
        is_over = row.effective_from <= clock.now()
        tone, state = ("done", "適用") if is_over else ("running", "承認済・適用前")
        if is_over and row.kind in MASTERS and not row.applied_at:
            # The job of the night writes it; long after midnight it was refused.
            tone, state = "overdue", "適用できていません"
    if row.taken_back:
        tone, state = "cancelled", "承認の取消し"
    return {
        "id": row.id,
        "kind": KINDS[row.kind],
        "title": proposal_title(row),
        "language": LANGUAGES[row.language],
        "tone": tone,
        "state": state,
        "from": era.staff_datetime(row.effective_from),
        "writer": name(row.written_by),
        "written": era.staff_datetime(row.written_at),
        "decider": name(row.decided_by) if row.decided_by else "",
        "reason": row.reason,
    }


def proposal_context(row: ProposalRow) -> dict[str, Any]:
    """Return what the page of one proposal shows: facts, differences, history, a sample of the mail."""
    found = differences(row)
    entries = entries_about(audit_target(row.id), actions=list(WORDS))
    name = names([*(entry.actor for entry in entries), row.written_by])
    letter = {}
    if row.kind == ProposalKind.MAIL:
        letter = {
            "subject": render_sample_mail(row.content["subject"], row.language),
            "body": render_sample_mail(row.content["body"], row.language),
        }
    return {
        "proposal": {
            **_line(row, name),
            "answer": row.answer,
            "taken_back": row.taken_back,
            "is_announcement": row.kind == ProposalKind.ANNOUNCEMENT,
            "is_new": not row.base,
            "content": row.content,
        },
        "values": [each for each in found if not each.pieces],
        "texts": [each for each in found if each.pieces],
        "letter": letter,
        "events": [
            {
                "at": era.staff_datetime(entry.at),
                "what": WORDS[entry.action],
                "who": name(entry.actor),
                "said": entry.detail.get("answer", ""),
            }
            for entry in entries
        ],
    }
