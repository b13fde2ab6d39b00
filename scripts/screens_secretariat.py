"""The secretariat's site, on a desk."""

import uuid

from playwright.sync_api import Page
from screens import Journey, Shot

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.reservations import search
from madoguchi.retention import selectors
from madoguchi.workflows.privacy import exports, retention

OFFICE = "/secretariat/offices/PO07/"


def walk(page: Page, shot: Shot) -> None:
    """See what waits today, the lists, a change before it is saved and whom it hits, rules and mail."""
    _sign_in(page)
    _lists(page, shot)
    _one_person(page, shot)
    _offering(page, shot)
    _mail(page, shot)
    for name in ("status", "accounts", "accounts/add", "devices"):
        page.goto(f"/secretariat/{name}/")
        shot(name.replace("/", "-"))


def _sign_in(page: Page) -> None:
    page.goto("/staff/")
    page.locator("form[action='/staff/demo/'] button", has_text="事務局").first.click()
    page.wait_for_url("**/secretariat/")


def _lists(page: Page, shot: Shot) -> None:
    page.goto("/secretariat/")
    shot("home")
    page.goto("/secretariat/reservations/")
    page.locator(".row-link").nth(1).click()
    shot("list")
    page.goto("/secretariat/reservations/?q=そんなひと")
    shot("list-empty")
    page.get_by_role("link", name="予約の検索").first.click()
    page.get_by_text("書き出す").click()
    page.get_by_role("button", name="Excel", exact=True).click()
    shot("exports-waiting")
    asked = page.locator("form[action$='/remove/']").first.get_attribute("action") or ""
    exports.make_export(export_id=uuid.UUID(asked.split("/")[-3]))
    page.goto("/secretariat/exports/")
    shot("exports")
    page.goto("/secretariat/checks/")
    page.locator(".row-link").first.click()
    shot("check")
    page.goto("/secretariat/matrix/?wave=1")
    shot("matrix")
    page.goto(f"{OFFICE}days/2026-12-01/")
    shot("day")


def _one_person(page: Page, shot: Shot) -> None:
    page.goto("/secretariat/reservations/add/?procedures=CERT_RENEW&office=PO07&day=2026-12-09")
    shot("register-time")
    page.locator(".times a").first.click()
    page.get_by_role("button", name="予約を登録する").click()
    shot("register-with-errors")
    page.goto("/secretariat/reservations/")
    page.locator(".row-link").nth(1).click()
    page.get_by_role("link", name="日時変更").click()
    shot("move")
    page.go_back()
    page.get_by_role("link", name="訂正").click()
    shot("correct")
    page.go_back()
    page.get_by_role("link", name="取消し").click()
    shot("cancel")


def _offering(page: Page, shot: Shot) -> None:
    page.goto("/secretariat/offices/")
    shot("offices")
    page.goto(f"{OFFICE}?month=2026-12&day=2026-12-01")
    page.get_by_label("理由").select_option("FACILITY")
    page.get_by_role("button", name="影響を確かめる").click()
    shot("change-preview")
    page.get_by_role("button", name="保存して").click()
    page.locator(".row-link").first.click()
    shot("people-hit")
    for name in ("hours", "closures", "presets", "history"):
        page.goto(f"{OFFICE}{name}/")
        shot(f"office-{name}")
    page.goto("/secretariat/rules/")
    shot("rules")
    page.goto("/secretariat/proposals/new/rules/")
    page.locator("#id_register_days").fill("10")
    page.locator("#id_hold_minutes").fill("5")
    page.locator("#id_effective_on").fill("2026-12-01")
    page.locator("#id_reason").fill("照合に日数がかかるため（11月20日の協議による）")
    shot("proposal-rules")
    page.get_by_role("button", name="下書きを保存する").click()
    shot("proposal")
    page.goto("/secretariat/proposals/new/rules/")
    page.locator("#id_register_days").fill("7")
    page.locator("#id_effective_on").fill("2026-12-01")
    page.locator("#id_reason").fill("重なる案")
    page.get_by_role("button", name="下書きを保存する").click()
    shot("proposal-overlaps")
    page.goto("/secretariat/proposals/")
    page.locator(".row-link").first.click()
    page.get_by_role("button", name="本市に承認を求める").click()
    page.get_by_role("link", name="申請者画面の表示確認").last.click()
    shot("simulator")
    page.goto("/secretariat/proposals/")
    shot("proposals")
    page.goto("/secretariat/master/")
    shot("master")
    page.locator("section", has=page.locator("#office")).locator(".row-link").first.click()
    page.get_by_label("備考").fill("正面の入口は工事中です。東の入口からお入りください。")
    page.get_by_label("変更の理由").fill("郵便局からの連絡による")
    shot("proposal-office")
    page.get_by_role("button", name="下書きを保存する").click()
    shot("proposal-office-effect")


