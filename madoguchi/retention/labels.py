"""Labels of the actions in the audit trail of a person, of every ledger with people."""

from collections.abc import Mapping
from typing import Final

from madoguchi.reservations import actions as reservations
from madoguchi.retention.actions import RetentionAction

ACTION_LABELS: Final[Mapping[str, str]] = {
    **reservations.ACTION_LABELS,
    RetentionAction.EXPORT_DOWNLOADED: "書き出したファイルの受取り",
    RetentionAction.LEGAL_HOLD_SET: "消去の保留",
    RetentionAction.LEGAL_HOLD_LIFTED: "消去の保留の解除",
    RetentionAction.ERASURE_ORDERED: "消去の指示の登録",
    RetentionAction.ERASURE_ENDED: "消去の完了と証明",
    RetentionAction.DISCLOSED: "開示のための書き出し",
    RetentionAction.WAIT_DISCLOSED: "開示のための書き出し（空き待ち）",
}
