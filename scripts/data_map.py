"""Write docs/data-map.md from the models: tables, what columns reveal, how long kept, who reads them.

    make map

A test compares the file with the models.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "data-map.md"
# The second word of the permissions whose pages show what a ledger holds, and who else is shown some of it.
READERS: dict[str, tuple[set[str], str]] = {
    "accounts": ({"account"}, "everybody their own"),
    "audit": ({"reservation", "audit"}, "of one booking, beside it"),
    "contract": ({"rule", "text", "draft"}, "everybody what is in force"),
    "notifications": ({"reservation", "text"}, "announcements: everybody"),
    "offices": ({"office", "reservation"}, "everybody what is open"),
    "reservations": (
        {"reservation", "disclosure"},
        "citizens their own; partners what they made, without the person",
    ),
    "retention": ({"retention", "erasure", "disclosure", "export"}, ""),
}
HEAD = """# Data map

Every table, made from the models by `make map`; a test compares. *Clear* columns can be read by whoever
reads the database; *sealed* ones open with a key of the person ([0005](adr/0005-personal-data-is-sealed.md));
*hashed* ones are keyed hashes, to find equal values. How long: with the values of the rules in the code; a
city has its own. Who reads: roles with a permission for pages of that ledger ([roles](roles.md)); of what in
it, scope decides.
"""

if TYPE_CHECKING:
    from django.db.models import Model


def data_map() -> str:
    """Return the whole document."""
    from django.apps import apps  # noqa: PLC0415 - Django is set up by then
    from django.conf import settings  # noqa: PLC0415

    parts = [HEAD]
    for config in sorted(apps.get_app_configs(), key=lambda each: each.label):
        models: list[Any] = sorted(config.get_models(), key=lambda model: model.__name__)
        if config.name in settings.FIRST_PARTY_APPS and models:
            parts += [f"## {config.label}\n", *picture(models), *table(config.label, models)]
    return "\n".join(parts)


def picture(models: list[type["Model"]]) -> Iterator[str]:
    """Yield the entities of a ledger and what they point to, as a picture in Mermaid."""
    yield "```mermaid"
    yield "erDiagram"
    for model in models:
        yield f"    {model.__name__}"
        for field in model._meta.concrete_fields:  # noqa: SLF001 - Django's own name
            if field.related_model:
                many = "|o" if field.unique else "}o"
                one = "o|" if field.null else "||"
                yield f"    {model.__name__} {many}--{one} {field.related_model.__name__} : {field.name}"
    yield "```\n"


def table(label: str, models: list[type["Model"]]) -> Iterator[str]:
    """Yield a row for each table: what it holds, its columns by protection, and how long it is kept."""
    yield f"Read by: {readers(label) or 'nobody on a page; the processes of the server'}.\n"
    yield "| Table | Holds | Clear | Sealed | Hashed | Kept |"
    yield "|---|---|---|---|---|---|"
    for model in models:
        privacy: Any = model.privacy  # type: ignore[attr-defined]  # each of our models has one
        holds = (model.__doc__ or "").partition("\n")[0]
        by_protection = (privacy.plain, privacy.sealed, privacy.hashed)
        columns = " | ".join(", ".join(f"`{name}`" for name in names) for names in by_protection)
        facts = model._meta  # noqa: SLF001 - Django's own name
        yield f"| `{facts.db_table}` | {holds} | {columns} | {kept(facts.label)} |"
    yield ""


def kept(label: str) -> str:
    """Return how long a table is kept, from when, and who ends it; "" for what holds nothing of people."""
    from madoguchi.contract.rules import BookingRules  # noqa: PLC0415
    from madoguchi.retention.rules import ENDS, RETENTION_RULES  # noqa: PLC0415

    return "; ".join(
        f"{rule.words(BookingRules())}（{rule.since}から、{ENDS[rule.ends_by]}）"
        for rule in RETENTION_RULES
        if label in rule.tables
    )


def readers(label: str) -> str:
    """Return which roles have pages that show a ledger, and who else is shown some of it."""
    from madoguchi.accounts.roles import PERMISSIONS, ROLE_NAMES  # noqa: PLC0415

    nouns, others = READERS.get(label, (set(), ""))
    roles = [
        ROLE_NAMES[role]
        for role, permissions in PERMISSIONS.items()
        if any(permission.split(":")[1] in nouns for permission in permissions)
    ]
    return "; ".join(filter(None, ("、".join(roles), others)))


def main() -> None:
    """Write the document."""
    sys.path.insert(0, str(ROOT))
    settings = {"DJANGO_SETTINGS_MODULE": "madoguchi.config.settings", "SECRET_KEY": "-", "KEY_RING": "{}"}
    os.environ.update(settings | {"DATABASE_URL": "postgresql:///"})
    import django  # noqa: PLC0415

    django.setup()
    DOCUMENT.write_text(data_map(), encoding="utf-8")


if __name__ == "__main__":
    main()
