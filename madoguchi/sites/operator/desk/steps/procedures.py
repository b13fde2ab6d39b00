"""Block 1: what for, and whether a post office can do it."""

from datetime import date
from typing import Final

from madoguchi.common import clock, era
from madoguchi.contract.selectors import booking_rules, procedures, visit_minutes
from madoguchi.reservations.rules import advise
from madoguchi.sites.operator.desk.call import CallSession
from madoguchi.sites.operator.desk.forms import BlockForm
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.sites.operator.script_column import ward_script
from madoguchi.workflows.booking.offering import bookable_days, first_visit

TITLE: Final = "手続き"
SCRIPTS: Final = ("script.opening", "script.procedure")


def accept(call: CallSession, form: BlockForm) -> bool:
    """Take the procedures; return whether the call goes on to the office and time."""
    conditions = form.conditions_row()  # type: ignore[attr-defined]
    months = booking_rules(clock.now()).renewal_window_months
    days = bookable_days(channel=CHANNEL)
    advice = advise(conditions, today=clock.today(), first=days.first, last=days.last, window_months=months)
    if advice and advice.guidance:
        call.ward = ward_script(advice.guidance)
        return False
    if advice and advice.instead:
        call.data.setlist("procedures", list(advice.instead))
        call.notes.append("電子証明書の期限が過ぎているので、「新規発行」にしました。費用はかかりません。")
    if advice and advice.not_before:
        call.notes.append(_renewal_start(advice.not_before, is_too_early=advice.is_too_early))
    return not (advice and advice.is_too_early)


def summary(call: CallSession) -> tuple[str, str]:
    """Return the procedures, and their minutes with the dates of expiry."""
    rows = [row for row in procedures() if row.code in call.codes]
    card, certificate = call.expiry
    dates = [
        f"{label} {era.short_era(day)}"
        for label, day in (("カード", card), ("電子証明書", certificate))
        if day
    ]
    return "・".join(row.name for row in rows), "　".join([f"{visit_minutes(call.codes)}分", *dates])


def _renewal_start(not_before: date, *, is_too_early: bool) -> str:
    """Say from when a certificate can be renewed, and from when that can be booked if it cannot be now."""
    if not is_too_early:
        return f"更新できるのは、{era.citizen_day(not_before)}からです。"
    says = f"更新できるのは、{era.era_date_weekday(not_before)}からです。"
    found = first_visit(not_before)
    if found is None:
        return f"{says}郵便局での受付期間のあとなので、区役所をご案内してください。"
    return f"{says}{era.citizen_day(found[0])}の予約は、{era.citizen_datetime(found[1])}から受け付けます。"
