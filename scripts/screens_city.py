"""The city's site, on a desk: what waits for approval, what it changes, what citizens would see."""

from datetime import timedelta

from playwright.sync_api import Page
from screens import Journey, Shot

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.workflows.approvals.content import current_content
from madoguchi.workflows.approvals.proposals import save_proposal, send_proposal


def walk(page: Page, shot: Shot) -> None:
    """Look at what waits, its differences, its effect; approve, and see the history and the audit."""
    _proposals()
    page.goto("/staff/")
    page.locator("form[action='/staff/demo/'] button", has_text="戸籍住民課").first.click()
    page.wait_for_url("**/city/")
    shot("list")
    page.locator(".row-link", has_text="メール").first.click()
    shot("mail")
    page.goto("/city/")
    page.locator(".row-link", has_text="変更の締切").first.click()
    shot("rules")
    page.get_by_role("link", name="申請者画面の表示確認").last.click()
    shot("simulator")
    page.go_back()
    page.get_by_role("button", name="承認する").click()
    page.get_by_role("dialog").get_by_role("button", name="承認する").click()
    page.wait_for_url("**/city/")
    page.goto("/city/")
    page.locator(".row-link", has_text="第1期").click()
    shot("wave")
    page.goto("/city/?all=1")
    shot("history")
    page.locator(".row-link").first.click()
    shot("take-back")
    page.goto("/city/audit/")
    shot("audit")


def _proposals() -> None:
    start = clock.at(clock.today() + timedelta(days=10), clock.MIDNIGHT)
    text = current_content(kind=ProposalKind.MAIL, scope="confirmation", language="ja", at=start)
    text["body"] += "お時間に余裕をもってお越しください。\n"
    rules = {"change_days": 4, "change_time": "15:00"}
    wave = {"opens_on": "2026-12-14"}
    for kind, scope, content in (
        (ProposalKind.RULES, "", rules),
        (ProposalKind.MAIL, "confirmation", text),
        (ProposalKind.WAVE, "1", wave),
    ):
        made = save_proposal(
            kind=kind,
            scope=scope,
            content=content,
            effective_from=start,
            reason="11月20日の協議による",
            actor=SYSTEM,
        )
        send_proposal(proposal_id=made, actor=SYSTEM)


CITY = [Journey("city", walk, width=1440, height=900)]
