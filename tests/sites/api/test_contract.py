"""Whatever the API's own document allows, and much that it does not: no fault, and only answers it names."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.cache import clear_caches
from madoguchi.config.wsgi import api

# The same questions every time: what fails here fails for everybody.
BOUNDED = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]

pytestmark = pytest.mark.slow


@pytest.fixture
def document(city):
    """The document, read as a partner reads it; the test's transaction stays open meanwhile."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_everything(document, subtests, headers, modes):
    for found in document.get_all_operations():
        operation = found.ok()
        takes_something = operation.body or list(operation.iter_parameters())
        for mode in modes if takes_something else modes[:1]:

            @BOUNDED
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                # Unknown hosts never come through the proxy.
                case.headers.pop("host", None)
                answer = case.call(headers=headers)
                case.validate_response(answer, checks=CHECKS)

            with subtests.test(operation=operation.label, mode=mode.name):
                ask()


def test_every_answer_to_a_partner_is_one_the_document_names(document, subtests):
    token = issue_token(name="見本アプリ", actor=SYSTEM)
    clear_caches()
    ask_everything(document, subtests, {"Authorization": f"Bearer {token}"}, list(GenerationMode))


def test_every_answer_to_a_stranger_is_one_the_document_names(document, subtests):
    ask_everything(document, subtests, {}, [GenerationMode.POSITIVE])
