"""Block 3: who comes, or who waits."""

from typing import Final

from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import booking_rules
from madoguchi.reservations.rules import age_on
from madoguchi.sites.operator.desk.call import CallSession
from madoguchi.sites.operator.desk.forms import BlockForm, field_of
from madoguchi.sites.operator.desk.steps.place import wish_of
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.sites.operator.script_column import ward_script
from madoguchi.web.forms import add_refusal
from madoguchi.workflows.booking import waiting

TITLE: Final = "お名前・連絡先"
SCRIPTS: Final = ("script.person",)
ABOUT: Final = "カードのとおりに聞き取る"


def accept(call: CallSession, form: BlockForm) -> bool:
    """Take the person; return whether the call goes on to reading back.

    Who waits is entered on the waiting list here, which ends the call.
    """
    least = booking_rules(clock.now(), call.run.office if call.run else "").min_age
    day = clock.to_jst(call.run.starts_at).date() if call.run else clock.today()
    if age_on(form.cleaned_data["birth_date"], day) < least:
        form.add_error("birth_date", f"手続きの日に{least}歳未満です。区役所をご案内してください")
        call.ward = ward_script("ward.UNDER_15")
        return False
    if call.waits:
        _enter_waiting_list(call, form)
        return False
    return True


def summary(call: CallSession) -> tuple[str, str]:
    """Return the person as read back."""
    return call.spoken_person, ""


def _enter_waiting_list(call: CallSession, form: BlockForm) -> None:
    try:
        call.wait_created = waiting.enter(
            person=call.person_of(form),
            procedures=call.codes,
            wish=wish_of(call),
            channel=CHANNEL,
            actor=call.actor,
        )
    except Refusal as refusal:
        add_refusal(form, refusal, field=field_of(refusal, form))
