"""Whose people somebody may be given: a keyword without default of all that gives people (仕様書 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class PeopleScope:
    """The visitors of these offices and the residents of these wards, or everybody."""

    offices: frozenset[str] = frozenset()
    wards: frozenset[str] = frozenset()
    is_everywhere: bool = False

    @classmethod
    def of_offices(cls, codes: Iterable[str]) -> Self:
        """Return the scope of somebody who works at these offices; of none, it holds nobody."""
        return cls(offices=frozenset(codes) - {""})

    @classmethod
    def of_wards(cls, codes: Iterable[str]) -> Self:
        """Return the scope of the section of these wards; of none, it holds nobody."""
        return cls(wards=frozenset(codes) - {""})


# The secretariat and the reservation call centre serve all offices; jobs and mails know no person.
EVERYWHERE: Final = PeopleScope(is_everywhere=True)
# Whoever shows the secret link, or a reference with the birth date, sees that one booking wherever it is.
BY_OWN_SECRET: Final = PeopleScope(is_everywhere=True)
