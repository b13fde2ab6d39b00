"""保存期間と消去: how long everything about people is kept, and how it goes (R193, 仕様書 6, docs/adr/0024).

What only served a moment goes by itself. People with a reservation go when the city says so: a job erases
them in parts, each a transaction, and ends with a certificate.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from madoguchi.accounts.lockouts import forget_failures
from madoguchi.audit.actor import Actor
from madoguchi.audit.seals import last_seal, seal_entries
from madoguchi.common import clock
from madoguchi.contract.rules import BookingRules, expired_before
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.notifications.services import forget_mails, forget_old_mails
from madoguchi.rendering.documents import ErasureCertificate, erasure_certificate
from madoguchi.reservations import erasure
from madoguchi.reservations.erasure import ErasureRow, Extent, Instruction
from madoguchi.reservations.errors import WithinTerm
from madoguchi.reservations.waiting import erase_waits_without_key

ENDS: Final = {
    "AUTO": "自動",
    "CITY": "本市の指示",
    "OFFICE": "事務局",
    "HOST": "サーバーの設定",
    "NEVER": "消去しない",
}
LAW: Final = "個人情報保護法 第61条第2項"
CONTRACT: Final = "契約（個人情報の取扱い・返還と消去）"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long something is kept: from when it counts, how long, by which rule, why, and who ends it.

    `kept` may name a rule, as {keep_mail_days}. `tables` are those in which it lies.
    """

    what: str
    since: str
    kept: str
    basis: str
    ends_by: str
    tables: tuple[str, ...] = ()

    def words(self, rules: BookingRules) -> str:
        """Return how long, with the values in force."""
        return self.kept.format_map({name: getattr(rules, name) for name in BookingRules.__slots__})


RETENTION_RULES: Final = (
    RetentionRule(
        "予約した方の情報（氏名・連絡先・住所・生年月日など）",
        "来局日の翌年度の4月1日",
        "{keep_reservation_years}年",
        f"{LAW}、{CONTRACT}",
        "CITY",
        (
            *("reservations.Applicant", "reservations.Reservation", "reservations.ReservedProcedure"),
            "sealing.PersonKey",
        ),
    ),
    RetentionRule("入力の途中の内容", "最後の操作", "{draft_minutes}分", LAW, "AUTO", ("reservations.Hold",)),
    RetentionRule(
        "空き待ちの方の情報", "空き待ちの終わり", "{keep_wait_days}日", LAW, "AUTO", ("reservations.Wait",)
    ),
    RetentionRule(
        "送ったメールの宛先と本文",
        "送信の予定日時",
        "{keep_mail_days}日",
        LAW,
        "AUTO",
        ("notifications.Mail",),
    ),
    RetentionRule(
        "書き出したファイル（開示の文書を含む）",
        "書出しの依頼",
        "24時間",
        LAW,
        "AUTO",
        ("reservations.Export",),
    ),
    RetentionRule(
        "確認コード・二重送信の防止・回数の記録",
        "作成",
        "2日",
        LAW,
        "AUTO",
        ("reservations.AccessCode", "reservations.Submission", "rate_limits.RateLimitCounter"),
    ),
    RetentionRule("サインインの失敗の記録", "失敗した日時", "{keep_sign_in_days}日", LAW, "AUTO"),
    RetentionRule("Webサーバーの記録（氏名・予約番号は残さない）", "記録した日時", "90日", LAW, "HOST"),
    RetentionRule("バックアップ", "作成", "データ35日・個人の鍵7日（初期値）", CONTRACT, "HOST"),
    RetentionRule(
        "封をする鍵（鍵束）",
        "封じ直しの完了",
        "前の鍵のバックアップが消えるまで",
        CONTRACT,
        "HOST",
        ("sealing.RingKey",),
    ),
    RetentionRule(
        "職員のアカウント・共用タブレット・連携先の鍵",
        "利用の終わり",
        "契約の終わりまで",
        CONTRACT,
        "OFFICE",
        ("accounts.User", "accounts.Pin", "accounts.Device", "accounts.PartnerToken"),
    ),
    RetentionRule(
        "件数（日時・郵便局・手続き・区・経路）と操作記録",
        "―",
        "個人を含まないため、消去の後も残す",
        "契約（報告・監査）",
        "NEVER",
    ),
)


