"""An operator who is signed in, and the call screen before them."""

import pytest
from support.callcentre import CallScreen, put_texts
from support.secretariat import member

from madoguchi.accounts.kinds import Role


@pytest.fixture
def staff(client, city):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    return client


@pytest.fixture
def call(staff):
    return CallScreen(staff)
