"""How a clerk comes before each form that changes what stands, and what another clerk does meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from support.crowd import sell_out
from support.people import HANAKO, SECRETARIAT
from support.secretariat import book, member

from madoguchi.accounts import services as accounts
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import Pin
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.notifications.announcements import put_announcement
from madoguchi.notifications.kinds import MailError, MailState
from madoguchi.notifications.models import Mail
from madoguchi.offices import services as offices
from madoguchi.offices.models import Closure
from madoguchi.offices.pauses import Scope
from madoguchi.offices.rules import Span
from madoguchi.reservations.models import DisruptedVisit, Reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention.services import lift_legal_hold, set_legal_hold
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.waiting import enter
from madoguchi.workflows.capacity.slots import change_offering
from madoguchi.workflows.outage import pauses

DAY = date(2026, 12, 15)
WEEK = range(5)


@dataclass(frozen=True)
class StaffPress:
    """Where a form goes, what is typed into it, and what somebody else changes while it lies open.

    `stands` is what the page shows of that change, `keeps` what it still has of what was typed.
    """

    path: str
    typed: Mapping[str, object]
    meanwhile: Callable[[], object]
    stands: str = ""
    keeps: str = ""


def _account(page, *, zone=Zone.CONTRACTOR, prepare=lambda _user: None, **meanwhile):
    admin, role, site = {
        Zone.CONTRACTOR: (Role.SECRETARIAT, Role.OPERATOR, "secretariat"),
        Zone.CITY: (Role.CITY_ADMIN, Role.CITY, "city"),
    }[zone]

    def come(client):
        client.force_login(member(admin, "kanri"))
        user = member(role, "tanaka")
        prepare(user)
        changed = {
            "display_name": "見本 五郎",
            "organisation": "異動先",
            "email": "",
            "roles": [role],
            "leaves_on": None,
            **meanwhile,
        }
        typed = {
            "display_name": "見本 次郎",
            "organisation": "見本",
            "roles": [role.value],
            "leaves_on": "2027-03-31",
        }
        return StaffPress(
            f"/{site}/accounts/{user.pk}/{page}",
            {} if page else typed,
            lambda: accounts.change_account(user_id=user.pk, actor=SYSTEM, **changed),
            stands="" if page else "いまの内容：異動先",
            keeps="" if page else "見本 次郎",
        )

    return come


def _suspend(user):
    accounts.suspend_account(user_id=user.pk, actor=SYSTEM)


def _forgets_its_pin(user):
    code = accounts.reset_sign_in(user_id=user.pk, actor=SYSTEM)
    accounts.start_with_pin(username=user.username, code=code, pin="48151623")
    Pin.objects.filter(user=user).update(locked_until=clock.now() + timedelta(minutes=15))


def _hours(spans, *, office="HM01", since=DAY):
    offices.set_weekly_hours(
        office=office,
        spans=[(weekday, span) for weekday in WEEK for span in spans],
        effective_from=since,
        actor=SYSTEM,
    )


def _weekly(*, everywhere=False):
    def come(client):
        client.force_login(member())
        typed = {"effective_from": "2026-12-14", "note": "冬の時間", "action": "save"}
        for weekday in WEEK:
            typed |= {f"start_{weekday}_1": "540", f"end_{weekday}_1": "720", f"seats_{weekday}": "2"}
        if everywhere:
            typed["everywhere"] = "on"
        other = "HM02" if everywhere else "HM01"
        return StaffPress(
            "/secretariat/offices/HM01/hours/",
            typed,
            lambda: _hours([Span(600, 900, 3)], office=other),
            stands="" if everywhere else "10:00–15:00",
            keeps="冬の時間",
        )

    return come


def _shorten():
    offices.set_day_hours(office="HM01", day=DAY, spans=[Span(600, 900, 3)], actor=SYSTEM)


def _day(client):
    client.force_login(member())
    typed = {"day": DAY.isoformat(), "kind": "hours", "start": "540", "end": "720"}
    return StaffPress("/secretariat/offices/HM01/days/save/", typed, _shorten, stands="10:00–15:00")


def _reset(client):
    client.force_login(member())
    offices.set_day_hours(office="HM01", day=DAY, spans=[Span(540, 720, 1)], actor=SYSTEM)
    return StaffPress(f"/secretariat/offices/HM01/days/{DAY}/reset/", {}, _shorten, stands="10:00–15:00")


def _presets(client):
    client.force_login(member())
    typed = {"day_kind": "MONTH_END", "keep_one_in": "2", "effective_from": "2026-12-14", "action": "save"}
    other = partial(
        offices.put_preset,
        office="HM01",
        day_kind="MONTH_END",
        keep_one_in=4,
        effective_from=DAY,
        actor=SYSTEM,
    )
    return StaffPress(
        "/secretariat/offices/HM01/presets/", typed, other, stands="4枠に1枠", keeps="2026-12-14"
    )


def _announced(title="通信の障害", *, announcement_id=None):
    return put_announcement(
        kind="OUTAGE",
        title=title,
        body="調べています。",
        shows_from=clock.now(),
        shows_until=clock.now() + timedelta(days=1),
        announcement_id=announcement_id,
        actor=SYSTEM,
    )


def _announcement(page):
    def come(client):
        client.force_login(member())
        made = _announced()
        typed = {
            "title": "通信の障害（続報）",
            "body": "夕方に戻る見込みです。",
            "shows_from": "2026-11-24T09:00",
            "shows_until": "2026-12-24T09:00",
        }
        return StaffPress(
            f"/secretariat/announcements/{made}/{page}",
            {} if page else typed,
            partial(_announced, "通信は戻りました", announcement_id=made),
            stands="通信は戻りました",
            keeps="" if page else "通信の障害（続報）",
        )

    return come


def _pause(page, **typed):
    def come(client):
        client.force_login(member())
        until = clock.now() + timedelta(days=2)
        made = pauses.begin(
            scope=Scope(clock.now(), until, ("HM01",)),
            cause="ACCIDENT",
            is_open_ended=False,
            title="事故",
            banner=None,
            actor=SECRETARIAT,
        )
        longer = partial(
            pauses.extend,
            pause_id=made,
            ends_at=until + timedelta(days=1),
            is_open_ended=False,
            title="事故",
            actor=SYSTEM,
        )
        return StaffPress(
            f"/secretariat/pauses/{made}/{page}/",
            typed,
            longer,
            keeps=str(typed.get("ends_at", "")),
        )

    return come


def _visited(client):
    """Return a visit that does not take place, with the officer for personal data signed in."""
    client.force_login(member(Role.PRIVACY, "sekininsha"))
    made = book(HANAKO)
    changes.cancel(reservation_id=made.id, actor=SYSTEM, channel="PHONE")
    return made.id


def _hold(reservation_id, reason):
    return partial(set_legal_hold, reservation_id=reservation_id, reason=reason, actor=SYSTEM)


def _preserve(client):
    made = _visited(client)
    return StaffPress(
        f"/secretariat/personal/{made}/preserve/",
        {"reason": "訴訟のため"},
        _hold(made, "審査請求のため"),
        stands="審査請求のため",
    )


def _release(client):
    made = _visited(client)
    _hold(made, "訴訟のため")()

    def other():
        lift_legal_hold(reservation_id=made, actor=SYSTEM)
        _hold(made, "審査請求のため")()

    return StaffPress(f"/secretariat/personal/{made}/release/", {}, other, stands="審査請求のため")


def _erase(client):
    made = _visited(client)
    typed = {
        "records": [str(made)],
        "document_number": "市戸第9号",
        "document_on": "R8.11.20",
        "instructed_by": "戸籍住民課",
    }

    def other():
        again = book(HANAKO, day=16)
        changes.cancel(reservation_id=again.id, actor=SYSTEM, channel="PHONE")

    return StaffPress(
        f"/secretariat/personal/{made}/erase/", typed, other, stands="12/16(水)", keeps="市戸第9号"
    )


def _mail(page):
    def come(client):
        client.force_login(member())
        book(HANAKO)
        Mail.objects.update(state=MailState.FAILED, error=MailError.ADDRESS_REFUSED, claimed_at=clock.now())

        def other():
            Mail.objects.update(error=MailError.BOUNCED, claimed_at=clock.now() + timedelta(minutes=1))

        return StaffPress(f"/secretariat/mails/{Mail.objects.get().pk}/{page}/", {}, other)

    return come


def _disrupted(page):
    """Come before somebody whose time was stopped; meanwhile it is served again, or the visit cancelled."""

    def come(client):
        client.force_login(member())
        booked = book(replace(HANAKO, email=""), channel="PHONE")
        close = partial(
            offices.close_office,
            office="HM01",
            starts_at=clock.at(DAY, clock.MIDNIGHT),
            ends_at=clock.at(DAY, clock.MIDNIGHT) + clock.DAY,
            reason="TYPHOON",
            note="",
            actor=SYSTEM,
        )
        made = change_offering(change=close, places=["HM01"], title="台風", actor=SECRETARIAT).disruption
        visit = DisruptedVisit.objects.get().pk
        open_again = partial(offices.withdraw_closure, closure_id=Closure.objects.get().pk, actor=SYSTEM)
        meanwhile = {
            "tell": partial(change_offering, change=open_again, places=["HM01"], title="再開", actor=SYSTEM),
            "keep": partial(changes.cancel, reservation_id=booked.id, actor=SYSTEM, channel="PHONE"),
        }
        return StaffPress(f"/secretariat/disruptions/{made}/{visit}/{page}/", {}, meanwhile[page])

    return come


def _in_line(path, role, name):
    def come(client):
        sell_out(DAY)
        wish = Wish(("HM01",), DAY, DAY)
        row = enter(person=HANAKO, procedures=("CERT_RENEW",), wish=wish)
        client.force_login(member(role, name))
        free = Reservation.objects.order_by("starts_at").first().pk
        offered = partial(changes.cancel, reservation_id=free, actor=SYSTEM, channel="PHONE")
        return StaffPress(path, {"wait": row.id}, offered)

    return come


def _told_by_telephone(client):
    press = _disrupted("tell")(client)
    client.force_login(member(Role.OPERATOR, "denwa"))
    visit = DisruptedVisit.objects.get().pk
    return replace(press, path="/operator/stopped/", typed={"visit": visit, "outcome": "notified"})


STAFF = {
    **{
        f"{site}:accounts-{name}": _account(page, zone=zone, prepare=prepare)
        for site, zone in (("secretariat", Zone.CONTRACTOR), ("city", Zone.CITY))
        for name, page, prepare in (
            ("change", "", lambda _user: None),
            ("suspend", "suspend/", lambda _user: None),
            ("resume", "resume/", _suspend),
            ("unlock", "unlock/", _forgets_its_pin),
            ("reset", "reset/", lambda _user: None),
        )
    },
    "secretariat:offices-save-day": _day,
    "secretariat:offices-reset-day": _reset,
    "secretariat:offices-hours": _weekly(),
    "secretariat:offices-presets": _presets,
    "secretariat:announcements-edit": _announcement(""),
    "secretariat:announcements-end": _announcement("end/"),
    "secretariat:pauses-extend": _pause("extend", end="until", ends_at="2026-12-20T09:00"),
    "secretariat:pauses-lift": _pause("lift"),
    "secretariat:personal-preserve": _preserve,
    "secretariat:personal-release": _release,
    "secretariat:personal-erase": _erase,
    "secretariat:disruptions-tell": _disrupted("tell"),
    "secretariat:disruptions-keep": _disrupted("keep"),
    "operator:waiting-people": _in_line("/operator/waiting/people/", Role.OPERATOR, "denwa"),
    "secretariat:waiting-people": _in_line("/secretariat/waiting/", Role.SECRETARIAT, "jimu"),
    "operator:stopped-list": _told_by_telephone,
    "secretariat:mails-resend": _mail("resend"),
    "secretariat:mails-settle": _mail("settle"),
}
# The same address in two ways: one office's hours typed for all.
EVERYWHERE = _weekly(everywhere=True)
