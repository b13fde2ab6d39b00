"""How the system stands: ledgers, mail, jobs, slots, seals of the audit trail (R192)."""

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.accounts.roles import Permission
from madoguchi.common import era
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.status import SystemStatus, system_status

# Later than this somebody should look: the mail is drained every 2 seconds, a worker beats every 10.
LATE_MAIL: Final = timedelta(minutes=10)
LATE_WORKER: Final = timedelta(minutes=5)
LATE_CHECK: Final = timedelta(days=1)
# Sealed every five minutes.
LATE_SEAL: Final = timedelta(minutes=20)


@open_to(Permission.SECRETARIAT_OFFICE_READ, Permission.SECRETARIAT_ACCOUNT_WRITE)
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Show each part with what it means and what to do."""
    found = system_status()
    return render(
        request,
        "secretariat/status/show.html",
        {"rows": lines(found), "now": era.staff_datetime(found.now)},
    )


def lines(found: SystemStatus) -> list[dict[str, str]]:
    """Return the state of each part in words."""
    return [_ledgers(found), _mail(found), _jobs(found), _slots(found), _seals(found)]


def _line(title: str, tone: str, state: str, facts: str, advice: str = "") -> dict[str, str]:
    return {"title": title, "tone": tone, "state": state, "facts": facts, "advice": advice}


def _ledgers(found: SystemStatus) -> dict[str, str]:
    check = found.invariants
    title = "予約台帳の整合"
    if check is None:
        return _line(
            title,
            "attention",
            "未確認",
            "まだ一度も確認していません。",
            "定期の処理が動いているか確かめてください。",
        )
    when = f"{era.staff_datetime(check.ran_at)} に確認"
    if check.findings:
        return _line(
            title,
            "overdue",
            f"不整合 {len(check.findings)}件",
            when,
            "システム管理者に、すぐに連絡してください。",
        )
    if found.now - check.ran_at > LATE_CHECK:
        return _line(
            title, "attention", "確認が遅れています", when, "定期の処理が動いているか確かめてください。"
        )
    return _line(title, "done", "正常", f"{when}。予約と枠の数は合っています。")


def _mail(found: SystemStatus) -> dict[str, str]:
    mail = found.mail
    facts = f"送信待ち {mail.waiting}通・不達など {mail.troubled}通"
    if mail.age > LATE_MAIL:
        minutes = int(mail.age.total_seconds() // 60)
        return _line(
            "メール", "overdue", f"{minutes}分の遅れ", facts, "送信サーバーと定期の処理を確かめてください。"
        )
    if mail.troubled:
        return _line(
            "メール",
            "attention",
            f"不達など {mail.troubled}通",
            facts,
            "メール不達の一覧で、送り直すか電話で連絡します。",
        )
    return _line("メール", "done", "正常", facts)


def _jobs(found: SystemStatus) -> dict[str, str]:
    jobs = found.jobs
    facts = f"待ち {jobs.waiting}件・失敗 {jobs.failed}件"
    if jobs.worker_seen_at is None or found.now - jobs.worker_seen_at > LATE_WORKER:
        seen = era.staff_datetime(jobs.worker_seen_at) if jobs.worker_seen_at else "記録なし"
        return _line(
            "定期の処理",
            "overdue",
            "停止",
            f"{facts}・最後の動作 {seen}",
            "システム管理者に連絡してください。",
        )
    if jobs.failed:
        return _line(
            "定期の処理", "attention", f"失敗 {jobs.failed}件", facts, "システム管理者に連絡してください。"
        )
    return _line("定期の処理", "done", "正常", facts)


def _slots(found: SystemStatus) -> dict[str, str]:
    if found.slots_until is None:
        return _line(
            "予約枠", "overdue", "枠がありません", "", "受付時間と枠、定期の処理を確かめてください。"
        )
    return _line(
        "予約枠", "done", "正常", f"{era.staff_datetime(found.slots_until)} の枠まで用意しています。"
    )


def _seals(found: SystemStatus) -> dict[str, str]:
    title, seal, unsealed = "操作記録の封印", found.seal, found.unsealed
    facts = f"封印待ち {unsealed.count}件"
    if seal:
        root = " ".join(seal.root[at : at + 4] for at in range(0, len(seal.root), 4))
        facts = f"第{seal.number}号（{era.staff_datetime(seal.sealed_at)}）・照合値 {root}・{facts}"
    if unsealed.oldest_at and found.now - unsealed.oldest_at > LATE_SEAL:
        return _line(
            title, "overdue", "遅れ", facts, "封印の鍵（AUDIT_KEYS）と定期の処理を確かめてください。"
        )
    if seal is None:
        return _line(title, "attention", "まだありません", facts, "最初の封印は、記録から5分ほどでできます。")
    return _line(title, "done", "正常", facts, "番号と照合値を、毎日紙に控えます。")
