"""An upgrade keeps who works at which office, and a step back does too."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from support.secretariat import member

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.selectors import offices_of
from madoguchi.audit.actor import SYSTEM

BEFORE = [("accounts", "0006_nothing_typed_is_kept"), ("offices", "0001_squashed")]


def migrate(targets):
    MigrationExecutor(connection).migrate(targets)


def latest():
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_office_assignments_are_carried_over_from_the_former_table(city):
    clerk = member(Role.OFFICE, "kyoku").pk
    assign_offices(user_id=clerk, offices=["HM01", "HM02"], actor=SYSTEM)
    migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM offices_officeassignment WHERE office_id = 'HM01'")
        cursor.execute(
            "INSERT INTO offices_officeassignment (user_id, office_id) VALUES (%s, 'HM03')", [clerk]
        )
    migrate(latest())
    assert offices_of(clerk) == ("HM02", "HM03")
    assert "offices_officeassignment" not in connection.introspection.table_names()
