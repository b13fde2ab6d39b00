"""The script column: what to say now, and the answers (仕様書 4(5)ウ). The texts are the city's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from madoguchi.common import clock
from madoguchi.contract.rows import BelongingRow
from madoguchi.contract.selectors import belongings_for, guidance, wards
from madoguchi.offices.selectors import OfficeRow, format_hours, usual_hours
from madoguchi.panels.scripts import Script

# Wanted at any moment of a call, whatever the block.
ALWAYS: Final = ("script.third_party", "script.lost_card", "script.other_subject")


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """The facts of an office that callers ask for."""

    name: str
    address: str
    hours: str
    access: str
    facilities: str
    notes: str

    @classmethod
    def of(cls, row: OfficeRow) -> Self:
        """Return what is known about an office."""
        spans = usual_hours(max(clock.today(), row.opens_on)).get(row.code, ())
        return cls(row.name, row.address, format_hours(spans), row.access, row.facilities, row.notes)


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """The counter of a ward office and its telephone."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class ScriptColumn:
    """The content of the script column."""

    now: Sequence[Script]
    spoken: tuple[str, str, str] | None
    otherwise: str
    belongings: Sequence[BelongingRow]
    place: OfficeFacts | None
    others: Sequence[Script]
    faq: Sequence[Script]
    counters: Sequence[CounterFacts]


def script_column(
    *names: str,
    codes: Sequence[str] = (),
    place: OfficeRow | None = None,
    spoken: tuple[str, str, str] | None = None,
    otherwise: str = "",
) -> ScriptColumn:
    """Return the script column with the scripts of these names."""
    texts = {row.name: Script.of(row) for row in (*guidance("script"), *guidance("ward"))}
    return ScriptColumn(
        now=[texts[name] for name in names if name in texts],
        spoken=spoken,
        otherwise=otherwise,
        belongings=belongings_for(codes) if codes else (),
        place=OfficeFacts.of(place) if place else None,
        others=[texts[name] for name in ALWAYS if name in texts and name not in names],
        faq=[Script.of(row) for row in guidance("faq")],
        counters=[CounterFacts(row.counter_name, row.phone) for row in wards()],
    )


def ward_script(name: str) -> str:
    """Return the name of the text for a reason to go to the ward office, the general one if there is none."""
    return name if guidance(name) else "ward.WARD_GUIDANCE"
