"""A visit in 星見市 whose mails are looked at."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from support.people import HANAKO, OPERATOR

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail, MailText
from madoguchi.reservations.availability import starts
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.messages import mail

VISIT = datetime(2026, 12, 15, 10, 30, tzinfo=JST)
THIRD_DAY = datetime(2026, 12, 12, 12, 30, tzinfo=JST)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def slot_at(begins, place="HM01"):
    return starts(office=place, since=begins, until=begins + MINUTE, slots=1, slot_minutes=30)[0].slot


def book(person=HANAKO, begins=VISIT, codes=("CERT_RENEW", "PIN_RESET")):
    request = booking.BookingRequest(visitors=(booking.Visitor(codes, person),), slot=slot_at(begins))
    return booking.book(
        replace(
            request, channel="PHONE", actor=OPERATOR, submission=f"{person.name}{begins}", fingerprint="1"
        )
    )


def states(kind=None):
    rows = Mail.objects.filter(kind=kind) if kind else Mail.objects
    return list(rows.order_by("due_at").values_list("state", flat=True))


def drain_at(instant):
    with clock.travel(instant):
        mail.send_due_mail()


def values(message):
    return dict(re.findall(r"^(\w+)=(.*(?:\n[・　].*)*)$", message.body, re.MULTILINE))


def text_decided_before(kind, *, subject, body):
    """Have a text in force that was decided before a rule of today refused it."""
    last = MailText.objects.filter(kind=kind).count()
    MailText.objects.create(
        kind=kind, version=last + 1, subject=subject, body=body, effective_from=clock.now(),
        decided_by=str(SYSTEM), decided_at=clock.now(),
    )  # fmt: skip
