"""An upgrade gives every account to one zone; who worked for both keeps what is safe, and that is said."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("accounts", "0001_squashed"), ("offices", "0001_squashed")]
ACCOUNTS = {
    "jimukyoku": ["secretariat", "operator"],
    "shi": ["city", "auditor"],
    "ryoho": ["city", "operator", "privacy", "secretariat"],
    "nashi": [],
}


def migrate(targets):
    MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def at_the_time_before(transactional_db):
    """Yield in the schema of before, and come back to that of today whatever happens."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(BEFORE)
    yield lambda: migrate(latest)
    migrate(latest)


def ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.slow
def test_who_had_roles_of_both_zones_stays_with_the_contractor_without_those_of_the_city(
    at_the_time_before, capsys
):
    for username, roles in ACCOUNTS.items():
        [(user,)] = ask(
            "INSERT INTO accounts_user (username, password, display_name, organisation, email, is_active,"
            " is_demo, start_code_hash, start_code_expires_at, created_at)"
            " VALUES (%s, '!', '福岡 花子', '見本', '', true, false, 'x', now(), now()) RETURNING id",
            username,
        )
        for role in roles:
            ask(
                "INSERT INTO accounts_rolegrant (user_id, role, granted_at, granted_by)"
                " VALUES (%s, %s, now(), 'system')",
                user,
                role,
            )
    at_the_time_before()
    rows = ask(
        "SELECT username, zone, start_code_hash,"
        " array_remove(array_agg(role::text ORDER BY role), NULL) FROM accounts_user"
        " LEFT JOIN accounts_rolegrant ON user_id = accounts_user.id GROUP BY accounts_user.id"
    )
    assert {row[0]: row[1:] for row in rows} == {
        "jimukyoku": ("contractor", "x", ["operator", "secretariat"]),
        "shi": ("city", "", ["auditor", "city"]),
        "ryoho": ("contractor", "x", ["operator", "secretariat"]),
        "nashi": ("contractor", "x", []),
    }
    said = capsys.readouterr().out
    assert "ryoho worked for both sides and loses the city's roles: city, privacy." in said
    assert "shi worked" not in said
    assert "jimukyoku worked" not in said