def purge(*, now: datetime) -> None:
    """Forget what may go unasked: recipients and texts of old mails, failed sign-ins, people without key."""
    rules = booking_rules(now)
    forget_old_mails(before=now - timedelta(days=rules.keep_mail_days))
    forget_failures(before=now - timedelta(days=rules.keep_sign_in_days))
    clear_people_without_key()


def term() -> date:
    """Return the day before which all visits are past their term today."""
    return expired_before(clock.today(), booking_rules(clock.now()))


def extent(*, until: date) -> Extent:
    """Return who would be erased by an instruction for all visits up to a day."""
    return erasure.extent(until=until, expired_before=term())


def order_erasure(*, until: date, people: int, reason: str, instruction: Instruction, actor: Actor) -> None:
    """Take the city's instruction to erase all whose visit was up to a day; a job does it.

    Raises WithinTerm, DayNotOver, NobodyMeant, CountDiffers and ForbiddenValue; then nothing happens.
    """
    if reason == erasure.TERM_OVER and until >= term():
        raise WithinTerm
    with transaction.atomic(durable=True):
        _defer(
            erasure.order_erasure(
                until=until, people=people, reason=reason, instruction=instruction, actor=actor
            )
        )


def order_erasure_of(
    *,
    reservations: Collection[uuid.UUID],
    waits: Collection[uuid.UUID],
    instruction: Instruction,
    actor: Actor,
) -> None:
    """Take the city's instruction to erase one person; a job does it.

    Raises NobodyMeant, StillStanding, Preserved and ForbiddenValue; then nothing happens.
    """
    with transaction.atomic(durable=True):
        _defer(
            erasure.order_erasure_of(
                reservations=reservations, waits=waits, instruction=instruction, actor=actor
            )
        )


def _defer(erasure_id: uuid.UUID) -> None:
    # By name, since the tasks import their workflows; the job is written in this transaction.
    app.configure_task("madoguchi.workflows.tasks.erase").defer(erasure_id=str(erasure_id))


def carry_out(*, erasure_id: uuid.UUID) -> None:
    """Erase everybody an instruction means and certify it; killed half way, the next run goes on."""
    while _carry_on(erasure_id):
        pass
    # The certificate bears the root that covers what has just been written down.
    seal_entries()
    with transaction.atomic(durable=True):
        number = erasure.next_number()
        row = erasure.erasure(erasure_id)
        if row.ended_at is None:
            erasure.certify(erasure_id=erasure_id, number=number, certificate=_paper(row, number))


def _carry_on(erasure_id: uuid.UUID) -> bool:
    with transaction.atomic(durable=True):
        targets, is_more = erasure.erase_batch(erasure_id=erasure_id)
        erasure.add_erased_counts(erasure_id=erasure_id, mails=forget_mails(targets=targets))
    return is_more


def clear_people_without_key() -> None:
    """Take those whose key is gone out of the ledgers: older data were restored, or the ring was lost."""
    with transaction.atomic(durable=True):
        people, waits = erasure.clear_people_without_key(), erase_waits_without_key()
        forget_mails(targets=[*people, *map(str, waits)])


def _paper(row: ErasureRow, number: int) -> bytes:
    seal = last_seal()
    return erasure_certificate(
        ErasureCertificate(
            issuer=program().contractor_name,
            city=program().city_name,
            program=program().title,
            number=number,
            reason=row.reason_name,
            until=row.until,
            document_number=row.instruction.document_number,
            document_on=row.instruction.document_on,
            instructed_by=row.instruction.instructed_by,
            began_at=row.asked_at,
            counts=_counts(row.counts),
            seal=f"第{seal.number}号 {seal.root}" if seal else "",
        )
    )


def _counts(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [
        ("予約した方の情報（氏名、連絡先、住所、生年月日など）", f"{counts.get('people', 0):,}人分"),
        ("空き待ちをした方の情報", f"{counts.get('waits', 0):,}人分"),
        ("送ったメールの宛先と本文", f"{counts.get('mails', 0):,}通"),
        ("個人ごとの暗号鍵", f"{counts.get('people', 0) + counts.get('waits', 0):,}本"),
    ]