def _mail(page: Page, shot: Shot) -> None:
    page.goto("/secretariat/proposals/new/announcement/")
    page.get_by_label("種類").select_option("MAINTENANCE")
    page.get_by_label("見出し").fill("11月28日（土）午後10時から、保守のため停止します")
    page.get_by_label("本文").fill("11月29日（日）午前0時まで、このサイトから予約できません。")
    page.get_by_role("button", name="見え方を確かめる").click()
    shot("announcement")
    page.goto("/secretariat/announcements/add/")
    shot("outage")
    page.goto("/secretariat/texts/")
    shot("texts")
    page.goto("/secretariat/proposals/new/mail/confirmation/")
    shot("mail-text")
    page.goto("/secretariat/mails/?state=sent")
    shot("mails")
    page.goto("/secretariat/calls/")
    page.locator(".row-link").first.click()
    shot("calls")
    page.goto("/secretariat/mailbox/")
    page.locator(".row-link").first.click()
    shot("mailbox")


def walk_erasure(page: Page, shot: Shot) -> None:
    """See the clocks, take the city's instruction, have it carried out; find and disclose one person."""
    page.goto("/staff/")
    page.locator("form[action='/staff/demo/'] button", has_text="個人情報の管理責任者").first.click()
    page.wait_for_url("**/secretariat/retention/")
    shot("clocks")
    page.goto("/secretariat/personal/erasures/add/?until=R8.11.13")
    people = page.locator("dd.strong").first.inner_text().removesuffix("人")
    page.get_by_label("契約の終了").check()
    page.get_by_label("指示の文書番号").fill("市戸第123号")
    page.get_by_label("文書の日付").fill("R8.11.20")
    page.get_by_label("消去する人数").fill(people)
    shot("order")
    page.get_by_role("button", name="この方々の情報を消去する").click()
    shot("running")
    for row in selectors.erasure_orders():
        retention.carry_out(order_id=row.id)
    page.goto("/secretariat/retention/")
    shot("certified")
    record = search.search(search.Search(order="-starts_at"), scope=EVERYWHERE).rows[0].id
    page.goto("/secretariat/personal/")
    shot("find")
    page.goto(f"/secretariat/personal/{record}/")
    shot("person")
    page.goto(f"/secretariat/personal/{record}/erase/")
    shot("erase-one")
    page.goto(f"/secretariat/personal/{record}/disclose/")
    page.get_by_label("開示請求の番号").fill("開示第7号")
    shot("disclose")
    page.get_by_role("button", name="開示の文書を作る").click()
    shot("files")


def stop(page: Page, shot: Shot) -> None:
    """Stop the city on a typhoon day, tell who is hit, start again."""
    _sign_in(page)
    page.goto("/secretariat/pauses/")
    shot("pause-empty")
    page.get_by_role("button", name="影響を確かめる").click()
    shot("pause-with-errors")
    page.get_by_label("台風・災害").check()
    page.get_by_label("日時を決める").last.check()
    page.get_by_label("終わりの日時").fill("2026-12-12T00:00")
    page.get_by_role("button", name="影響を確かめる").click()
    shot("pause-preview")
    page.get_by_role("button", name="受付を止める").click()
    page.get_by_text("届くメールを見る").click()
    shot("pause-next-steps")
    here = page.url
    page.get_by_label("送る人数").first.fill("1")
    page.get_by_role("button", name="メールを送る").click()
    shot("pause-wrong-number")
    page.get_by_label("送る人数").first.fill(_asked(page, "#people-hint"))
    page.get_by_role("button", name="メールを送る").click()
    shot("pause-mailed")
    page.get_by_role("link", name="電話する方の一覧").click()
    page.locator(".row-link").first.click()
    shot("pause-call")
    page.goto(here)
    page.get_by_label("送る人数").fill(_asked(page, "#again-hint"))
    page.get_by_role("button", name="受付を再開する").click()
    shot("pause-lifted")
    page.goto("/secretariat/pauses/")
    shot("pause-records")


def _asked(page: Page, hint: str) -> str:
    """Return the number of people that a form asks to be typed."""
    return "".join(each for each in page.locator(hint).inner_text() if each.isdecimal())


SECRETARIAT = [
    Journey("secretariat", walk, width=1440, height=900),
    Journey("erasure", walk_erasure, width=1440, height=900),
    Journey("secretariat-pause", stop, width=1440, height=900),
]
