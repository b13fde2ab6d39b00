"""One call: the form carries everything typed; the server stores only the hold of the seats."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.http import QueryDict

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common import births, clock, era
from madoguchi.common.phones import show_phone
from madoguchi.common.places import LatLon
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.addresses import town_address, with_town
from madoguchi.contract.selectors import (
    belongings_for,
    booking_rules,
    postal_area,
    procedures,
    wards,
)
from madoguchi.offices.selectors import OfficeRow, office, offices
from madoguchi.panels.person_form import initial_of, iso_or_empty
from madoguchi.panels.visit_changes import chosen_run
from madoguchi.reservations.availability import Run
from madoguchi.reservations.booking_sessions import find_session
from madoguchi.reservations.errors import (
    HoldExpired,
)
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import visit_days
from madoguchi.reservations.selectors import (
    Companion,
    ReservationRow,
    reservation_by_reference,
    visit_of,
)
from madoguchi.sites.operator.desk.forms import (
    BlockForm,
    PersonForm,
    PlaceForm,
    ProceduresForm,
    ReadBackForm,
)
from madoguchi.sites.operator.grid import (
    Grid,
    GridQuery,
    format_deadlines,
    grid,
    read_number,
)
from madoguchi.web.days import parse_iso_day
from madoguchi.web.forms import PostalCodeField
from madoguchi.web.lists import whole_number
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.offering import deadlines, slots_for

if TYPE_CHECKING:
    from madoguchi.reservations.waiting_entries import WaitRow

PROCEDURES, PLACE, PERSON, READ_BACK = 1, 2, 3, 4
# Fields that the form sends back unseen, besides its blocks.
CARRIED_FIELDS: Final = ("submission", "searched", "looked", "page", "since", "cell", "waits", "with")
# Sent with every press, and no part of the call.
NOT_KEPT: Final = ("csrfmiddlewaretoken", "do")
# Fields that are often the same for a whole family.
FAMILY_FIELDS: Final = ("phone", "postal_code", "address", "email", "contact_by")


@dataclass(frozen=True, slots=True)
class HoldStatus:
    """Until when the seats are held for the caller (HH:MM), and for how many seconds; "" and 0 once over."""

    until: str
    seconds: int
    extensions: int
    may_extend: bool


class CallSession:
    """The state of a call: what was typed, and what follows from it.

    `token` is that of the session that holds the chosen time, kept with the call in progress.
    `bound` is the open block once it was sent, with its errors; `step` is the number of the open block.
    `ward` is the text for who must go to the ward office; `was_guided` says that the operator told it.
    `expiry`, `run`, `grid` and `companion` are computed from `data` once for each request: whoever changes
    `data` does so before the first of them is read.
    """

    def __init__(self, data: QueryDict, *, actor: Actor, token: str = "") -> None:
        self.data = data.copy()
        self.actor = actor
        self.token = token
        self.step = read_number(data.get("step", ""), PROCEDURES, most=READ_BACK)
        self.bound: BlockForm | None = None
        self.notes: list[str] = []
        self.ward = ""
        self.was_guided = False
        self.warned = False
        self.has_searched = False
        self.wait_created: WaitRow | None = None
        if not data.get("submission"):
            self.data["submission"] = secrets.token_urlsafe(16)

    @property
    def codes(self) -> list[str]:
        """The procedures chosen, in the order in which they are offered."""
        chosen = self.data.getlist("procedures")
        return [str(row.code) for row in procedures() if row.code in chosen]

    def form(self, number: int, *, bound: bool = False) -> BlockForm:
        """Return a block's form; a bound one has its errors, an unbound one only shows what was typed."""
        kinds: dict[int, tuple[type[BlockForm], Callable[[], dict[str, Any]]]] = {
            PROCEDURES: (
                ProceduresForm,
                lambda: {"procedures": procedures(), "min_age": booking_rules(clock.now()).min_age},
            ),
            PLACE: (PlaceForm, lambda: {"wards": wards()}),
            PERSON: (PersonForm, lambda: {"procedures": self.codes}),
            READ_BACK: (ReadBackForm, lambda: {"lines": self.lines}),
        }
        kind, facts = kinds[number]
        form = kind(self.data, **facts()) if bound else kind.shown(self.data, **facts())
        if bound and number == PERSON and self.run:
            day = clock.to_jst(self.run.starts_at).date()
            form.fields["birth_date"].visit_on = day  # type: ignore[attr-defined]
        return form

    @cached_property
    def expiry(self) -> tuple[date | None, date | None]:
        """The dates of expiry of card and certificate, None where not given."""
        form = self.form(PROCEDURES, bound=True)
        form.is_valid()
        return form.cleaned_data.get("card_expires_on"), form.cleaned_data.get("cert_expires_on")

    @property
    def visit_bounds(self) -> tuple[date | None, date | None]:
        """The first and last day on which the procedures can be done, None where nothing bounds them."""
        card, certificate = self.expiry
        return visit_days(
            procedures=self.codes,
            card_expires_on=card,
            cert_expires_on=certificate,
            window_months=booking_rules(clock.now()).renewal_window_months,
        )

    @cached_property
    def run(self) -> Run | None:
        """The chosen time, None while none is chosen."""
        return chosen_run(self.data.get("slot", ""), self.codes)

    @property
    def place(self) -> OfficeRow | None:
        """The office of that time."""
        return office(self.run.office) if self.run else None

    @cached_property
    def grid(self) -> Grid:
        """The free times that block 2 shows."""
        first, last = self.visit_bounds
        return grid(
            GridQuery(
                slots=slots_for(self.codes),
                codes=self.codes,
                origin=self._origin(),
                ward=self.data.get("ward", "")
                if any(row.code == self.data.get("ward") for row in wards())
                else "",
                page=read_number(self.data.get("page", "")),
                since=parse_iso_day(self.data.get("since", "")),
                first=first,
                last=last,
                cell=self.data.get("cell", ""),
                slot=whole_number(self.data.get("slot", "")) or None,
                beside=self.companion.starts_at if self.companion else None,
            )
        )

    @cached_property
    def companion(self) -> Companion | None:
        """The visit with which a member of the family is booked, None where nobody comes along."""
        reference = self.data.get("with", "")
        return (
            visit_of(reservation_by_reference(reference, scope=EVERYWHERE), scope=EVERYWHERE)
            if reference
            else None
        )

    @property
    def companion_note(self) -> str:
        """The sentence that says with whose visit the companion is booked, "" where there is none."""
        if self.companion is None:
            return ""
        when, place = era.staff_datetime(self.companion.starts_at), office(self.companion.office).short_name
        return f"{show_reference(self.companion.reference)}（{when} {place}）といっしょに行く方の予約です。"

    @property
    def is_sorted_by_distance(self) -> bool:
        """Whether the offices are sorted by distance, since a known postal code was typed."""
        return self._origin() is not None

    def _origin(self) -> LatLon | None:
        area = postal_area(_postal_code(self.data.get("near", "")))
        return area.lat_lon if area else None

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The lines to read aloud before the booking is made, as (name of the box to tick, sentence)."""
        if self.run is None or self.place is None:
            return []
        until = deadlines(self.run.starts_at, self.run.office)
        return [
            ("visit", f"{era.citizen_datetime(self.run.starts_at)}、{self.place.name}"),
            *((f"bring:{row.code}", f"持参物　{row.text}") for row in belongings_for(self.codes)),
            ("person", self.spoken_person),
            *self._spoken_contact,
            ("deadlines", format_deadlines(until)),
        ]

    @property
    def spoken_person(self) -> str:
        """Name, birth date and number, for reading them back."""
        form = self.form(PERSON, bound=True)
        form.is_valid()
        typed = form.cleaned_data
        born = typed.get("birth_date")
        return "　".join(
            filter(
                None,
                (
                    typed.get("name", ""),
                    typed.get("name_kana", ""),
                    births.format_birth_date(born) + "生まれ" if born else "",
                    show_phone(typed.get("phone", "")),
                ),
            )
        )

    @property
    def _spoken_contact(self) -> list[tuple[str, str]]:
        """The address and the mail address, to be read back like the rest."""
        form = self.form(PERSON, bound=True)
        form.is_valid()
        typed = form.cleaned_data
        postal, mail = typed.get("postal_code", ""), typed.get("email", "")
        lines = [("address", f"住所　〒{postal[:3]}-{postal[3:]}　{typed.get('address', '')}")]
        return [*lines, ("email", f"メールアドレス　{mail}")] if mail else lines

    @property
    def waits(self) -> list[OfficeRow]:
        """The offices for which the caller waits; none while a time is booked."""
        codes = self.data.get("waits", "").split(",")
        return [row for row in offices() if row.code in codes]

    @property
    def fields(self) -> dict[str, list[str]]:
        """What was typed and where the call stands, for keeping it."""
        kept = {name: [str(each) for each in values] for name, values in self.data.lists()}
        for name in NOT_KEPT:
            kept.pop(name, None)
        return {**kept, "step": [str(self.step)]}

    def release_hold(self) -> None:
        """Release the seats that this call holds."""
        if self.token:
            sessions.release_hold(token=self.token)
        self.token = ""

    def prefill_person(self, person: Person, *, only: Collection[str] = ()) -> None:
        """Fill block 3 with what is known of a person, or only the fields named in `only`."""
        known, asked = initial_of(person), PersonForm(procedures=()).fields
        for name, field in asked.items():
            if not only or name in only:
                value: Any = field.prepare_value(known[name])
                self.data.setlist(name, value if isinstance(value, list) else [value])
        self.data["near"] = "" if isinstance(person.postal_code, Unreadable) else person.postal_code

    def start_companion(self, row: ReservationRow) -> None:
        """Prefill a family member's booking: the same address, times near that visit (仕様書 4(5)ウ)."""
        self.prefill_person(row.person, only=FAMILY_FIELDS)
        place, day = office(row.office), clock.to_jst(row.starts_at).date()
        near = place.postal_code if postal_area(place.postal_code) else str(self.data["near"])
        self.data["near"] = self.data["looked"] = near
        self.data["since"] = day.isoformat()
        self.data["cell"] = f"{row.office}:{day.isoformat()}"
        self.data["with"] = row.reference

    def show_grid(self, *, page: str, since: str) -> None:
        """Show that page of offices from that day on; no time is chosen any more."""
        self.data["page"], self.data["since"] = page, since
        self.data["cell"] = self.data["slot"] = ""

    def fill_address(self) -> None:
        """Put the town of the postal code before the address (`with_town`); a note says where that fails."""
        area = postal_area(_postal_code(self.data.get("postal_code", "")))
        if area is None:
            if self.data.get("postal_code"):
                self.notes.append("この郵便番号の住所はわかりません。住所を入力してください。")
            return
        town, address = town_address(area), with_town(self.data.get("address", ""), area)
        self.data["address"] = address
        if town not in address:
            self.notes.append(
                f"郵便番号の住所は{town}で、入力された住所と違います。どちらかを直してください。"
            )

    def person_of(self, form: BlockForm) -> Person:
        """Return the person of a valid block 3, with the dates of expiry of block 1."""
        card, certificate = self.expiry
        said = Details(card_expires_on=iso_or_empty(card), cert_expires_on=iso_or_empty(certificate))
        person: Person = form.person(said)  # type: ignore[attr-defined]
        return person

    @property
    def held(self) -> HoldStatus | None:
        """How long the seats are held for this caller, None while no time is chosen."""
        if self.step <= PLACE or self.waits:
            return None
        try:
            session = find_session(self.token)
        except HoldExpired:
            return HoldStatus("", 0, 0, may_extend=False)
        if not (
            session.is_live and session.held_until and self.run and session.slot_ids == self.run.slot_ids
        ):
            return HoldStatus("", 0, 0, may_extend=False)
        return HoldStatus(
            until=f"{clock.to_jst(session.held_until):%H:%M}",
            seconds=int((session.held_until - clock.now()).total_seconds()),
            extensions=session.extensions,
            may_extend=session.extensions < booking_rules(clock.now(), session.office).hold_extensions,
        )

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """The hidden fields of the form besides its blocks, as (name, value)."""
        return [("step", str(self.step)), *((name, self.data.get(name, "")) for name in CARRIED_FIELDS)]


def _postal_code(text: str) -> str:
    try:
        return PostalCodeField(required=False).clean(text)
    except ValidationError:
        return ""
