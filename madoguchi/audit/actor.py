"""The actor of an audit entry, stored as text so that it outlives the account."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A citizen, a member of staff (id of the account), a job of the system or a partner's token."""

    kind: Literal["citizen", "staff", "system", "partner"]
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


CITIZEN = Actor("citizen")
SYSTEM = Actor("system")
