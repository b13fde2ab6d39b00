"""The protection of each column of a model, declared in the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Privacy:
    """Field names by protection: plain, sealed, or keyed hash.

    `key` leads from the row to the person's key that its sealed columns open with ("" in the table of keys
    itself), `row` to the id they are bound to. `required` sealed columns are never empty while that key
    lives: an empty one was damaged.
    """

    plain: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    key: str = "key"
    row: str = "id"

    def columns(self) -> list[str]:
        """Return all field names, sorted, so that a test can hold them against the model's own."""
        return sorted((*self.plain, *self.sealed, *self.hashed))
