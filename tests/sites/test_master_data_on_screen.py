"""Master data on screen: each kind proposed by the secretariat, decided by the city alone; its effect."""

from datetime import date, time, timedelta

import pytest
from support.journeys import text_of
from support.people import HANAKO
from support.secretariat import book, filled, member
from support.staff_pages import page
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.proposals import proposal, proposals
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import booking_rules, guidance
from madoguchi.contract.services import decide_rule, put_rows
from madoguchi.offices.selectors import office
from madoguchi.workflows.approvals.master import MASTERS
from madoguchi.workflows.approvals.proposals import apply_due

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())
NEW = "/secretariat/proposals/new/"
WHY = {"effective_on": "2026-12-01", "reason": "協議による"}
# Of each kind: its page, what is typed, and how the difference reads.
TYPED = {
    ProposalKind.WAVE: (f"{NEW}wave/1/", {"opens_on": "2026-12-18"}, "令和8年12月18日"),
    ProposalKind.OFFICE: (
        f"{NEW}office/HM01/",
        {"notes": "正面の入口は工事中です"},
        "正面の入口は工事中です",
    ),
    ProposalKind.BELONGING: (f"{NEW}belonging/CARD/", {"procedures": ["PIN_RESET"]}, "暗証番号"),
    ProposalKind.PROCEDURE: (f"{NEW}procedure/CERT_RENEW/", {"name": "証明書の更新"}, "証明書の更新"),
}
KINDS = pytest.mark.parametrize("kind", list(TYPED))


def browser(role, name):
    found = Browser()
    found.force_login(member(role, name))
    return found


@pytest.fixture
def staff():
    return browser(Role.SECRETARIAT, "jimukyoku")


@pytest.fixture
def city_hall():
    return browser(Role.CITY, "shi")


def written(staff, kind, **changes):
    url, typed, _ = TYPED[kind]
    answer = staff.post(url, filled(staff, url, **{**WHY, **typed, **changes}))
    assert answer.status_code == 302, page(answer)
    return int(answer.url.rstrip("/").rpartition("/")[2])


def test_every_kind_has_a_way_from_the_list():
    assert set(TYPED) == set(MASTERS)
    html = page(browser(Role.SECRETARIAT, "jimukyoku").get("/secretariat/master/"))
    assert [url for url, *_ in TYPED.values() if f'href="{url}"' not in html] == []


@KINDS
def test_the_city_sees_the_difference_and_the_effect_and_its_approval_holds(kind, staff, city_hall):
    book(HANAKO, codes=["PIN_RESET"])
    book(codes=["CERT_RENEW"], day=16)
    made = written(staff, kind)
    assert len(proposal(made).content) == 1
    staff.post(f"/secretariat/proposals/{made}/send/")
    for client, site in ((staff, "/secretariat/"), (city_hall, "/city/")):
        html = page(client.get(f"{site}proposals/{made}/"))
        assert f'<ins class="came">{TYPED[kind][2]}</ins>' in html
        assert "承認したときの影響" in html
        assert "予約は、取り消されも動きもしません" in html
    misfits = "受け付けられなくなる予約 <b>2</b> 人" in html
    assert misfits == (kind == ProposalKind.WAVE)
    city_hall.post(f"/city/proposals/{made}/approve/")
    assert f"案{made}" in page(staff.get("/secretariat/master/"))
    with clock.travel(FROM + timedelta(minutes=1)):
        # Who signed in days ago is asked to sign in again.
        late = browser(Role.CITY, "ato")
        assert "適用できていません" in page(late.get(f"/city/proposals/{made}/"))
        apply_due()
        assert "適用できていません" not in page(late.get(f"/city/proposals/{made}/"))
    assert f"案{made}" in page(staff.get(TYPED[kind][0]))


