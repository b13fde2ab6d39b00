"""The page on which the city decides: the effect beside the difference, and its own approval taken back."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from support.callcentre import put_texts
from support.people import SECRETARIAT, TARO
from support.secretariat import book, member
from support.tabs import Browser

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.models import Proposal
from madoguchi.contract.proposals import proposal
from madoguchi.contract.selectors import booking_rules
from madoguchi.workflows.approvals.proposals import approve_proposal, save_proposal, send_proposal

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())


@pytest.fixture
def city_hall():
    """A browser of somebody who decides."""
    browser = Browser()
    browser.force_login(member(Role.CITY, "shi"))
    return browser


def sent(kind=ProposalKind.RULES, content=None, **facts):
    made = save_proposal(
        kind=kind,
        content=content or {"register_days": 3},
        effective_from=FROM,
        reason="協議",
        actor=SYSTEM,
        **facts,
    )
    send_proposal(proposal_id=made, actor=SYSTEM)
    return made


def effect(city_hall, made):
    return city_hall.get(f"/city/proposals/{made}/").context["effect"]


@pytest.fixture
def approved(city_hall):
    """A proposal that the city has approved and that is not yet in force."""
    made = sent()
    approve_proposal(proposal_id=made, actor=Actor("staff", str(member(Role.CITY, "hoka").pk)))
    return f"/city/proposals/{made}/", made


def test_rules_show_how_many_visits_follow_and_what_citizens_see_change(city_hall):
    book()
    book(TARO, day=16, hour=11, office="HM02")
    found = effect(city_hall, sent())
    assert (found["expected"].people, found["expected"].offices, found["expected"].days) == (2, 2, 2)
    labels = [each["label"] for each in found["changed"]]
    assert "予約できる最初の日" in labels
    assert found["days"] > 0


def test_rules_of_one_office_count_its_own_visits_only(city_hall):
    book()
    book(TARO, day=16, hour=11, office="HM02")
    found = effect(city_hall, sent(scope="HM02"))
    assert (found["expected"].people, found["is_everywhere"]) == (1, False)


def test_a_mail_shows_how_many_wait_to_be_written_in_it(city_hall):
    put_texts()
    book()
    body = "{reference}{when}{office}{link}{phone}お待ちしています"
    made = sent(ProposalKind.MAIL, {"subject": "予約の受付", "body": body}, scope="confirmation")
    assert effect(city_hall, made)["mails"] == 1


def test_an_announcement_shows_who_comes_while_it_stands(city_hall):
    book()
    book(TARO, day=18, hour=11)
    until = clock.at(date(2026, 12, 16), time()).isoformat()
    told = {"kind": "MAINTENANCE", "title": "夜間の停止", "body": "止まります", "shows_until": until}
    found = effect(city_hall, sent(ProposalKind.ANNOUNCEMENT, told))
    assert found["expected"].people == 1
    assert [each["then"] for each in found["changed"]] == ["夜間の停止"]


def test_looking_at_the_effect_writes_nothing(city_hall):
    made = sent()
    city_hall.get(f"/city/proposals/{made}/")
    assert proposal(made).state == "sent"
    assert booking_rules(FROM).register_days == 5


def test_the_city_takes_its_approval_back_and_all_stays_as_it_was(city_hall, approved):
    page, made = approved
    assert booking_rules(FROM).register_days == 3
    reply = city_hall.post(f"{page}take-back/", {"reason": "議会の日程が変わりました"}, follow=True)
    html = reply.content.decode()
    for words in ("承認の取消し", "議会の日程が変わりました", "承認を取り消しました"):
        assert words in html
    assert booking_rules(FROM).register_days == 5
    entry = AuditEntry.objects.get(action=ContractAction.APPROVAL_TAKEN_BACK)
    assert (entry.target, entry.detail) == (f"draft:{made}", {"answer": "議会の日程が変わりました"})


def test_an_approval_is_not_taken_back_without_a_reason_or_with_a_number_that_may_not_be_kept(
    city_hall, approved
):
    page, made = approved
    for reason, says in (("", "必須"), ("番号は123456789012です", "12桁")):
        html = city_hall.post(f"{page}take-back/", {"reason": reason}).content.decode()
        assert says in html
        assert reason in html
        assert proposal(made).state == "approved"


def test_what_is_in_force_or_not_approved_is_not_taken_back(city_hall, approved):
    page, made = approved
    waiting = sent(content={"hold_minutes": 5})
    city_hall.post(f"/city/proposals/{waiting}/take-back/", {"reason": "取消し"})
    assert proposal(waiting).state == "sent"
    with clock.travel(FROM + timedelta(minutes=1)):
        assert '<h2 id="take-back">' not in city_hall.get(page).content.decode()
        city_hall.post(f"{page}take-back/", {"reason": "取消し"})
    assert proposal(made).state == "approved"


@pytest.mark.parametrize(
    "changes",
    [
        {"taken_back": "取消し"},
        {"taken_back": "取消し", "state": "withdrawn", "answer": "差戻し"},
        {"taken_back": "取消し", "state": "withdrawn", "decided_at": None, "decided_by": ""},
    ],
)
def test_the_database_knows_that_only_an_approval_is_taken_back(approved, changes):
    withdrawn = {"withdrawn_at": clock.now(), "withdrawn_by": str(SECRETARIAT)} if "state" in changes else {}
    with pytest.raises(IntegrityError, match="only_an_approval"), transaction.atomic():
        Proposal.objects.filter(pk=approved[1]).update(**changes, **withdrawn)
