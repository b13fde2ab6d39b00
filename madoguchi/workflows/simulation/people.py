"""Made-up residents: who they are, what they need, and a random generator each."""

import random
import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from madoguchi.contract.selectors import procedures
from madoguchi.reservations.people import CardChange, Details, Person

PROCEDURE_SETS: dict[tuple[str, ...], int] = {
    ("CERT_RENEW",): 60,
    ("CERT_RENEW", "PIN_RESET"): 20,
    ("CERT_ISSUE",): 8,
    ("PIN_RESET",): 6,
    ("FACE_CHANGE", "CERT_ISSUE"): 6,
}
MAIL_SHARE, KANA_SHARE, NEEDS_SHARE = 0.6, 0.95, 0.05
# Of those whose card changes, every third changed the name.
NAME_CHANGES = 3
NEEDS = ("WRITING", "WHEELCHAIR", "READING")


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident. Each has a random generator, so that no decision depends on the order of a list."""

    number: int
    person: Person
    codes: tuple[str, ...]
    rng: random.Random

    def chance(self, share: float) -> bool:
        """Draw a random decision that is true with this probability (0 to 1)."""
        return self.rng.random() < share


@dataclass(slots=True)
class Population:
    """The source of residents, in a reproducible order."""

    surnames: list[str]
    given: list[str]
    latin: list[str]
    seed: int
    number: int = 0

    @classmethod
    def of_pack(cls, pack: Path, seed: int) -> "Population":
        """Read the names of a program pack; each ends in its kana."""
        with (pack / "demo" / "people.toml").open("rb") as file:
            words = tomllib.load(file)
        return cls(words["surnames"], words["given"], words["latin"], seed)

    def next_resident(self) -> Resident:
        """Return the next resident, unlike any before."""
        self.number += 1
        rng = random.Random(f"{self.seed} {self.number}")  # noqa: S311 - a seed is the point
        known = {row.code for row in procedures()}
        sets = {codes: weight for codes, weight in PROCEDURE_SETS.items() if known >= set(codes)}
        codes = rng.choices(list(sets), list(sets.values()))[0]
        return Resident(self.number, self._person(rng, codes), codes, rng)

    def household_member_of(self, who: Resident) -> Resident:
        """Return a member of the same household, with the same address, telephone and mail."""
        other, home = self.next_resident(), who.person
        person = replace(
            other.person,
            postal_code=home.postal_code,
            address=home.address,
            phone=home.phone,
            email=home.email,
        )
        return replace(other, person=person)

    def _person(self, rng: random.Random, codes: tuple[str, ...]) -> Person:
        surname, surname_kana = rng.choice(self.surnames).split()
        given, given_kana = rng.choice(self.given).split()
        name, kana = f"{surname}　{given}", f"{surname_kana}　{given_kana}"
        if rng.random() > KANA_SHARE:
            name, kana = rng.choice(self.latin), ""
        moved = "FACE_CHANGE" in codes
        change = CardChange.NAME if self.number % NAME_CHANGES == 0 else CardChange.ADDRESS
        return Person(
            name=name,
            name_kana=kana,
            # Unique: a permutation of as many days as there are people.
            birth_date=date(1935, 1, 1) + timedelta(days=self.number * 7_919 % 27_011),
            postal_code="8140006",
            address=f"見本町{rng.randrange(1, 9)}丁目{rng.randrange(1, 40)}番{rng.randrange(1, 20)}号",
            phone=f"0900000{self.number % 10_000:04d}",
            email=f"demo{self.number}@example.jp" if rng.random() < MAIL_SHARE else "",
            details=Details(
                unknown_pins=("FOUR_DIGITS",) if "PIN_RESET" in codes else (),
                changes=(change,) if moved else (),
                new_address="見本町1丁目1番1号" if moved and change == CardChange.ADDRESS else "",
                changed_on="2026-10-01" if moved else "",
                needs=(rng.choice(NEEDS),) if rng.random() < NEEDS_SHARE else (),
            ),
        )