@pytest.mark.parametrize("role", list(Role))
def test_the_secretariat_alone_proposes_and_the_city_alone_approves(role, staff):
    who = browser(role, "dareka")
    for kind, (url, typed, _) in TYPED.items():
        made, before = written(staff, kind), len(proposals())
        staff.post(f"/secretariat/proposals/{made}/send/")
        other = {**filled(staff, url, **WHY, **typed), "reason": "別の理由", "effective_on": "2026-12-02"}
        assert (who.post(url, other).status_code == 302) == (role == Role.SECRETARIAT)
        assert len(proposals()) - before == (role == Role.SECRETARIAT)
        who.post(f"/city/proposals/{made}/approve/")
        assert (proposal(made).state == "approved") == (role == Role.CITY)


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        (ProposalKind.WAVE, {"opens_on": "2030-01-01"}, "までの間で"),
        (ProposalKind.WAVE, {"booking_opens_at": "2027-01-01T09:00"}, "手続きを始める日より後にはできません"),
        (ProposalKind.OFFICE, {"postal_code": "81"}, "7桁の数字"),
        (ProposalKind.OFFICE, {"phone": "12"}, "ハイフン"),
        (ProposalKind.OFFICE, {"latitude": "北"}, "数で入力"),
        (ProposalKind.OFFICE, {"notes": "1234-5678-9018"}, "マイナンバー"),
        (ProposalKind.BELONGING, {"text": ""}, "必須"),
        (ProposalKind.PROCEDURE, {"name": "あ" * 61}, "60文字まで"),
    ],
)
def test_what_could_not_hold_is_answered_and_what_was_typed_stays(staff, kind, typed, says):
    url = TYPED[kind][0]
    html = page(staff.post(url, filled(staff, url, **WHY, **typed)))
    assert says in html
    assert "協議による" in html
    assert not proposals()


def test_what_is_written_of_an_office_stands_where_citizens_and_operators_read_it(staff, city_hall):
    made = written(staff, ProposalKind.OFFICE, effective_on="2026-11-24")
    staff.post(f"/secretariat/proposals/{made}/send/")
    city_hall.post(f"/city/proposals/{made}/approve/")
    assert office("HM01").notes == "正面の入口は工事中です"
    assert "正面の入口は工事中です" in text_of(Browser().get("/offices/"))
    assert "備考：正面の入口は工事中です" in page(staff.get("/secretariat/offices/HM01/history/"))


def test_an_offices_own_rule_is_given_back_by_a_box_that_only_its_own_rules_have(staff, city_hall):
    decide_rule(key="register_days", scope="HM01", value=3, effective_from=clock.now(), actor=SYSTEM)
    url = f"{NEW}rules/HM01/"
    assert page(staff.get(url)).count("全局に共通の値に戻す") == 1
    assert "全局に共通の値に戻す" not in page(staff.get(f"{NEW}rules/"))
    answer = staff.post(url, filled(staff, url, **WHY, back_register_days="on"))
    made = int(answer.url.rstrip("/").rpartition("/")[2])
    assert proposal(made).content == {"register_days": None}
    assert staff.get(f"/secretariat/proposals/{made}/edit/").context["form"]["back_register_days"].value()
    staff.post(f"/secretariat/proposals/{made}/send/")
    city_hall.post(f"/city/proposals/{made}/approve/")
    assert booking_rules(FROM, "HM01").register_days == 5
    assert "全局に共通の値" in page(staff.get("/secretariat/offices/HM01/rules/"))
    assert "全局に共通の値" in page(staff.get("/secretariat/offices/HM01/history/"))


def test_a_guidance_text_is_removed_and_brought_back_on_screen(staff, city_hall):
    put_rows(
        kind=GuidanceRow,
        rows=[GuidanceRow(name="faq.fee", language="ja", title="費用は", body="0", position=1)],
    )
    url = f"{NEW}text/faq.fee/"
    for is_removed, day in ((True, "2026-11-24"), (False, "2026-11-24")):
        typed = filled(staff, url, **{**WHY, "effective_on": day})
        typed = {name: value for name, value in typed.items() if name != "is_removed"}
        answer = staff.post(url, typed | ({"is_removed": "on"} if is_removed else {}))
        made = int(answer.url.rstrip("/").rpartition("/")[2])
        staff.post(f"/secretariat/proposals/{made}/send/")
        city_hall.post(f"/city/proposals/{made}/approve/")
        assert bool(guidance("faq")) != is_removed
        assert ("取り除きました" in page(staff.get("/secretariat/texts/"))) == is_removed
        assert ("取り除かれていて" in page(staff.get(url))) == is_removed
        assert ("費用は" in text_of(Browser().get("/faq/"))) != is_removed
