"""Who acts. Outlives accounts: an entry keeps the text."""

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
