"""Fill a training system: made-up staff, two past and two coming weeks of bookings."""

import tomllib
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.selectors import demo_accounts
from madoguchi.accounts.services import open_account
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.selectors import check_run
from madoguchi.audit.services import record_check
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.offices.selectors import offices
from madoguchi.reservations.figures import last_booked_at
from madoguchi.workflows.simulation.agenda import Plan
from madoguchi.workflows.simulation.received_messages import ReceivedMessages
from madoguchi.workflows.simulation.term import play

# Bookings are made up to two weeks ahead of the visit: five weeks of booking fill four weeks of visits.
DAYS_BACK = 24
RESIDENTS_PER_DAY = 34
SEED = 20260901
STEP = timedelta(hours=4)
DONE = "demo"


class NotTraining(Refusal):
    """A real system is never filled with made-up people."""

    code = "not_training"
    message = "訓練環境ではないため、架空の方を登録できません。"


def make_demo() -> ReceivedMessages | None:
    """Fill the system once; return None when it is filled already. Raises NotTraining outside training."""
    if not settings.TRAINING:
        raise NotTraining
    pack = Path(settings.PROGRAM_PACK)
    # Those that the pack names since the demo was made are opened as well.
    people = _open_logins(pack)
    if check_run(DONE):
        return None
    last = last_booked_at()
    first = clock.today() - timedelta(days=DAYS_BACK)
    if last:  # an earlier run was interrupted
        first = clock.to_jst(last).date() + timedelta(days=1)
    played = play(
        Plan(
            first=first,
            days=max(0, (clock.today() - first).days),
            seed=SEED,
            residents_per_day=RESIDENTS_PER_DAY,
            pack=pack,
            operator=people[Role.OPERATOR],
            secretariat=people[Role.SECRETARIAT],
            mail_interval=STEP,
            trouble=0,
            settles=False,
        )
    )
    record_check(name=DONE, findings=[])
    return played.received


def _open_logins(pack: Path) -> dict[Role, Actor]:
    """Open the accounts of the pack's demo that are missing, and return the actor of each role."""
    with (pack / "demo" / "people.toml").open("rb") as file:
        logins = tomllib.load(file)["logins"]
    codes = {row.name: row.code for row in offices()}
    known = {account.username: Actor("staff", str(account.id)) for account in demo_accounts()}
    people = {Role(login["role"]): known[login["username"]] for login in logins if login["username"] in known}
    for login in (login for login in logins if login["username"] not in known):
        opened = open_account(
            username=login["username"],
            display_name=login["display_name"],
            organisation=login["organisation"],
            roles=[Role(login["role"])],
            actor=SYSTEM,
            is_demo=True,
        )
        assign_offices(
            user_id=opened.user_id, offices=[codes[name] for name in login.get("offices", [])], actor=SYSTEM
        )
        people[Role(login["role"])] = Actor("staff", str(opened.user_id))
    return people
