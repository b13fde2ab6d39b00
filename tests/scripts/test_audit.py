"""`make audit` fails for a known hole and for a program that breaks down; where nobody answers it says so."""

import json
from subprocess import CompletedProcess, TimeoutExpired

import pytest
from support.programs import load

audit = load("audit")
CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
HOLED = {"name": "django", "version": "5.2.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.2"]}]}
SKIPPED = {"name": "django", "skip_reason": "not found"}
NPM = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 3}}}
# What npm says when the registry refuses, and when it cannot begin.
NPM_ALONE = {
    "message": "request failed, reason: getaddrinfo ENOTFOUND",
    "error": {"summary": "", "detail": ""},
}
NPM_WITHOUT_LOCK = {"error": {"code": "ENOLOCK", "summary": "This command requires an existing lockfile."}}
NO_ROUTE = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.example'): Max retries exceeded"
)
NPM_HOLED = NPM | {"vulnerabilities": {"axe-core": {"range": "<4.2", "severity": "high"}}}


@pytest.mark.parametrize(
    ("python", "npm", "code", "says"),
    [
        ({"dependencies": [CLEAN, SKIPPED]}, NPM, 0, "requirements.txt: 1 of 2 versions looked up"),
        ({"dependencies": [HOLED]}, NPM, 1, "HOLE requirements.txt: django 5.2.1: PYSEC-1"),
        ({"dependencies": [CLEAN]}, NPM_HOLED, 1, "HOLE package-lock.json: axe-core <4.2: high"),
        ({"dependencies": [SKIPPED]}, NPM_ALONE, 0, "package-lock.json: NOT AUDITED"),
        (NO_ROUTE, NPM, 0, "requirements-dev.txt: NOT AUDITED"),
        (TimeoutExpired("pip_audit", 300), NPM, 0, "requirements-dev.txt: NOT AUDITED"),
        ("No module named pip_audit", NPM, 1, "BROKEN requirements.txt: No module named pip_audit"),
        ("KeyError: 'name'", NPM, 1, "BROKEN requirements-dev.txt: KeyError"),
        ("", NPM, 1, "BROKEN requirements.txt: it said nothing"),
        ({"dependencies": [CLEAN]}, FileNotFoundError("npm"), 1, "BROKEN package-lock.json: npm"),
        ({"dependencies": [CLEAN]}, NPM_WITHOUT_LOCK, 1, "BROKEN package-lock.json: ENOLOCK"),
    ],
)
def test_a_hole_and_a_breakdown_fail_and_silence_passes_aloud(monkeypatch, capsys, python, npm, code, says):
    def answer(command, **_kwargs):
        told = npm if command[0] == "npm" else python
        if isinstance(told, Exception):
            raise told
        is_fault = isinstance(told, str)
        return CompletedProcess(command, 1, "" if is_fault else json.dumps(told), told if is_fault else "")

    monkeypatch.setattr(audit.subprocess, "run", answer)
    assert audit.main() == code
    assert says in capsys.readouterr().out
