"""`make audit` fails for a known hole, and passes where nobody can be asked, saying so."""

import json

import pytest
from support.programs import load

audit = load("audit")
CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
HOLED = {"name": "django", "version": "5.2.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.2"]}]}
SKIPPED = {"name": "django", "skip_reason": "not found"}
NPM = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 3}}}
NPM_HOLED = NPM | {"vulnerabilities": {"axe-core": {"range": "<4.2", "severity": "high"}}}


@pytest.mark.parametrize(
    ("python", "npm", "code", "says"),
    [
        ({"dependencies": [CLEAN, SKIPPED]}, NPM, 0, "requirements.txt: 1 of 2 versions looked up"),
        ({"dependencies": [HOLED]}, NPM, 1, "HOLE requirements.txt: django 5.2.1: PYSEC-1"),
        ({"dependencies": [CLEAN]}, NPM_HOLED, 1, "HOLE package-lock.json: axe-core <4.2: high"),
        ({"dependencies": [SKIPPED]}, {"error": {}}, 0, "package-lock.json: NOT AUDITED"),
        (None, None, 0, "requirements-dev.txt: NOT AUDITED"),
    ],
)
def test_a_known_hole_fails_and_silence_passes_aloud(monkeypatch, capsys, python, npm, code, says):
    def answer(command, **_kwargs):
        told = npm if command[0] == "npm" else python
        return type("Told", (), {"stdout": json.dumps(told) if told else "no route to host"})

    monkeypatch.setattr(audit.subprocess, "run", answer)
    assert audit.main() == code
    assert says in capsys.readouterr().out
