"""People go on the city's instruction, whole, with a certificate; their visits stay as figures (仕様書 6)."""

import uuid
from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from support.city import NOON
from support.crowd import sell_out
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book

from madoguchi.accounts.lockouts import lockout_key
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.contract.rules import BookingRules, expired_before
from madoguchi.contract.services import decide_rule
from madoguchi.notifications import personal_data as notifications
from madoguchi.notifications.models import Mail
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Applicant, Reservation, ReservedProcedure, Wait
from madoguchi.reservations.search import Search, search
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention import errors, selectors, services
from madoguchi.retention.models import ErasureOrder
from madoguchi.retention.selectors import Extent, Instruction
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import new_key
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.waiting import enter, leave
from madoguchi.workflows.privacy import retention

pytestmark = pytest.mark.usefixtures("city", "seal_keys_set")
LETTER = Instruction("市戸第123号", date(2026, 12, 21), "市民局 戸籍住民課")
DAY = date(2026, 12, 15)


@pytest.fixture
def later(city):
    """Three visits on two days, a while ago."""
    made = [book(HANAKO), book(TARO, hour=11), book(somebody(3), day=16)]
    with clock.travel(NOON + timedelta(days=30)):
        yield made


def order(until=DAY, people=2, reason="CONTRACT_END"):
    retention.order_erasure(until=until, people=people, reason=reason, instruction=LETTER, actor=SECRETARIAT)
    return ErasureOrder.objects.get(ended_at=None)


def carried_out(**facts):
    row = order(**facts)
    retention.carry_out(order_id=row.pk)
    row.refresh_from_db()
    return row


def test_everybody_up_to_a_day_is_erased_and_everybody_after_it_stays(later):
    done = carried_out()
    assert done.counts == {"meant": 2, "people": 2, "waits": 0, "mails": 1}
    assert search(Search(), scope=EVERYWHERE).total == 1
    for made in later[:2]:
        with pytest.raises(NotVisible):
            reservation(made.id, scope=EVERYWHERE)
    assert reservation(later[2].id, scope=EVERYWHERE).person.name == "見本　3郎"
    assert PersonKey.objects.filter(wrapped=None).count() == 2
    assert not Applicant.objects.exclude(reservation=later[2].id).exclude(
        name=b"", phone_hash=b"", name_tokens=[]
    )
    assert not ReservedProcedure.objects.filter(reservation=later[0].id, claim__isnull=False)
    mail = Mail.objects.get(target=str(later[0].id))
    assert (mail.state, mail.error, mail.recipient) == ("withdrawn", "person_erased", None)


def test_the_visits_stay_as_figures_and_no_invariant_breaks(later):
    carried_out()
    assert Reservation.objects.filter(office="HM01", starts_at__date=DAY).count() == 2
    assert breaches(clock.now()) == []


def test_the_certificate_names_the_instruction_and_nobody(later, monkeypatch):
    papers = []
    monkeypatch.setattr(retention, "erasure_certificate", lambda paper: papers.append(paper) or b"%PDF")
    done = carried_out()
    [paper] = papers
    assert (paper.number, paper.document_number, paper.instructed_by) == (
        1,
        "市戸第123号",
        LETTER.instructed_by,
    )
    assert paper.counts[0][1] == "2人分"
    assert paper.seal.startswith("第1号 ")
    assert "福岡　花子" not in repr(paper)
    assert selectors.certificate(done.pk) == (1, b"%PDF")
    assert AuditEntry.objects.filter(action="reservations.reservation.erased").count() == 2


def test_a_reservation_under_legal_hold_stays_until_the_hold_is_lifted(later):
    services.set_legal_hold(reservation_id=later[0].id, reason="審査請求のため", actor=SECRETARIAT)
    assert retention.extent(until=DAY) == Extent(people=1, within_term=1, on_legal_hold=1)
    carried_out(people=1)
    assert reservation(later[0].id, scope=EVERYWHERE).person.name == "福岡　花子"
    services.lift_legal_hold(reservation_id=later[0].id, actor=SECRETARIAT)
    carried_out(people=1)
    with pytest.raises(NotVisible):
        reservation(later[0].id, scope=EVERYWHERE)


def test_a_job_that_was_killed_goes_on_and_nobody_is_left_half(later, monkeypatch):
    row, erase = order(), notifications.erase
    monkeypatch.setattr(services, "BATCH", 1)

    def killed(*, targets):
        calls.append(targets)
        if len(calls) > 1:
            raise SystemExit
        return erase(targets=targets)

    calls: list[list[str]] = []
    monkeypatch.setattr(notifications, "erase", killed)
    with pytest.raises(SystemExit):
        retention.carry_out(order_id=row.pk)
    assert Reservation.objects.filter(erased_at__isnull=False).count() == 1
    assert PersonKey.objects.filter(wrapped=None).count() == 1
    monkeypatch.setattr(notifications, "erase", erase)
    retention.carry_out(order_id=row.pk)
    row.refresh_from_db()
    assert (row.counts["people"], row.number) == (2, 1)
    retention.carry_out(order_id=row.pk)
    assert ErasureOrder.objects.get().number == 1


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"people": 3}, errors.CountDiffers),
        ({"until": date(2026, 12, 24)}, errors.DayNotOver),
        ({"until": date(2026, 1, 1)}, errors.NobodySelected),
        ({"reason": "TERM_OVER"}, errors.WithinTerm),
    ],
)
def test_what_was_not_read_or_is_not_over_is_refused(later, facts, refusal):
    with pytest.raises(refusal):
        order(**facts)
    assert not ErasureOrder.objects.exists()


