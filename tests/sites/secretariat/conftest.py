"""Somebody of the secretariat, signed in."""

import pytest
from support.secretariat import member


@pytest.fixture
def staff(client, city):
    client.force_login(member())
    return client
