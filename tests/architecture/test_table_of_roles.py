"""docs/roles.md says which role may do what, and is compared with the code."""

from pathlib import Path

from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.roles import PERMISSIONS, ROLE_NAMES, ROLE_ZONES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "roles.md"


def table():
    """Return the lines of the table as the code has them."""
    yield "| | " + " | ".join(ROLE_NAMES[role] for role in Role) + " |"
    yield "|---|" + "---|" * len(Role)
    yield "| zone | " + " | ".join(ROLE_ZONES[role] for role in Role) + " |"
    for permission in Permission:
        marks = ("○" if permission in PERMISSIONS[role] else "" for role in Role)
        yield f"| `{permission}` | " + " | ".join(marks) + " |"


def test_the_table_of_roles_is_true():
    written = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert written == list(table())


def test_every_role_lists_its_permissions_one_by_one():
    source = (DOCUMENT.parents[1] / "madoguchi/accounts/roles.py").read_text(encoding="utf-8")
    listed = source.partition("PERMISSIONS: ")[2].partition("def permissions_of")[0]
    assert [sign for sign in ("*", "|", "for ", "startswith", "PERMISSIONS[") if sign in listed] == []
    assert sum(map(len, PERMISSIONS.values())) == listed.count("Permission.")