def test_the_database_refuses_an_applicant_half_erased(later):
    with pytest.raises(IntegrityError, match="is_empty_once_erased"), transaction.atomic():
        Applicant.objects.update(name=b"")


@pytest.mark.parametrize(
    ("today", "first_kept"),
    [
        (date(2027, 3, 31), date(2025, 4, 1)),
        (date(2027, 4, 1), date(2026, 4, 1)),
        (date(2028, 4, 1), date(2027, 4, 1)),
    ],
)
def test_years_count_from_the_fiscal_year_after_the_visit(today, first_kept):
    assert expired_before(today, BookingRules(keep_reservation_years=1)) == first_kept


def test_address_and_text_of_a_mail_are_forgotten_after_its_term_and_the_ledger_stays(city):
    made, key = book(HANAKO), new_key()
    key.save()
    sealed = {"key": key, "recipient": b"sealed", "subject": b"sealed", "body": b"sealed"}
    Mail.objects.filter(target=str(made.id)).update(state="sent", sent_at=clock.now(), **sealed)
    retention.purge(now=NOON + timedelta(days=89))
    assert Mail.objects.get().recipient
    retention.purge(now=NOON + timedelta(days=91))
    mail = Mail.objects.get()
    assert (mail.state, mail.key, mail.recipient, mail.subject, mail.body) == ("sent", None, None, None, None)


def test_a_mail_that_still_has_to_go_keeps_its_address(city):
    made, key = book(HANAKO), new_key()
    key.save()
    Mail.objects.filter(target=str(made.id)).update(key=key, recipient=b"sealed")
    retention.purge(now=NOON + timedelta(days=91))
    assert Mail.objects.get().recipient


def test_failed_sign_ins_are_forgotten_after_their_term(city):
    for days in (1, 100):
        row = AccessAttempt.objects.create(username=lockout_key(f"x{days}"), failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=NOON - timedelta(days=days))
    retention.purge(now=NOON)
    assert AccessAttempt.objects.count() == 1


def test_a_left_waiting_entry_is_erased_after_the_period_of_the_pack(city):
    sell_out(DAY)
    row = enter(person=HANAKO, procedures=("CERT_RENEW",), wish=Wish(("HM01",), DAY, DAY))
    leave(token=row.link_token)
    decide_rule(key="keep_wait_days", value=2, effective_from=NOON, note="", actor=SYSTEM)
    with clock.travel(NOON + timedelta(days=1, hours=23)):
        sessions.purge(now=clock.now())
        assert Wait.objects.exists()
    with clock.travel(NOON + timedelta(days=2, hours=1)):
        sessions.purge(now=clock.now())
    assert not Wait.objects.exists()


def test_a_person_whose_key_was_lost_leaves_all_lists_within_minutes(city):
    book(HANAKO)
    PersonKey.objects.update(wrapped=None, destroyed_at=clock.now())
    retention.purge(now=clock.now())
    assert search(Search(), scope=EVERYWHERE).total == 0
    assert Applicant.objects.get().name_tokens == []


def test_an_erasure_asks_the_database_as_often_for_many_as_for_two(city):
    def queries(people):
        with clock.travel(NOON + timedelta(days=30)):
            row = order(until=DAY + timedelta(days=1), people=people)
            with CaptureQueriesContext(connection) as asked:
                retention.carry_out(order_id=row.pk)
        return len(asked)

    for number in range(2):
        book(somebody(number), hour=9 + number)
    few = queries(2)
    for number in range(5):
        book(somebody(number), day=16, hour=9 + number)
    assert queries(5) <= few


def test_an_instruction_that_has_ended_erases_nobody_more(later):
    services.set_legal_hold(reservation_id=later[0].id, reason="審査請求のため", actor=SECRETARIAT)
    done = carried_out(people=1)
    services.lift_legal_hold(reservation_id=later[0].id, actor=SECRETARIAT)
    retention.carry_out(order_id=done.pk)
    assert reservation(later[0].id, scope=EVERYWHERE).person.name == "福岡　花子"


def test_nothing_tells_with_whom_an_erased_person_came(later):
    Reservation.objects.update(party=uuid.UUID(int=1))
    carried_out()
    assert Reservation.objects.filter(party__isnull=False).count() == 1
