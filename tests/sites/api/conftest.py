"""A partner with a token, who sends reservations."""

import json

import pytest
from django.test import Client
from support.partner_api import HANAKO, RESERVATIONS, slot_at

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM


@pytest.fixture
def client():
    return Client(raise_request_exception=True)


@pytest.fixture
def token(city):
    return issue_token(name="見本アプリ", actor=SYSTEM)


@pytest.fixture
def post(client, token):
    """Send a reservation; `slot` is that of Tuesday 15 December, 10:30, unless told otherwise."""

    def send(body=None, *, key="one", headers=None, content_type="application/json", **changes):
        if body is None:
            body = {"slot": slot_at(client)} | HANAKO | changes
        return client.post(
            RESERVATIONS,
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type=content_type,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key} | (headers or {}),
        )

    return send
