"""The status page: ledgers, servers, mail, jobs, slots, seals, backups (仕様書 4(6))."""

from math import inf
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.backups.kinds import SecondCopy
from madoguchi.backups.rules import LATE_BACKUP, LATE_DRILL
from madoguchi.backups.selectors import RunRow
from madoguchi.common import era
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.operations.status import (
    LATE_CHECK,
    LATE_JOB,
    LATE_MAIL,
    LATE_OFFER,
    LATE_RESEALING,
    LATE_SEAL,
    LATE_WORKER,
    MANY_REFUSED_TRIES,
    MAX_LAG_BYTES,
    SystemStatus,
    system_status,
)

CALL_ADMINISTRATOR: Final = "システム管理者に連絡してください。"


@open_to(
    Permission.SECRETARIAT_OFFICE_READ,
    Permission.SECRETARIAT_ACCOUNT_WRITE,
    Permission.INSPECTION_OFFICE_READ,
)
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Show each part with what it means and what to do."""
    found = system_status()
    return render(
        request,
        "secretariat/admin/status/show.html",
        {"rows": lines(found), "now": era.staff_datetime(found.now)},
    )


def lines(found: SystemStatus) -> list[dict[str, str]]:
    """Return the state of each part in words."""
    parts = (
        _ledgers,
        _unreadable,
        _standbys,
        _mail,
        _texts,
        _jobs,
        _offers,
        _slots,
        _demand,
        _seals,
        _keys,
        _backup,
        _drill,
        _languages,
    )
    return [*(line for part in parts if (line := part(found))), *_exceptions()]


# What a real system goes without, by the setting that says why (docs/how-to/run-in-production.md).
EXCEPTION_NAMES: Final = {
    "STAFF_NETWORKS_OPEN_BECAUSE": "業務の画面を、どの回線からも開ける",
    "METRICS_OPEN_BECAUSE": "稼働の数値を、だれでも読める",
    "NO_PROXY_BECAUSE": "中継のサーバーの指定がない",
    "PLAIN_DATABASE_BECAUSE": "データベースとの通信を暗号化していない",
    "PLAIN_MAIL_BECAUSE": "メールサーバーとの通信を暗号化していない",
    "NO_STANDBY_BECAUSE": "待機サーバーがない",
    "NO_BACKUP_BECAUSE": "自動のバックアップがない",
    "ONE_BACKUP_FOLDER_BECAUSE": "バックアップの第二の保存先がない",
}


def _exceptions() -> list[dict[str, str]]:
    """Say which protections the settings go without, and why."""
    return [
        _line(
            "本番の保護の例外", "attention", EXCEPTION_NAMES[name], f"理由：{why}", "本市と確かめてください。"
        )
        for name, why in settings.EXCEPTIONS.items()
        if why.strip()
    ]


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


def _unreadable(found: SystemStatus) -> dict[str, str] | None:
    if not found.unreadable:
        return None
    return _line(
        "読み取れない値",
        "overdue",
        f"{len(found.unreadable)}件",
        "、".join(found.unreadable[:5]),
        "その項目は「読み取れません」と表示されます。システム管理者に、すぐに連絡してください。",
    )


def _standbys(found: SystemStatus) -> dict[str, str] | None:
    title, those = "待機サーバー", found.standbys
    if not those.wanted:
        return None
    facts = f"{those.wanted}台のうち {those.synchronous}台が同じ予約を持っています。"
    if those.missing and those.synchronous == 0 and those.commits_wait:
        why = "予約の確定が止まっています。すぐにシステム管理者に連絡してください。"
        return _line(title, "overdue", "つながりません", facts, why)
    if those.missing:
        why = "このまま故障が重なると、受け付けた予約を失います。システム管理者に連絡してください。"
        return _line(title, "overdue", f"{those.missing}台足りません", facts, why)
    if those.behind_bytes > MAX_LAG_BYTES:
        behind = f"{facts}反映待ち {filesizeformat(those.behind_bytes)}"
        return _line(title, "attention", "反映の遅れ", behind, CALL_ADMINISTRATOR)
    return _line(title, "done", "正常", facts)


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
    if jobs.oldest > LATE_JOB:
        minutes = int(jobs.oldest.total_seconds() // 60)
        return _line("定期の処理", "overdue", f"{minutes}分の遅れ", facts, CALL_ADMINISTRATOR)
    if jobs.failed:
        return _line(
            "定期の処理", "attention", f"失敗 {jobs.failed}件", facts, "システム管理者に連絡してください。"
        )
    return _line("定期の処理", "done", "正常", facts)


def _offers(found: SystemStatus) -> dict[str, str] | None:
    """Say it only when offers to the waiting list are not ended: else the seats would stand idle."""
    if found.offer_overdue <= LATE_OFFER:
        return None
    minutes = int(found.offer_overdue.total_seconds() // 60)
    facts = "返事の期限を過ぎた案内が、終わらずに残っています。"
    return _line("空き待ち", "overdue", f"{minutes}分の遅れ", facts, "定期の処理を確かめてください。")


def _slots(found: SystemStatus) -> dict[str, str]:
    if found.slots_until is None:
        return _line(
            "予約枠", "overdue", "枠がありません", "", "受付時間と枠、定期の処理を確かめてください。"
        )
    return _line(
        "予約枠", "done", "正常", f"{era.staff_datetime(found.slots_until)} の枠まで用意しています。"
    )


def _demand(found: SystemStatus) -> dict[str, str]:
    title, demand = "予約の混み具合", found.demand
    facts = f"10分間に始まった予約 {demand.sessions:,}件・30分間に断った操作 {demand.refused:,}件"
    if demand.is_high:
        advice = "急に増える理由（報道、受付開始など）がなければ、システム管理者に連絡してください。"
        return _line(title, "attention", "見えない計算をたのんでいます", facts, advice)
    if demand.refused > MANY_REFUSED_TRIES:
        return _line(title, "attention", "断った操作が多い", facts, CALL_ADMINISTRATOR)
    return _line(title, "done", "正常", facts)


def _texts(found: SystemStatus) -> dict[str, str] | None:
    """Say it only while a text is to be rewritten."""
    if not found.texts_to_rewrite:
        return None
    names = dict(settings.LANGUAGES)
    return _line(
        "メールの文面",
        "attention",
        f"書き直しが必要 {len(found.texts_to_rewrite)}件",
        "、".join(f"{kind}（{names.get(code, code)}）" for kind, code in found.texts_to_rewrite),
        "「文面」の画面に理由があります。変更の案を書いてください。",
    )


def _languages(found: SystemStatus) -> dict[str, str] | None:
    """Say it only when a catalogue is half done."""
    if not found.untranslated:
        return None
    names = dict(settings.LANGUAGES)
    facts = "・".join(
        f"{names.get(code, code)} {'読めません' if count == inf else f'訳のない文 {count:.0f}件'}"
        for code, count in found.untranslated.items()
    )
    return _line("画面の言葉", "attention", "日本語で表示しています", facts, CALL_ADMINISTRATOR)


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


def _keys(found: SystemStatus) -> dict[str, str]:
    title, keys = "封をする鍵", found.rotation
    since = f"（{era.staff_datetime(keys.since)} から）" if keys.since else ""
    facts = f"鍵 {keys.current}{since}"
    if keys.left:
        facts = f"{facts}・{keys.total - keys.left:,}／{keys.total:,}件を封じ直しました"
        if keys.lasted > LATE_RESEALING:
            return _line(title, "overdue", f"封じ直し 残り{keys.left:,}件", facts, CALL_ADMINISTRATOR)
        return _line(title, "running", f"封じ直し 残り{keys.left:,}件", facts)
    if keys.former:
        names = "・".join(keys.former)
        return _line(title, "done", "正常", f"{facts}・前の鍵 {names} で封をしたものはありません。")
    return _line(title, "done", "正常", facts)


def _backup(found: SystemStatus) -> dict[str, str]:
    title, runs = "バックアップ", found.backup.runs
    if not found.backup.is_configured:
        return _line(
            title, "overdue", "設定がありません", "自動のバックアップは作成されません。", CALL_ADMINISTRATOR
        )
    last = runs.backup
    facts = _backup_facts(last, found) if last else "まだ一度も作成していません。"
    if last is None or found.now - last.ended_at > LATE_BACKUP:
        failed = runs.failed_backup
        return _line(
            title,
            "overdue",
            "26時間以内にありません",
            f"{facts} {failed.failure if failed else ''}".strip(),
            CALL_ADMINISTRATOR,
        )
    if runs.failed_backup:
        why = f"{facts} 最後の回は失敗: {runs.failed_backup.failure}"
        return _line(title, "attention", "最後の回は失敗", why, CALL_ADMINISTRATOR)
    if last.second_copy is SecondCopy.MISSED:
        return _line(title, "attention", "第二の保存先に届かず", facts, CALL_ADMINISTRATOR)
    return _line(title, "done", "正常", facts)


def _backup_facts(run: RunRow, found: SystemStatus) -> str:
    """Return when, how long ago, how big, and where."""
    second = {
        SecondCopy.NONE: "第二の保存先の設定なし",
        SecondCopy.REACHED: "第二の保存先に保存済",
        SecondCopy.MISSED: "第二の保存先に届かず",
    }[run.second_copy]
    hours = int((found.now - run.ended_at).total_seconds() // 3600)
    return (
        f"{era.staff_datetime(run.ended_at)} に作成（{hours}時間前）・{filesizeformat(run.bytes)}・{second}"
    )


def _drill(found: SystemStatus) -> dict[str, str]:
    title, runs = "復元の訓練", found.backup.runs
    advice = "年に一度、バックアップから復元できることを確かめます。システム管理者に依頼してください。"
    if runs.failed_drill:
        when = era.staff_datetime(runs.failed_drill.ended_at)
        return _line(title, "overdue", "失敗", f"{when} {runs.failed_drill.failure}", CALL_ADMINISTRATOR)
    if runs.drill is None:
        return _line(title, "attention", "記録がありません", "まだ一度も行っていません。", advice)
    seconds = int(runs.drill.took.total_seconds())
    when = era.staff_datetime(runs.drill.ended_at)
    facts = f"{when} に実施・{seconds // 60}分{seconds % 60}秒で復元、内容も一致"
    if found.now - runs.drill.ended_at > LATE_DRILL:
        return _line(title, "attention", "1年以上行っていません", facts, advice)
    return _line(title, "done", "正常", facts)
