"""How a draft reads on a page: its state, what it changes, who did what; for the secretariat and the city."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from madoguchi.audit.selectors import entries_about
from madoguchi.common import clock, era
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.kinds import DraftKind, DraftState
from madoguchi.contract.rows import DraftRow
from madoguchi.web.actors import names
from madoguchi.workflows.approvals.drafts import differences, draft_title
from madoguchi.workflows.messages.preview import render_sample_mail

KINDS: Final[Mapping[str, str]] = {
    DraftKind.RULES: "締切日時など",
    DraftKind.MAIL: "メール",
    DraftKind.TEXT: "案内文",
    DraftKind.ANNOUNCEMENT: "お知らせ",
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    DraftState.WRITTEN: ("neutral", "下書き"),
    DraftState.SENT: ("attention", "承認待ち"),
    DraftState.RETURNED: ("overdue", "差戻し"),
    DraftState.APPROVED: ("done", "承認済"),
    DraftState.WITHDRAWN: ("cancelled", "取下げ"),
}
# No word for the language most texts are in.
LANGUAGES: Final[Mapping[str, str]] = {
    **{code: str(name) for code, name in settings.LANGUAGES}, settings.LANGUAGE_CODE: "",
}  # fmt: skip
WORDS: Final[Mapping[str, str]] = {
    ContractAction.DRAFT_WRITTEN: "案を書きました",
    ContractAction.DRAFT_SENT: "承認を求めました",
    ContractAction.DRAFT_APPROVED: "承認しました",
    ContractAction.DRAFT_RETURNED: "差し戻しました",
    ContractAction.DRAFT_WITHDRAWN: "取り下げました",
}


def draft_lines(rows: Sequence[DraftRow]) -> list[dict[str, object]]:
    """Return drafts as a list shows them; the names are read in one query."""
    name = names([each for row in rows for each in (row.written_by, row.decided_by) if each])
    return [_line(row, name) for row in rows]


def _line(row: DraftRow, name: Callable[[str], str]) -> dict[str, object]:
    tone, state = STATES[row.state]
    if row.state == DraftState.APPROVED:
        is_over = row.effective_from <= clock.now()
        tone, state = ("done", "適用") if is_over else ("running", "承認済・適用前")
    return {
        "id": row.id,
        "kind": KINDS[row.kind],
        "title": draft_title(row),
        "language": LANGUAGES[row.language],
        "tone": tone,
        "state": state,
        "from": era.staff_datetime(row.effective_from),
        "writer": name(row.written_by),
        "written": era.staff_datetime(row.written_at),
        "decider": name(row.decided_by) if row.decided_by else "",
        "reason": row.reason,
    }


def draft_context(row: DraftRow) -> dict[str, Any]:
    """Return what the page of one draft shows: facts, difference, what became of it, the mail it makes."""
    found = differences(row)
    entries = entries_about(f"draft:{row.id}", actions=list(WORDS))
    name = names([*(entry.actor for entry in entries), row.written_by])
    letter = {}
    if row.kind == DraftKind.MAIL:
        letter = {
            "subject": row.content["subject"],
            "body": render_sample_mail(row.content["body"], row.language),
        }
    return {
        "draft": {
            **_line(row, name),
            "answer": row.answer,
            "is_announcement": row.kind == DraftKind.ANNOUNCEMENT,
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
