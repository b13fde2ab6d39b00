"""Proposals: one person writes, another approves, they take effect by themselves; overlaps are refused."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from support.secretariat import member

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.selectors import entries_about
from madoguchi.common import clock
from madoguchi.common.forbidden import ForbiddenValue
from madoguchi.contract import proposals as ledger
from madoguchi.contract.errors import RuleNotValid
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.models import Proposal
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import booking_rules, guidance
from madoguchi.contract.services import decide_rule, put_rows
from madoguchi.notifications.announcements import (
    announcements,
    end_announcement,
    put_announcement,
    shown_announcements,
)
from madoguchi.notifications.errors import EndsBeforeItStarts, TextNotValid
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.selectors import text_in_force
from madoguchi.notifications.services import put_text
from madoguchi.reservations.models import Seat
from madoguchi.workflows.approvals import proposals
from madoguchi.workflows.approvals.wording import differences

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())
BODY = "{reference}{when}{office}{link}{phone}"


@pytest.fixture
def writer():
    return Actor("staff", str(member().pk))


@pytest.fixture
def approver():
    return Actor("staff", str(member(Role.CITY, "shi").pk))


def write(writer, **changes):
    facts = {
        "kind": ProposalKind.RULES,
        "content": {"register_days": 3},
        "effective_from": FROM,
        "reason": "協議",
    }
    return proposals.save_proposal(**{**facts, **changes}, actor=writer)


def approved(writer, approver, **changes):
    made = write(writer, **changes)
    proposals.send_proposal(proposal_id=made, actor=writer)
    proposals.approve_proposal(proposal_id=made, actor=approver)
    return made


def question(name="faq.fee", **changes):
    facts = {"language": "ja", "title": "費用", "body": "無料です。", "position": 1}
    put_rows(kind=GuidanceRow, rows=[GuidanceRow(**{**facts, **changes}, name=name)])


def announcement(**changes):
    until = {"shows_until": (FROM + timedelta(days=2)).isoformat()}
    return {
        "kind": ProposalKind.ANNOUNCEMENT,
        "content": {"kind": "MAINTENANCE", "title": "夜間の停止", "body": "", **until, **changes},
    }


def test_an_approved_proposal_of_rules_holds_from_its_instant_on_by_itself(writer, approver):
    approved(writer, approver, content={"register_days": 3, "register_time": "16:00"})
    assert booking_rules(FROM - timedelta(seconds=1)).register_days == 5
    assert booking_rules(FROM).register_days == 3
    assert booking_rules(FROM).register_time == time(16)


def test_an_unapproved_proposal_never_comes_into_force(writer):
    made = write(writer)
    proposals.send_proposal(proposal_id=made, actor=writer)
    assert booking_rules(FROM).register_days == 5


def test_a_proposal_keeps_only_the_rules_that_it_changes_and_what_stood(writer):
    row = ledger.proposal(write(writer, content={"register_days": 3, "cancel_days": 1}))
    assert (row.content, row.base) == ({"register_days": 3}, {"register_days": 5})
    assert [(each.before, each.after) for each in differences(row)] == [("5開庁日前", "3開庁日前")]


def test_approved_too_late_it_holds_from_the_approval_on_and_the_seats_follow(writer, approver):
    kept = Seat.objects.filter(web_from__gt=clock.now()).count()
    made = write(writer, content={"telephone_percent": 50}, effective_from=clock.now())
    proposals.send_proposal(proposal_id=made, actor=writer)
    with clock.travel(clock.now() + timedelta(hours=2)):
        proposals.approve_proposal(proposal_id=made, actor=approver)
        assert booking_rules(clock.now() - timedelta(seconds=1)).telephone_percent == 20
        assert booking_rules(clock.now()).telephone_percent == 50
        assert Seat.objects.filter(web_from__gt=clock.now()).count() > 2 * kept > 0


def test_the_writer_and_the_sender_of_a_proposal_cannot_approve_it_even_in_the_database(writer, approver):
    made = write(writer)
    proposals.send_proposal(proposal_id=made, actor=approver)
    for hand in (writer, approver):
        with pytest.raises(ledger.SameAuthor):
            proposals.approve_proposal(proposal_id=made, actor=hand)
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=made).update(
                state="approved", decided_at=clock.now(), decided_by=str(hand)
            )
    assert booking_rules(FROM).register_days == 5


def test_an_earlier_writer_of_the_same_proposal_does_not_approve_either(writer, approver):
    made = write(approver)
    write(writer, proposal_id=made, content={"register_days": 2})
    proposals.send_proposal(proposal_id=made, actor=writer)
    with pytest.raises(ledger.SameAuthor):
        proposals.approve_proposal(proposal_id=made, actor=approver)


def test_two_proposals_of_one_item_from_one_instant_are_refused_and_the_other_is_named(writer):
    first = write(writer)
    with pytest.raises(
        proposals.ProposalOverlaps,
        match=rf"「予約の締切（申請者）」は、案{first}「.*中洲 次郎、12/1\(火\) 00:00から",
    ):
        write(writer, content={"register_days": 4, "cancel_days": 2})
    assert write(writer, content={"cancel_days": 2})
    assert write(writer, scope="HM01")
    assert write(writer, effective_from=FROM + timedelta(days=1), content={"register_days": 4})
    proposals.withdraw_proposal(proposal_id=first, actor=writer)
    assert write(writer, content={"register_days": 4})


def test_two_proposals_that_both_hold_from_now_on_overlap_however_their_minutes_differ(writer):
    write(writer, effective_from=clock.now())
    with clock.travel(clock.now() + timedelta(minutes=5)), pytest.raises(proposals.ProposalOverlaps):
        write(writer, effective_from=clock.now())


def test_a_version_decided_elsewhere_for_the_same_instant_is_named(writer):
    decide_rule(key="register_days", value=4, effective_from=FROM, actor=SYSTEM)
    with pytest.raises(proposals.ProposalOverlaps, match="4開庁日前に変わることが決まっています"):
        write(writer)


def test_a_mail_decided_elsewhere_for_the_same_instant_is_named(writer):
    put_text(kind=MailKind.CHANGED, subject="変更", body=BODY, actor=SYSTEM, effective_from=FROM)
    with pytest.raises(proposals.ProposalOverlaps, match=r"「変更」の文面は.*第1版が決まっています"):
        write(writer, kind=ProposalKind.MAIL, scope="changed", content={"subject": "新", "body": BODY})


def test_a_proposal_whose_base_changed_meanwhile_is_refused_and_says_by_what(writer, approver):
    made = write(writer)
    other = approved(writer, approver, content={"register_days": 7}, effective_from=FROM - timedelta(days=1))
    with pytest.raises(proposals.ProposalOutdated, match=f"「予約の締切（申請者）」は.*案{other}"):
        proposals.send_proposal(proposal_id=made, actor=writer)
    write(writer, proposal_id=made)
    assert ledger.proposal(made).base == {"register_days": 7}
    proposals.send_proposal(proposal_id=made, actor=writer)


def test_what_changed_after_the_sending_stops_the_approval_and_nothing_is_written(writer, approver):
    made = write(writer)
    proposals.send_proposal(proposal_id=made, actor=writer)
    decide_rule(key="register_days", value=8, effective_from=clock.now(), actor=SYSTEM)
    with pytest.raises(proposals.ProposalOutdated):
        proposals.approve_proposal(proposal_id=made, actor=approver)
    assert ledger.proposal(made).state == "sent"
    assert booking_rules(FROM).register_days == 8


def test_returned_with_a_sentence_it_is_written_on_and_sent_again(writer, approver):
    made = write(writer)
    proposals.send_proposal(proposal_id=made, actor=writer)
    proposals.return_proposal(proposal_id=made, answer="3日では照合が間に合いません", actor=approver)
    with pytest.raises(ledger.NotOpen):
        proposals.send_proposal(proposal_id=made, actor=writer)
    write(writer, proposal_id=made, content={"register_days": 4})
    proposals.send_proposal(proposal_id=made, actor=writer)
    proposals.approve_proposal(proposal_id=made, actor=approver)
    assert booking_rules(FROM).register_days == 4
    told = [entry.action.rpartition(".")[2] for entry in entries_about(f"draft:{made}")]
    assert told == ["approved", "sent", "written", "returned", "sent", "written"]


def test_withdrawn_before_its_instant_an_approved_proposal_of_each_kind_leaves_all_as_it_was(
    writer, approver
):
    question()
    put_text(kind=MailKind.CHANGED, subject="変更", body=BODY, actor=SYSTEM)
    old = put_announcement(
        kind="INFORMATION", title="前の", body="", shows_from=clock.now(),
        shows_until=FROM + timedelta(days=9), actor=SYSTEM,
    )  # fmt: skip
    made = [
        approved(writer, approver),
        approved(
            writer, approver, kind=ProposalKind.MAIL, scope="changed", content={"subject": "新", "body": BODY}
        ),
        approved(
            writer,
            approver,
            kind=ProposalKind.TEXT,
            scope="faq.fee",
            content={"title": "費用", "body": "有料"},
        ),
        approved(writer, approver, scope=str(old), **announcement()),
    ]

    def seen():
        with clock.travel(FROM):
            return (
                booking_rules(FROM).register_days,
                text_in_force(kind=MailKind.CHANGED, at=FROM).subject,
                guidance("faq.fee")[0].body,
                [row.title for row in shown_announcements()],
            )

    assert seen() == (3, "新", "有料\n", ["夜間の停止"])
    for each in made:
        proposals.withdraw_proposal(proposal_id=each, actor=writer)
    assert seen() == (5, "変更", "無料です。", ["前の"])


def test_what_is_in_force_is_not_withdrawn_and_the_database_knows_it(writer, approver):
    made = approved(writer, approver)
    with clock.travel(FROM):
        with pytest.raises(ledger.InForce):
            proposals.withdraw_proposal(proposal_id=made, actor=writer)
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=made).update(
                state="withdrawn", withdrawn_at=clock.now(), withdrawn_by="staff:1"
            )


def test_a_withdrawn_proposal_allows_no_further_action(writer, approver):
    made = write(writer)
    proposals.withdraw_proposal(proposal_id=made, actor=writer)
    for step in (
        lambda: proposals.withdraw_proposal(proposal_id=made, actor=writer),
        lambda: proposals.send_proposal(proposal_id=made, actor=writer),
        lambda: proposals.approve_proposal(proposal_id=made, actor=approver),
        lambda: write(writer, proposal_id=made),
    ):
        with pytest.raises(ledger.NotOpen):
            step()


def test_a_guidance_text_has_versions_and_the_pack_still_says_the_first(writer, approver):
    question()
    question("faq.age", title="年齢", position=2)
    approved(
        writer,
        approver,
        kind=ProposalKind.TEXT,
        scope="faq.fee",
        content={"title": "費用", "body": "0円です。"},
    )
    with clock.travel(FROM):
        assert [row.body for row in guidance("faq")] == ["0円です。\n", "無料です。"]
    with clock.travel(FROM - timedelta(seconds=1)):
        assert guidance("faq.fee")[0].body == "無料です。"


def test_an_announcement_takes_the_place_of_another_at_its_instant(writer, approver):
    old = put_announcement(
        kind="INFORMATION", title="前の", body="", shows_from=clock.now(),
        shows_until=FROM + timedelta(days=9), actor=SYSTEM,
    )  # fmt: skip
    approved(writer, approver, scope=str(old), **announcement())
    for moment, title in ((FROM - timedelta(seconds=1), "前の"), (FROM, "夜間の停止")):
        with clock.travel(moment):
            assert [row.title for row in shown_announcements()] == [title]
    end_announcement(announcement_id=old, actor=SYSTEM)
    made = ledger.proposals()[0].id
    proposals.withdraw_proposal(proposal_id=made, actor=writer)
    assert not shown_announcements()
    assert len(announcements()) == 2


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"content": {"register_days": 999}}, RuleNotValid),
        ({"content": {"no_such_rule": 1}}, RuleNotValid),
        ({"content": {"ask_sex": True}, "scope": "HM01"}, RuleNotValid),
        ({"content": {"register_days": 5}}, proposals.NothingChanges),
        ({"reason": "123456789018"}, ForbiddenValue),
        (announcement(body="1234-5678-9018"), ForbiddenValue),
        (announcement(shows_until=FROM.isoformat()), EndsBeforeItStarts),
        (
            {"kind": ProposalKind.MAIL, "scope": "changed", "content": {"subject": "x", "body": "x"}},
            TextNotValid,
        ),
    ],
)
def test_what_could_not_come_into_force_is_not_kept(writer, changes, refused):
    with pytest.raises(refused):
        write(writer, **changes)
    assert not ledger.proposals()


def test_no_long_number_gets_into_a_proposal_even_past_the_services(writer):
    made = write(writer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made).update(content={"body": "1234 5678 9018"})


def test_the_same_text_comes_back_from_a_later_instant_on(writer, approver):
    put_text(kind=MailKind.CHANGED, subject="変更", body=BODY, actor=SYSTEM)
    mail = {"kind": ProposalKind.MAIL, "scope": "changed"}
    approved(writer, approver, **mail, content={"subject": "年末", "body": BODY})
    later = FROM + timedelta(days=40)
    approved(writer, approver, **mail, content={"subject": "変更", "body": BODY}, effective_from=later)
    assert [text_in_force(kind=MailKind.CHANGED, at=at).subject for at in (clock.now(), FROM, later)] == [
        "変更",
        "年末",
        "変更",
    ]
