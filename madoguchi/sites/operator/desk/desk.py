"""One call: everything typed travels in the form; the server keeps only the seats, held for some minutes."""

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import QueryDict

from madoguchi.audit.actor import Actor
from madoguchi.common import births, clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import Unreadable
from madoguchi.contract.selectors import (
    belongings_for,
    booking_rules,
    postal_area,
    procedures,
    program,
    visit_minutes,
    wards,
)
from madoguchi.offices.selectors import OfficeRow, office, offices
from madoguchi.panels.person_form import initial_of, iso_or_empty
from madoguchi.reservations.availability import Run, run_from
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    DuplicateReservation,
    FamilyFull,
    HoldExpired,
    IdempotencyMismatch,
    NoMoreExtensions,
    NotEligible,
    SlotFull,
)
from madoguchi.reservations.holds import find_hold
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.rules import advise, age_on, visit_days
from madoguchi.reservations.selectors import (
    Companion,
    ReservationRow,
    reservation_by_reference,
    visit_of,
)
from madoguchi.reservations.submissions import Created
from madoguchi.reservations.waiting import WaitRow, Wish
from madoguchi.sites.operator.desk.forms import (
    BlockForm,
    PersonForm,
    PlaceForm,
    ProceduresForm,
    ReadBackForm,
)
from madoguchi.sites.operator.grid import (
    CHANNEL,
    Grid,
    GridQuery,
    grid,
    read_number,
    spoken_time,
    until_in_words,
)
from madoguchi.sites.operator.say import Say, say, ward_script
from madoguchi.sites.operator.search import FoundLine, lines_of
from madoguchi.web.days import day_of
from madoguchi.web.forms import PostalCodeField, add_refusal
from madoguchi.web.lists import whole_number
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions, waiting
from madoguchi.workflows.booking.offering import bookable_days, deadlines, first_visit, slots_for
from madoguchi.workflows.privacy.access import similar_people

PROCEDURES, PLACE, PERSON, READ_BACK = 1, 2, 3, 4
BLOCKS: Final = {
    PROCEDURES: "手続き",
    PLACE: "郵便局と日時",
    PERSON: "お名前・連絡先",
    READ_BACK: "持参物・復唱",
}
SCRIPTS: Final = {
    PROCEDURES: ("script.opening", "script.procedure"),
    PLACE: ("script.place",),
    PERSON: ("script.person",),
    READ_BACK: ("script.confirm",),
}
# What is remembered between two presses besides the blocks themselves.
KEPT: Final = ("submission", "searched", "looked", "page", "since", "cell", "waits", "with")
# What a family often has in common.
SHARED: Final = ("phone", "postal_code", "address", "email", "contact_by")
# Bounds of a visit that would do, by what the caller said.
TIMES: Final = {"": (time(0), time(23, 59)), "am": (time(0), time(11, 59)), "pm": (time(12), time(23, 59))}
# A mistake told at registration belongs to a block.
FIELDS: Final = {"date_of_birth": "birth_date"}


@dataclass(frozen=True, slots=True)
class Block:
    """One block as the page shows it: done with its sum, open with its form, or still to come."""

    number: int
    title: str
    state: str
    form: BlockForm | None = None
    sum: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Until when the time is the caller's alone; `seconds` is 0 once it is over."""

    until: str
    seconds: int
    may_extend: bool


