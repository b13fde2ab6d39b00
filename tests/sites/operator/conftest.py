"""Somebody of the call centre, signed in."""

import pytest
from support.callcentre import put_texts
from support.secretariat import member

from madoguchi.accounts.kinds import Role


@pytest.fixture
def staff(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    return client
