"""The words of a program pack that citizens read, for its catalogues of translations."""

from pathlib import Path

from madoguchi.workflows.pack.loading import read_pack


def translatable_messages(folder: Path) -> list[str]:
    """Return each word or sentence once, in the order of the files. Raises PackInvalid."""
    pack = read_pack(folder)
    said = (getattr(row, name) for kind, rows in pack.rows.items() for row in rows for name in kind.SPOKEN)
    return [text for text in dict.fromkeys(said) if text]