class Desk:
    """The state of a call, and what each press does to it.

    `token` is that of the hold of this call, kept in the session: two tabs are two calls.
    """

    def __init__(self, data: QueryDict, *, actor: Actor, token: str = "") -> None:
        self.data = data.copy()
        self.actor = actor
        self.token = token
        self.step = read_number(data.get("step", ""), PROCEDURES, most=READ_BACK)
        self.judged: BlockForm | None = None
        self.notes: list[str] = []
        self.ward = ""
        self.warned = False
        self.has_searched = False
        self.entered: WaitRow | None = None
        if not data.get("submission"):
            self.data["submission"] = secrets.token_urlsafe(16)

    # What was typed

    @property
    def codes(self) -> list[str]:
        """The procedures chosen, in the order in which they are offered."""
        chosen = self.data.getlist("procedures")
        return [str(row.code) for row in procedures() if row.code in chosen]

    def form(self, number: int, *, judged: bool = False) -> BlockForm:
        """Return a block, with what is wrong in it when it is judged."""
        kinds: dict[int, tuple[type[BlockForm], Callable[[], dict[str, Any]]]] = {
            PROCEDURES: (ProceduresForm, lambda: {"procedures": procedures()}),
            PLACE: (PlaceForm, lambda: {"wards": wards()}),
            PERSON: (PersonForm, lambda: {"procedures": self.codes}),
            READ_BACK: (ReadBackForm, lambda: {"lines": self.lines}),
        }
        kind, facts = kinds[number]
        form = kind(self.data, **facts()) if judged else kind.shown(self.data, **facts())
        if judged and number == PERSON and self.run:
            day = clock.to_jst(self.run.starts_at).date()
            form.fields["birth_date"].visit_on = day  # type: ignore[attr-defined]
        return form

    @cached_property
    def expiry(self) -> tuple[date | None, date | None]:
        """The dates of expiry of card and certificate, where they were said."""
        form = self.form(PROCEDURES, judged=True)
        form.is_valid()
        return form.cleaned_data.get("card_expires_on"), form.cleaned_data.get("cert_expires_on")

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """The first and last day on which the visit makes sense."""
        card, certificate = self.expiry
        return visit_days(
            procedures=self.codes,
            card_expires_on=card,
            cert_expires_on=certificate,
            window_months=booking_rules(clock.now()).renewal_window_months,
        )

    @cached_property
    def run(self) -> Run | None:
        """The time that was taken."""
        slot = whole_number(self.data.get("slot", ""))
        if not (slot and self.codes):
            return None
        return run_from(slot, slots=slots_for(self.codes), slot_minutes=program().slot_minutes)

    @property
    def place(self) -> OfficeRow | None:
        """The office of that time."""
        return office(self.run.office) if self.run else None

    @cached_property
    def grid(self) -> Grid:
        """The free times that block 2 shows."""
        first, last = self.bounds
        return grid(
            GridQuery(
                slots=slots_for(self.codes),
                codes=self.codes,
                near=self._near(),
                ward=self.data.get("ward", "")
                if any(row.code == self.data.get("ward") for row in wards())
                else "",
                page=read_number(self.data.get("page", "")),
                since=day_of(self.data.get("since", "")),
                first=first,
                last=last,
                cell=self.data.get("cell", ""),
                slot=whole_number(self.data.get("slot", "")) or None,
                beside=self.companion.starts_at if self.companion else None,
            )
        )

    @cached_property
    def companion(self) -> Companion | None:
        """The visit with which the caller's family comes along."""
        reference = self.data.get("with", "")
        return visit_of(reservation_by_reference(reference)) if reference else None

    @property
    def along(self) -> str:
        """Say with whom the family member comes along."""
        if self.companion is None:
            return ""
        when, place = era.staff_datetime(self.companion.starts_at), office(self.companion.office).short_name
        return f"{show_reference(self.companion.reference)}（{when} {place}）といっしょに行く方の予約です。"

    @property
    def is_near(self) -> bool:
        """Tell whether the offices stand in the order of their distance."""
        return self._near() is not None

    def _near(self) -> tuple[float, float] | None:
        area = postal_area(_postal_code(self.data.get("near", "")))
        if area is None or area.latitude is None or area.longitude is None:
            return None
        return area.latitude, area.longitude

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is read aloud before the booking is made."""
        if self.run is None or self.place is None:
            return []
        until = deadlines(self.run.starts_at, self.run.office)
        return [
            ("visit", f"{era.citizen_datetime(self.run.starts_at)}、{self.place.name}"),
            *((f"bring:{row.code}", f"持参物　{row.text}") for row in belongings_for(self.codes)),
            ("person", self.spoken_person),
            ("deadlines", until_in_words(until)),
        ]

    @property
    def spoken_person(self) -> str:
        """Name, birth date and number, for reading them back."""
        form = self.form(PERSON, judged=True)
        form.is_valid()
        typed = form.cleaned_data
        born = typed.get("birth_date")
        return "　".join(
            filter(
                None,
                (
                    typed.get("name", ""),
                    typed.get("name_kana", ""),
                    births.in_words(born) + "生まれ" if born else "",
                    show_phone(typed.get("phone", "")),
                ),
            )
        )

    @property
    def waits(self) -> list[OfficeRow]:
        """The offices for which the caller waits; none while a time is booked."""
        codes = self.data.get("waits", "").split(",")
        return [row for row in offices() if row.code in codes]

    # What a press does

    def press(self, do: str) -> Created | None:
        """Do what a button says and return the booking when one was made.

        Seats are held from the time chosen in block 2 until it is booked, changed or left.
        """
        # Before, too: the grid would take the operator's own seats for taken.
        if self.step <= PLACE:
            self.let_go()
        if do == "extend":
            # Pressed twice: the first press did it. Too late: the page says so.
            with suppress(NoMoreExtensions, HoldExpired):
                sessions.extend_hold(token=self.token)
        made = self._do(do)
        if self.step <= PLACE:
            self.data["waits"] = ""
        if made or self.step <= PLACE:
            self.let_go()
        return made

    def let_go(self) -> None:
        """Give back the seats that are held."""
        if self.token:
            sessions.release_hold(token=self.token)
        self.token = ""

    def _do(self, do: str) -> Created | None:
        verb, _, value = do.partition(":")
        if verb == "enter" and self.data.get("q", "") != self.data.get("searched", ""):
            verb = "search"
        self.has_searched = verb == "search"
        if verb == "search":
            self.data["searched"] = self.data.get("q", "")
        elif verb == "back":
            self.step = max(PROCEDURES, self.step - 1)
        elif verb == "open":
            self.step = min(read_number(value, PROCEDURES, most=READ_BACK), self.step)
        elif verb == "offices":
            self._turn(page=value, since=self.data.get("since", ""))
        elif verb == "days":
            self._turn(page=self.data.get("page", ""), since=value)
        elif verb == "cell":
            self.data["cell"], self.data["slot"] = value, ""
        elif verb == "address":
            self._fill_address()
        elif verb in {"enter", "next", "wait"}:
            return self._next(waits=verb == "wait")
        return None

    def remember(self, person: Person, *, only: Collection[str] = ()) -> None:
        """Start block 3 from what a person gave before, or from some of it."""
        known, asked = initial_of(person), PersonForm(procedures=()).fields
        for name, field in asked.items():
            if not only or name in only:
                value: Any = field.prepare_value(known[name])
                self.data.setlist(name, value if isinstance(value, list) else [value])
        self.data["near"] = "" if isinstance(person.postal_code, Unreadable) else person.postal_code

    def come_along(self, row: ReservationRow) -> None:
        """Start from the visit of one of the family: same address, times beside it (仕様書 4(5)ウ)."""
        self.remember(row.person, only=SHARED)
        place, day = office(row.office), clock.to_jst(row.starts_at).date()
        near = place.postal_code if postal_area(place.postal_code) else str(self.data["near"])
        self.data["near"] = self.data["looked"] = near
        self.data["since"] = day.isoformat()
        self.data["cell"] = f"{row.office}:{day.isoformat()}"
        self.data["with"] = row.reference

    def _turn(self, *, page: str, since: str) -> None:
        self.data["page"], self.data["since"] = page, since
        self.data["cell"] = self.data["slot"] = ""

    def _next(self, *, waits: bool = False) -> Created | None:
        if waits and self.step == PLACE:
            self._begin_to_wait()
            return None
        if self.step == PLACE and self._looks_elsewhere():
            return None
        self.judged = form = self.form(self.step, judged=True)
        if not form.is_valid():
            if form.has_error("birth_date", births.TooYoung.code):
                self.ward = ward_script("ward.UNDER_15")
            return None
        if self.step == READ_BACK:
            return self._register()
        goes_on = {PROCEDURES: self._take_procedures, PLACE: self._take_time, PERSON: self._take_person}
        if goes_on[self.step](form):
            self.step += 1
            self.judged = None
        return None

    def _looks_elsewhere(self) -> bool:
        """Tell whether another place was typed, which only asks for another grid."""
        wanted = f"{self.data.get('near', '')} {self.data.get('ward', '')}".strip()
        if wanted == self.data.get("looked", ""):
            return False
        self.judged = form = self.form(PLACE, judged=True)
        form.errors.pop("slot", None)
        if not form.errors:
            self.judged = None
            self.data["looked"] = wanted
            if self.data.get("near") and self._near() is None:
                self.notes.append("この郵便番号からの近い順はわかりません。早い順に並べています。")
        self._turn(page="", since="")
        return True

    def _take_procedures(self, form: BlockForm) -> bool:
        conditions = form.conditions_row()  # type: ignore[attr-defined]
        months = booking_rules(clock.now()).renewal_window_months
        days = bookable_days(channel=CHANNEL)
        advice = advise(
            conditions, today=clock.today(), first=days.first, last=days.last, window_months=months
        )
        if advice and advice.guidance:
            self.ward = ward_script(advice.guidance)
            return False
        if advice and advice.instead:
            self.data.setlist("procedures", list(advice.instead))
            self.notes.append(
                "電子証明書の期限が過ぎているので、「新規発行」にしました。費用はかかりません。"
            )
        if advice and advice.not_before:
            self.notes.append(_not_yet(advice.not_before, is_too_early=advice.is_too_early))
        return not (advice and advice.is_too_early)

    def _take_time(self, form: BlockForm) -> bool:
        if self.grid.time is None or self.grid.time.slot != form.cleaned_data["slot"]:
            form.add_error("slot", SlotFull.message)
            return False
        try:
            self.token = sessions.start_hold(source=str(self.actor), draft={})
            sessions.hold_slot(
                token=self.token, slot=form.cleaned_data["slot"], codes=self.codes, channel=CHANNEL
            )
        except Refusal as refusal:
            form.add_error("slot", refusal.message)
            return False
        self._start_address()
        return True

    def _start_address(self) -> None:
        if not self.data.get("postal_code"):
            self.data["postal_code"] = self.data.get("near", "")
            self._fill_address()

    def _begin_to_wait(self) -> None:
        """Go on to who waits, for the offices that the grid shows; nothing is held."""
        form = self.form(PLACE, judged=True)
        form.errors.pop("slot", None)
        first, last = form.cleaned_data.get("wait_first"), form.cleaned_data.get("wait_last")
        if first and last and last < first:
            form.add_error("wait_last", "「いつから」と同じ日か、あとの日を入力してください")
        if form.errors or not self.grid.rows:
            self.judged = form
            return
        self.data["waits"] = ",".join(row.cells[0].value.partition(":")[0] for row in self.grid.rows)
        self.data["cell"] = self.data["slot"] = ""
        self.step = PERSON
        self._start_address()

    def _wish(self) -> Wish:
        place = self.form(PLACE, judged=True)
        place.is_valid()
        wanted = place.cleaned_data
        days = bookable_days(channel=CHANNEL).narrowed(*self.bounds) or bookable_days(channel=CHANNEL)
        earliest, latest = TIMES[wanted.get("wait_times", "")]
        return Wish(
            offices=tuple(row.code for row in self.waits),
            first_day=wanted.get("wait_first") or days.first,
            last_day=wanted.get("wait_last") or days.last,
            earliest=earliest,
            latest=latest,
        )

    def _enter_line(self, form: BlockForm) -> None:
        try:
            self.entered = waiting.enter(
                person=self._person(form),
                procedures=self.codes,
                wish=self._wish(),
                channel=CHANNEL,
                actor=self.actor,
            )
        except Refusal as refusal:
            field = str(refusal.fields.get("field", ""))
            field = FIELDS.get(field, field)
            form.add_error(field if field in form.fields else None, refusal.message)

    def _person(self, form: BlockForm) -> Person:
        card, certificate = self.expiry
        said = Details(card_expires_on=iso_or_empty(card), cert_expires_on=iso_or_empty(certificate))
        person: Person = form.person(said)  # type: ignore[attr-defined]
        return person

    def _take_person(self, form: BlockForm) -> bool:
        least = booking_rules(clock.now(), self.run.office if self.run else "").min_age
        day = clock.to_jst(self.run.starts_at).date() if self.run else clock.today()
        if age_on(form.cleaned_data["birth_date"], day) < least:
            form.add_error("birth_date", f"手続きの日に{least}歳未満です。区役所をご案内してください")
            self.ward = ward_script("ward.UNDER_15")
            return False
        if self.waits:
            self._enter_line(form)
            return False
        return True

    def _fill_address(self) -> None:
        area = postal_area(_postal_code(self.data.get("postal_code", "")))
        if area is None:
            if self.data.get("postal_code"):
                self.notes.append("この郵便番号の住所はわかりません。住所を入力してください。")
            return
        ward = next((row.name for row in wards() if row.code == area.ward), "")
        town = f"{program().city_name}{ward}{area.town}"
        if not self.data.get("address", "").startswith(town):
            self.data["address"] = town

    def _register(self) -> Created | None:
        read_back = self.judged
        for number in (PROCEDURES, PLACE, PERSON):
            form = self.form(number, judged=True)
            if not form.is_valid():
                self.step, self.judged = number, form
                return None
        person = self._person(form)
        asked = booking.Request(slot=int(str(self.data["slot"])), procedures=tuple(self.codes), person=person)
        try:
            return booking.book(
                request=asked,
                channel=CHANNEL,
                actor=self.actor,
                submission=str(self.data["submission"]),
                fingerprint=repr(asked),
                may_repeat=bool(read_back and read_back.cleaned_data["may_repeat"]),
                held_by=self.token,
                joins=self.companion.id if self.companion else None,
            )
        except (AlreadyCancelled, FamilyFull) as refusal:
            self.data["with"] = ""
            self.notes.append(f"{refusal.message}もう一度押すと、この方だけの予約として登録します。")
        except Refusal as refusal:
            self._refused(refusal)
        return None

    def _refused(self, refusal: Refusal) -> None:
        """Open the block in which the refusal can be mended, with the sentence beside the field."""
        field = str(refusal.fields.get("field", ""))
        field = FIELDS.get(field, field)
        if isinstance(refusal, DuplicateReservation):
            self.warned = True
        elif isinstance(refusal, IdempotencyMismatch):
            self.notes.append("この予約は登録済みです。別の予約は「新しい電話」から始めてください。")
        elif field:
            self.step, self.judged = PERSON, self.form(PERSON, judged=True)
            self.judged.add_error(field if field in self.judged.fields else None, refusal.message)
        else:
            self.step, self.judged = PLACE, self.form(PLACE, judged=True)
            self.data["slot"] = ""
            add_refusal(self.judged, refusal, {SlotFull: "slot", NotEligible: "slot"})

    # What the page shows

    @property
    def held(self) -> Held | None:
        """Return how long the chosen time is kept for this caller, None while none is chosen."""
        if self.step <= PLACE or self.waits:
            return None
        try:
            hold = find_hold(self.token)
        except HoldExpired:
            return Held("", 0, may_extend=False)
        if not (hold.is_live and hold.held_until and self.run and hold.slot_ids == self.run.slot_ids):
            return Held("", 0, may_extend=False)
        return Held(
            until=f"{clock.to_jst(hold.held_until):%H:%M}",
            seconds=int((hold.held_until - clock.now()).total_seconds()),
            may_extend=hold.extensions < booking_rules(clock.now(), hold.office).hold_extensions,
        )

    def blocks(self) -> list[Block]:
        """Return the five blocks; those not open carry what was typed along, hidden."""
        found = []
        for number, title in BLOCKS.items():
            if number == self.step:
                found.append(Block(number, title, "open", self.judged or self.form(number)))
            elif number < self.step:
                found.append(Block(number, title, "done", self.form(number), *self._sum(number)))
            else:
                typed = self.form(number) if number != READ_BACK else None
                found.append(Block(number, title, "coming", typed, about=COMING[number]))
        return [*found, Block(len(BLOCKS) + 1, "登録・控え", "coming", about="予約番号を2回読み上げる")]

    def _sum(self, number: int) -> tuple[str, str]:
        if number == PROCEDURES:
            rows = [row for row in procedures() if row.code in self.codes]
            card, certificate = self.expiry
            dates = [
                f"{label} {era.short_era(day)}"
                for label, day in (("カード", card), ("電子証明書", certificate))
                if day
            ]
            return "・".join(row.name for row in rows), "　".join([f"{visit_minutes(self.codes)}分", *dates])
        if number == PLACE:
            if self.waits:
                wish, names = self._wish(), "・".join(row.short_name for row in self.waits)
                return f"空き待ち {names}", f"{era.staff_day(wish.first_day)}〜{era.staff_day(wish.last_day)}"
            if self.run is None or self.place is None:
                return "", ""
            return f"{era.staff_datetime(self.run.starts_at)} {self.place.short_name}", self.place.address
        return self.spoken_person, ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form carries along besides the blocks."""
        return [("step", str(self.step)), *((name, self.data.get(name, "")) for name in KEPT)]

    @cached_property
    def similar(self) -> Sequence[FoundLine]:
        """Reservations that may be the same person's or household's: a hint only (R164)."""
        if self.step != READ_BACK:
            return ()
        form = self.form(PERSON, judged=True)
        if not form.is_valid():
            return ()
        typed = form.cleaned_data
        return lines_of(
            similar_people(
                name=typed["name"],
                birth_date=typed["birth_date"],
                phone=typed["phone"],
                actor=self.actor,
            )
        )

    def say(self) -> Say:
        """Return what to say at this moment."""
        spoken, otherwise = None, ""
        if self.step == PLACE and (time := self.grid.time):
            spoken = spoken_time(time.start)
            others = [each for each in self.grid.times if not each.is_chosen][:1]
            otherwise = "、".join(f"同じ日の{spoken_time(each.start)[2]}" for each in others)
        place = self.place
        if self.step == PLACE and self.grid.time:
            place = office(self.grid.time.start.office)
        names = (self.ward,) if self.ward else SCRIPTS[self.step]
        return say(*names, codes=self.codes, place=place, spoken=spoken, otherwise=otherwise)


COMING: Final = {
    PLACE: "近い郵便局の空きから選ぶ",
    PERSON: "カードのとおりに聞き取る",
    READ_BACK: "日時・持参物・締切を読み上げる",
}


def _not_yet(not_before: date, *, is_too_early: bool) -> str:
    """Say from when a certificate can be renewed, and from when that can be booked if it cannot be now."""
    if not is_too_early:
        return f"更新できるのは、{era.citizen_day(not_before)}からです。"
    says = f"更新できるのは、{era.era_date_weekday(not_before)}からです。"
    found = first_visit(not_before)
    if found is None:
        return f"{says}郵便局での受付期間のあとなので、区役所をご案内してください。"
    return f"{says}{era.citizen_day(found[0])}の予約は、{era.citizen_datetime(found[1])}から受け付けます。"


def _postal_code(text: str) -> str:
    try:
        return PostalCodeField(required=False).clean(text)
    except ValidationError:
        return ""
