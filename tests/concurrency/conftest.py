"""The SMTP server that these tests talk to, and the seats without one of their two barriers."""

import pytest
from django.db import connection
from support.mail_peer import peer, smtp, smtp_url

__all__ = ["peer", "smtp", "smtp_url"]


@pytest.fixture
def _no_trigger(lasting_city):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reservations_seat DISABLE TRIGGER reservations_booked_seats_stay")
