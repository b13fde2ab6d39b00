"""Services that pages call by themselves bring their own transaction: nothing around them is needed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.people import HANAKO, OPERATOR, SECRETARIAT

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.selectors import entries_about
from madoguchi.common.clock import JST
from madoguchi.reservations.availability import starts
from madoguchi.reservations.disruption_lists import disrupted_visits
from madoguchi.reservations.disruptions import create_disruption, keep_visit, mark_called
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.services import (
    check_completeness,
)
from madoguchi.workflows.booking import book as booking

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


@pytest.fixture
def made():
    begins = datetime(2026, 12, 15, 10, tzinfo=JST)
    slot = starts(office="HM01", since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)[
        0
    ].slot
    request = booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), slot=slot)
    return booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission="1", fingerprint=""))


def test_recording_a_check_is_idempotent(made):
    check_completeness(reservation_id=made.id, actor=SECRETARIAT)
    check_completeness(reservation_id=made.id, actor=OPERATOR)
    assert reservation(made.id, scope=EVERYWHERE).checked_by == str(SECRETARIAT)
    actions = [entry.action for entry in entries_about(f"reservation:{made.id}")]
    assert actions.count("reservations.reservation.checked") == 1


def test_a_person_on_a_list_is_notified_and_kept(made):
    listed = create_disruption(title="見本", reservations=[made.id], actor=SECRETARIAT)
    visit = disrupted_visits(listed, scope=EVERYWHERE)[0]
    mark_called(visit_id=visit.id, actor=SECRETARIAT)
    keep_visit(visit_id=visit.id, actor=SECRETARIAT)
    row = disrupted_visits(listed, scope=EVERYWHERE)[0]
    assert row.notified_at is not None
    assert row.resolution == "KEPT"
