"""Django wants the engine in a module of this name."""

import select

from django_prometheus.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]  # without types
    """Detects a closed connection without a query, which would be a fifth of a short page."""

    def close_if_health_check_failed(self) -> None:
        """Close a connection that the server closed since the last request (CONN_HEALTH_CHECKS)."""
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        # Between requests a server says nothing but goodbye.
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN)
        if line.poll(0):
            self.close()
        self.health_check_done: bool = True
