"""Master data by proposal: each kind changes at its instant, drops nobody, and can be looked at before."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from support.people import TARO
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.contract import proposals as ledger
from madoguchi.contract.errors import InForce, MasterNotValid, RuleNotValid, SameAuthor
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.models import Proposal, Rule, Wave
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import booking_rules, guidance, own_rules, removed_guidance
from madoguchi.contract.services import decide_rule, put_rows
from madoguchi.offices.models import Slot
from madoguchi.reservations.models import DisruptedVisit, Reservation
from madoguchi.workflows.approvals import proposals
from madoguchi.workflows.approvals.content import NEEDED_TEXTS, TextNeeded, current_content
from madoguchi.workflows.approvals.effects import reach
from madoguchi.workflows.approvals.master import MASTERS
from madoguchi.workflows.approvals.wording import differences, proposal_title
from madoguchi.workflows.capacity.jobs import extend_slots

pytestmark = pytest.mark.usefixtures("city")
FROM = clock.at(date(2026, 12, 1), time())
BOOKING_OPENS = "2026-08-17T00:00:00+00:00"
# One change of each kind of master data: the row, the field, its new value, and how it reads.
CHANGES = {
    ProposalKind.WAVE: ("1", "opens_on", "2027-01-12", "令和9年1月12日"),
    ProposalKind.OFFICE: ("HM01", "address", "星見市東区見本町9番9号", "星見市東区見本町9番9号"),
    ProposalKind.BELONGING: ("ID_DOCUMENT", "procedures", ["CERT_ISSUE"], "新規発行"),
    ProposalKind.PROCEDURE: ("CERT_RENEW", "explanation", "期限が近い方", "期限が近い方"),
}
KINDS = pytest.mark.parametrize("kind", list(CHANGES))


def hand(role=Role.SECRETARIAT, name="jimukyoku"):
    return Actor("staff", str(member(role, name).pk))


@pytest.fixture
def writer():
    return hand()


@pytest.fixture
def approver():
    return hand(Role.CITY, "shi")


def write(writer, kind, *, scope=None, content=None, start=FROM):
    row, field, value, _ = CHANGES[kind]
    return proposals.save_proposal(
        kind=kind, scope=row if scope is None else scope, content=content or {field: value},
        effective_from=start, reason="協議", actor=writer,
    )  # fmt: skip


def approve(made, writer, approver):
    proposals.send_proposal(proposal_id=made, actor=writer)
    proposals.approve_proposal(proposal_id=made, actor=approver)


def stands(kind, scope=None):
    return current_content(kind=kind, scope=scope or CHANGES[kind][0], language="ja", at=clock.now())


def test_every_kind_of_master_data_is_here():
    assert set(CHANGES) == set(MASTERS)


@KINDS
def test_it_changes_at_its_instant_by_the_job_of_that_night_and_once(kind, writer, approver):
    _, field, value, words = CHANGES[kind]
    made = write(writer, kind)
    before = stands(kind)[field]
    approve(made, writer, approver)
    extend_slots(0)
    assert stands(kind)[field] == before
    with clock.travel(FROM + timedelta(minutes=1)):
        extend_slots(0)
        assert stands(kind)[field] == value
        applied = ledger.proposal(made).applied_at
        extend_slots(0)
    assert ledger.proposal(made).applied_at == applied == FROM + timedelta(minutes=1)
    assert [each.after for each in differences(ledger.proposal(made))] == [words]
    assert AuditEntry.objects.filter(detail__has_key="content", target__endswith=CHANGES[kind][0]).exists()
    assert proposal_title(ledger.proposal(made))


@KINDS
def test_approved_on_its_day_or_later_it_changes_at_once(kind, writer, approver):
    _, field, value, _ = CHANGES[kind]
    made = write(writer, kind, start=clock.now())
    approve(made, writer, approver)
    assert stands(kind)[field] == value
    assert ledger.proposal(made).applied_at is not None
    assert proposals.apply_due() == 0


@KINDS
def test_the_approval_is_taken_back_before_its_instant_and_then_nothing_changes(kind, writer, approver):
    made = write(writer, kind)
    before = stands(kind)
    approve(made, writer, approver)
    seen = ledger.shown_proposal(ledger.proposal(made))
    proposals.take_back_approval(proposal_id=made, reason="中止", actor=approver, seen=seen)
    with clock.travel(FROM + timedelta(minutes=1)):
        assert proposals.apply_due() == 0
        assert stands(kind) == before


@KINDS
def test_once_its_instant_has_come_it_is_not_withdrawn_even_before_the_job(kind, writer, approver):
    made = write(writer, kind)
    approve(made, writer, approver)
    with clock.travel(FROM), pytest.raises(InForce):
        proposals.withdraw_proposal(proposal_id=made, actor=writer)


@KINDS
def test_a_second_proposal_of_the_same_field_from_the_same_day_on_is_refused_by_name(kind, writer):
    made = write(writer, kind)
    with pytest.raises(proposals.ProposalOverlaps, match=f"案{made}"):
        write(hand(name="hoka"), kind)


@KINDS
def test_what_changed_since_stops_the_approval(kind, writer, approver):
    row, field, _, _ = CHANGES[kind]
    made = write(writer, kind)
    other = {"opens_on": "2027-01-20", "procedures": ["FACE_CHANGE"]}.get(field, "別の文")
    approve(write(writer, kind, scope=row, content={field: other}, start=clock.now()), writer, approver)
    with pytest.raises(proposals.ProposalOutdated):
        proposals.send_proposal(proposal_id=made, actor=writer)


@KINDS
def test_the_writer_of_it_never_approves_it_even_in_the_database(kind, writer):
    made = write(writer, kind)
    proposals.send_proposal(proposal_id=made, actor=writer)
    with pytest.raises(SameAuthor):
        proposals.approve_proposal(proposal_id=made, actor=writer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made).update(
            state="approved", decided_at=clock.now(), decided_by=str(writer)
        )


@KINDS
@pytest.mark.parametrize("is_approved", [False, True])
def test_the_database_refuses_what_is_applied_unapproved_or_too_early(kind, is_approved, writer, approver):
    made = write(writer, kind)
    if is_approved:
        approve(made, writer, approver)
    too_early = clock.now() if is_approved else FROM + timedelta(days=1)
    with pytest.raises(IntegrityError, match="is_applied_once"), transaction.atomic():
        Proposal.objects.filter(pk=made).update(applied_at=too_early)


@KINDS
def test_an_unknown_row_is_proposed_by_nobody(kind, writer):
    with pytest.raises(NotVisible):
        write(writer, kind, scope="NONE")


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        (ProposalKind.WAVE, {"opens_on": "2026-08-16"}, "booking_opens_at"),
        (ProposalKind.WAVE, {"booking_opens_at": "2026-09-02T00:00:00+09:00"}, "booking_opens_at"),
        (ProposalKind.WAVE, {"opens_on": "2027-04-01"}, "opens_on"),
        (ProposalKind.OFFICE, {"latitude": None}, "latitude"),
        (ProposalKind.OFFICE, {"latitude": 3.0, "longitude": 130.0}, "latitude"),
        (ProposalKind.OFFICE, {"postal_code": "81"}, "postal_code"),
        (ProposalKind.OFFICE, {"name": ""}, "name"),
        (ProposalKind.BELONGING, {"procedures": ["NONE"]}, "procedures"),
        (ProposalKind.BELONGING, {"text": "　"}, "text"),
        (ProposalKind.PROCEDURE, {"short_name": "あ" * 21}, "short_name"),
    ],
)
def test_what_no_row_could_hold_is_refused_beside_its_field(kind, content, field, writer):
    with pytest.raises(MasterNotValid) as refused:
        write(writer, kind, content=content)
    assert refused.value.fields["field"] == field
    assert not ledger.proposals()


def test_the_database_refuses_a_wave_that_takes_bookings_only_after_it_opened():
    with pytest.raises(IntegrityError, match="takes_bookings_before"), transaction.atomic():
        Wave.objects.filter(pk="1").update(opens_on=date(2026, 8, 16))


def test_a_postponed_wave_drops_no_booking_and_lists_who_came_before_it(writer, approver):
    early, late = book(), book(TARO, day=21, hour=11, office="HM02")
    made = write(writer, ProposalKind.WAVE, content={"opens_on": "2026-12-18"})
    met = reach(ledger.proposal(made))
    assert (met.misfits, met.expected.people) == (1, 2)
    assert not DisruptedVisit.objects.exists()
    approve(made, writer, approver)
    with clock.travel(FROM + timedelta(minutes=1)):
        extend_slots(0)
    assert [row.reservation_id for row in DisruptedVisit.objects.all()] == [early.id]
    assert set(Reservation.objects.values_list("pk", "status")) == {(early.id, "BOOKED"), (late.id, "BOOKED")}
    before = Slot.objects.filter(office="HM01", starts_at__lt=clock.at(date(2026, 12, 18), time()))
    assert not before.filter(capacity__gt=0, starts_at__gt=FROM).exists()


def test_an_earlier_wave_is_offered_from_then_on(writer, approver):
    content = {"opens_on": "2026-12-10", "booking_opens_at": "2026-11-25T00:00:00+00:00"}
    approve(write(writer, ProposalKind.WAVE, scope="2", content=content, start=clock.now()), writer, approver)
    found = Slot.objects.filter(office="HM03", capacity__gt=0).order_by("starts_at").first()
    assert clock.to_jst(found.starts_at).date() == date(2026, 12, 10)


def test_one_that_no_longer_fits_is_left_and_holds_up_no_other(writer, approver, caplog):
    made = write(writer, ProposalKind.BELONGING)
    other = write(writer, ProposalKind.OFFICE)
    for each in (made, other):
        approve(each, writer, approver)
    Proposal.objects.filter(pk=made).update(content={"text": ""})
    with clock.travel(FROM + timedelta(minutes=1)):
        assert proposals.apply_due() == 1
        assert ledger.proposal(made).applied_at is None
        assert ledger.proposal(other).applied_at
    assert "could not be applied" in caplog.text


def test_looking_at_the_effect_of_each_kind_writes_nothing(writer):
    book()
    made = {kind: write(writer, kind) for kind in CHANGES}
    before = {kind: stands(kind) for kind in CHANGES}
    met = {kind: reach(ledger.proposal(each)).expected.people for kind, each in made.items()}
    assert met == {
        ProposalKind.WAVE: 1, ProposalKind.OFFICE: 1, ProposalKind.BELONGING: 0, ProposalKind.PROCEDURE: 1,
    }  # fmt: skip
    assert {kind: stands(kind) for kind in CHANGES} == before
    assert {row.state for row in ledger.proposals()} == {"written"}


def rules(writer, value, *, start=FROM, scope="HM01"):
    return proposals.save_proposal(
        kind=ProposalKind.RULES, scope=scope, content={"register_days": value}, effective_from=start,
        reason="協議", actor=writer,
    )  # fmt: skip


def test_an_office_gives_its_own_rule_back_and_follows_the_common_one_again(writer, approver):
    decide_rule(key="register_days", scope="HM01", value=5, effective_from=clock.now(), actor=SYSTEM)
    made = rules(writer, None)
    approve(made, writer, approver)
    decide_rule(key="register_days", value=8, effective_from=clock.now(), actor=SYSTEM)
    assert booking_rules(FROM - timedelta(seconds=1), "HM01").register_days == 5
    assert booking_rules(FROM, "HM01").register_days == 8
    assert (own_rules(clock.now(), "HM01"), own_rules(FROM, "HM01")) == ({"register_days"}, frozenset())
    [said] = differences(ledger.proposal(made))
    assert (said.before, said.after) == ("5開庁日前", "全局に共通の値")


def test_what_an_office_does_not_have_it_does_not_give_back(writer):
    for scope in ("HM01", ""):
        with pytest.raises(proposals.NothingChanges):
            rules(writer, None, scope=scope)
    with pytest.raises(RuleNotValid):
        decide_rule(key="ask_sex", scope="HM01", value=None, effective_from=FROM, actor=SYSTEM)
    with pytest.raises(IntegrityError, match="only_an_office_gives_back"), transaction.atomic():
        Rule.objects.create(
            key="register_days", scope="", value=None, effective_from=FROM, decided_by="x", created_at=FROM
        )


@pytest.fixture
def fee():
    for language, title in (("ja", "費用"), ("en", "Fee")):
        put_rows(
            kind=GuidanceRow,
            rows=[GuidanceRow(name="faq.fee", language=language, title=title, body="0", position=1)],
        )


def text(writer, approver, *, language="ja", name="faq.fee", **content):
    made = proposals.save_proposal(
        kind=ProposalKind.TEXT, scope=name, language=language, effective_from=FROM, reason="協議",
        content={"title": "費用", "body": "0", **content}, actor=writer,
    )  # fmt: skip
    approve(made, writer, approver)
    return made


def test_a_guidance_text_is_removed_from_its_day_on_in_every_language_and_comes_back(writer, approver, fee):
    made = text(writer, approver, is_removed=True)
    assert differences(ledger.proposal(made))[-1].after.startswith("取り除く")
    assert guidance("faq")
    with clock.travel(FROM):
        assert (guidance("faq"), guidance("faq", language="en")) == ((), ())
        assert [row.name for row in removed_guidance("faq")] == ["faq.fee"]
        text(writer, approver, body="0\n")
        assert [row.body for row in guidance("faq")] == ["0\n"]


def test_removed_in_one_language_it_comes_in_japanese_there(writer, approver, fee):
    text(writer, approver, language="en", is_removed=True)
    with clock.travel(FROM):
        assert [row.title for row in guidance("faq", language="en")] == ["費用"]
        assert [row.title for row in guidance("faq")] == ["費用"]


@pytest.mark.parametrize("name", sorted(NEEDED_TEXTS))
def test_a_text_that_a_page_shows_by_its_name_is_not_removed(name, writer, approver):
    row = GuidanceRow(name=name, language="ja", title="題", body="0", position=1)
    put_rows(kind=GuidanceRow, rows=[row])
    with pytest.raises(TextNeeded):
        text(writer, approver, name=name, is_removed=True)
