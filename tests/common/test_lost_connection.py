"""A server that hung up between two requests is noticed before the next statement."""

import pytest
from django.db import OperationalError, connection

from madoguchi.common.statements import execute_prepared
from madoguchi.config.settings import _database as database_settings


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
        assert execute_prepared("SELECT 1", []).fetchone() == (1,)

    def test_without_the_look_at_the_line_the_request_fails(self):
        connection.health_check_enabled = False
        with pytest.raises(OperationalError):
            execute_prepared("SELECT 1", [])


def test_several_hosts_and_what_libpq_understands_reach_the_server_line():
    url = "postgresql://app@a:5432,b:5433/madoguchi?target_session_attrs=read-write&sslmode=verify-full"
    given = database_settings(f"{url}&connect_timeout=1")
    assert (given["HOST"], given["PORT"]) == ("a,b", "5432,5433")
    assert given["OPTIONS"]["target_session_attrs"] == "read-write"
    assert given["OPTIONS"]["sslmode"] == "verify-full"
    assert given["OPTIONS"]["connect_timeout"] == "1"
    assert given["OPTIONS"]["tcp_user_timeout"] == 10_000
