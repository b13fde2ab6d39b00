"""A stop of service in 星見市 on a day of December, who is hit by it, and what is free beside it."""

from datetime import date, datetime, timedelta

from support.people import SECRETARIAT

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.clock import JST
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.disruption_lists import affected_visits, disruption_of_pause
from madoguchi.workflows.booking.offering import office as office_row
from madoguchi.workflows.booking.offering import open_starts, window
from madoguchi.workflows.outage.disruptions import mail_affected
from madoguchi.workflows.outage.pauses import Banner, begin

BANNER = Banner("台風のため、止めています", "安全を第一にしてください。")


def at(hour, minute=0, day=15):
    return datetime(2026, 12, day, hour, minute, tzinfo=JST)


def scope(first=0, last=24, *, day=15, offices=(), procedure=""):
    return Scope(
        at(0, day=day) + timedelta(hours=first), at(0, day=day) + timedelta(hours=last), offices, procedure
    )


def stop(wanted=None, *, is_open_ended=False, banner=BANNER):
    return begin(
        scope=wanted or scope(),
        cause="TYPHOON",
        is_open_ended=is_open_ended,
        title="台風",
        banner=banner,
        actor=SECRETARIAT,
    )


def people(pause, part="all"):
    return [
        row.reservation for row in affected_visits(disruption_of_pause(pause).id, part=part, scope=EVERYWHERE)
    ]


def tell(pause, number=1):
    return mail_affected(disruption_id=disruption_of_pause(pause).id, people=number, actor=SECRETARIAT)


def mails(kind=MailKind.MOVE_REQUEST):
    return list(Mail.objects.filter(kind=kind).order_by("queued_at").values_list("state", flat=True))


def free(day=15, codes=("CERT_RENEW",), office="HM01"):
    days = window(office_row(office), channel="WEB").narrowed(date(2026, 12, day), date(2026, 12, day))
    return [
        start
        for start in open_starts(office_code=office, slots=1, within=days, codes=codes, channel="PHONE")
        if start.free
    ]
