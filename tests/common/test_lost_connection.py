"""A server that hung up between two requests is noticed before the next statement."""

import pytest
from django.db import OperationalError, connection

from madoguchi.common.statements import run


@pytest.fixture
def _hung_up(transactional_db):
    """End the connection from another one, as a restart of the server does, and begin the next request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    other.close()
    connection.health_check_enabled = True
    connection.close_if_unusable_or_obsolete()
    yield
    connection.close()


@pytest.mark.usefixtures("_hung_up")
class TestTheServerHungUp:
    def test_a_cursor_gets_a_new_connection(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

    def test_a_prepared_statement_gets_a_new_connection(self):
        assert run("SELECT 1", []).fetchone() == (1,)

    def test_without_the_look_at_the_line_the_request_fails(self):
        connection.health_check_enabled = False
        with pytest.raises(OperationalError):
            run("SELECT 1", [])
