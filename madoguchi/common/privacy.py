"""What each column of a model reveals, declared beside the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Privacy:
    """Field names by how they are stored: readable, encrypted, or as a keyed hash."""

    plain: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()

    def columns(self) -> list[str]:
        """Return all field names, sorted, so that a test can hold them against the model's own."""
        return sorted((*self.plain, *self.sealed, *self.hashed))
