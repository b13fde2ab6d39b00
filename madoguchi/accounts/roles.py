"""The permissions of each role, and the zones that administer accounts (仕様書 4(5)イ).

docs/roles.md shows the same as a table.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from madoguchi.accounts.kinds import Permission, Role


class Zone(StrEnum):
    """Who administers an account: the contractor, or the city. It never changes (docs/adr/0012)."""

    CONTRACTOR = "contractor"
    CITY = "city"


ROLE_ZONES: Mapping[Role, Zone] = {
    Role.SECRETARIAT: Zone.CONTRACTOR,
    Role.OPERATOR: Zone.CONTRACTOR,
    Role.OFFICE: Zone.CONTRACTOR,
    Role.CITY: Zone.CITY,
    Role.WARD: Zone.CITY,
    Role.HELPDESK: Zone.CONTRACTOR,
    Role.ADMIN: Zone.CONTRACTOR,
    Role.AUDITOR: Zone.CITY,
    # Works at the contractor, on the city's instruction: so the city says who it is.
    Role.PRIVACY: Zone.CITY,
    Role.CITY_ADMIN: Zone.CITY,
}
ROLE_NAMES: Mapping[Role, str] = {
    Role.SECRETARIAT: "事務局",
    Role.OPERATOR: "予約専用コールセンター",
    Role.OFFICE: "郵便局",
    Role.CITY: "本市 戸籍住民課",
    Role.WARD: "区役所 市民課・出張所",
    Role.HELPDESK: "郵便局員専用ヘルプデスク",
    Role.ADMIN: "システム管理者",
    Role.AUDITOR: "検査・監査",
    Role.PRIVACY: "個人情報の管理責任者",
    Role.CITY_ADMIN: "本市 システム管理者",
}


# The wards' and help desk's own sites come later; until then they open no page.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.SECRETARIAT: frozenset(
        {
            Permission.SECRETARIAT_RESERVATION_READ,
            Permission.SECRETARIAT_RESERVATION_WRITE,
            Permission.SECRETARIAT_OFFICE_READ,
            Permission.SECRETARIAT_OFFICE_WRITE,
            Permission.SECRETARIAT_RULE_WRITE,
            Permission.SECRETARIAT_TEXT_WRITE,
            Permission.SECRETARIAT_EXPORT_READ,
            Permission.SECRETARIAT_ACCOUNT_WRITE,
            Permission.SECRETARIAT_RETENTION_READ,
        }
    ),
    Role.OPERATOR: frozenset({Permission.OPERATOR_RESERVATION_READ, Permission.OPERATOR_RESERVATION_WRITE}),
    Role.OFFICE: frozenset({Permission.OFFICE_RESERVATION_READ}),
    Role.CITY: frozenset(
        {
            Permission.CITY_PROPOSAL_APPROVE,
            Permission.CITY_AUDIT_READ,
            Permission.SECRETARIAT_RETENTION_READ,
        }
    ),
    Role.WARD: frozenset(),
    Role.HELPDESK: frozenset(),
    # Technical work only: an administrator sees no reservation.
    Role.ADMIN: frozenset({Permission.SECRETARIAT_ACCOUNT_WRITE}),
    # The inspection of 仕様書 7: looks at everything, changes nothing, sees no person.
    Role.AUDITOR: frozenset(
        {
            Permission.CITY_AUDIT_READ,
            Permission.SECRETARIAT_RETENTION_READ,
            Permission.INSPECTION_RESERVATION_READ,
            Permission.INSPECTION_OFFICE_READ,
            Permission.INSPECTION_TEXT_READ,
            Permission.INSPECTION_ACCOUNT_READ,
            Permission.INSPECTION_EVIDENCE_READ,
        }
    ),
    # Given to few besides their other role: erases and discloses on the city's instruction.
    Role.PRIVACY: frozenset(
        {
            Permission.SECRETARIAT_RETENTION_READ,
            Permission.PRIVACY_ERASURE_WRITE,
            Permission.PRIVACY_DISCLOSURE_WRITE,
        }
    ),
    # Opens the city's accounts, and decides nothing the city decides.
    Role.CITY_ADMIN: frozenset({Permission.CITY_ACCOUNT_WRITE}),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the permissions of these roles together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
