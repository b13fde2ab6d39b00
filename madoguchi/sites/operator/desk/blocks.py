"""The call screen's blocks as the page shows them, and what to say at this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from madoguchi.offices.selectors import office
from madoguchi.sites.operator.desk.call import PERSON, PLACE, PROCEDURES, READ_BACK, CallSession
from madoguchi.sites.operator.desk.forms import BlockForm
from madoguchi.sites.operator.desk.steps import person, place, procedures, read_back
from madoguchi.sites.operator.grid import spoken_time
from madoguchi.sites.operator.script_column import ScriptColumn, script_column

TITLES: Final = {
    PROCEDURES: procedures.TITLE,
    PLACE: place.TITLE,
    PERSON: person.TITLE,
    READ_BACK: read_back.TITLE,
}
SCRIPTS: Final = {
    PROCEDURES: procedures.SCRIPTS,
    PLACE: place.SCRIPTS,
    PERSON: person.SCRIPTS,
    READ_BACK: read_back.SCRIPTS,
}
ABOUT: Final = {PLACE: place.ABOUT, PERSON: person.ABOUT, READ_BACK: read_back.ABOUT}
SUMMARY: Final[dict[int, Callable[[CallSession], tuple[str, str]]]] = {
    PROCEDURES: procedures.summary,
    PLACE: place.summary,
    PERSON: person.summary,
}


@dataclass(frozen=True, slots=True)
class Block:
    """One block as the page shows it: done with its sum, open with its form, or still to come."""

    number: int
    title: str
    state: str
    form: BlockForm | None = None
    sum: str = ""
    about: str = ""


def blocks_of(call: CallSession) -> list[Block]:
    """Return the five blocks; those not open carry what was typed as hidden fields."""
    found = []
    for number, title in TITLES.items():
        if number == call.step:
            found.append(Block(number, title, "open", call.bound or call.form(number)))
        elif number < call.step:
            found.append(Block(number, title, "done", call.form(number), *SUMMARY[number](call)))
        else:
            typed = call.form(number) if number != READ_BACK else None
            found.append(Block(number, title, "coming", typed, about=ABOUT[number]))
    return [*found, Block(len(TITLES) + 1, "登録・控え", "coming", about="予約番号を2回読み上げる")]


def script_of(call: CallSession) -> ScriptColumn:
    """Return the script column of this step."""
    spoken, otherwise = None, ""
    where = call.place
    if call.step == PLACE and (time := call.grid.time):
        spoken = spoken_time(time.start)
        others = [each for each in call.grid.times if not each.is_chosen][:1]
        otherwise = "、".join(f"同じ日の{spoken_time(each.start)[2]}" for each in others)
        where = office(time.start.office)
    names = (call.ward,) if call.ward else SCRIPTS[call.step]
    return script_column(*names, codes=call.codes, place=where, spoken=spoken, otherwise=otherwise)
