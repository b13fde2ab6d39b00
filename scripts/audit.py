"""Ask the public lists of known holes about every version that the lock files name (仕様書 4(8)ア).

Fails when one is known, and when a program that asks is missing or breaks down. Where a list cannot be
reached, it says that nothing was audited there, and passes: a machine without a network can still be built
and tested.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
PIP_AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"),
    *("--progress-spinner", "off", "--format", "json"),
)
MOST_SECONDS = 300
NPM_AUDIT = ("npm", "audit", "--package-lock-only", "--json")


# How requests and pip-audit end when nobody answers.
REACHED_NOBODY = re.compile(
    r"requests\.exceptions\.\w+|urllib3\.exceptions\.\w+|Could not connect to|ServiceError"
)
FAULTS = ("HOLE", "BROKEN")


def main() -> int:
    """Audit Python's and npm's lock files; return 1 when a hole is known or a program broke down."""
    found = [
        line for name in LOCKS for line in audited(name, [*PIP_AUDIT, "--requirement", name], python_holes)
    ]
    found += audited("package-lock.json", list(NPM_AUDIT), npm_holes)
    print(*found, sep="\n")
    return int(any(line.startswith(FAULTS) for line in found))


def audited(
    name: str, command: list[str], holes: Callable[[str, dict[str, Any] | None], list[str]]
) -> list[str]:
    """Return what one program says of a lock file, or one line that says how it broke down."""
    try:
        return holes(name, ask(command))
    except AuditBroken as broken:
        return [f"BROKEN {name}: {broken}"]


class AuditBroken(Exception):
    """A program that asks is missing, or ended without an answer for another reason than the network."""


def ask(command: list[str]) -> dict[str, Any] | None:
    """Return what a program answers as JSON, None where it reached nobody. Raises AuditBroken."""
    try:
        told = subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise AuditBroken(error) from error
    try:
        report = dict(json.loads(told.stdout))
    except ValueError:
        last = (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
        if REACHED_NOBODY.search(last):
            return None
        raise AuditBroken(last) from None
    # npm gives a fault of its own a code; what the registry or the network said comes as a message.
    if code := (report.get("error") or {}).get("code"):
        raise AuditBroken(f"{code} {report['error'].get('summary', '')}")
    return report


def python_holes(name: str, report: dict[str, Any] | None) -> list[str]:
    """Return a line for each hole of a lock file, then one that says how much was looked at."""
    packages = (report or {}).get("dependencies", [])
    looked = [each for each in packages if "vulns" in each]
    lines = [
        f"HOLE {name}: {each['name']} {each['version']}: {hole['id']}, mended in {hole['fix_versions']}"
        for each in looked
        for hole in each["vulns"]
    ]
    return [*lines, summary(name, len(looked), len(packages))]


def npm_holes(name: str, report: dict[str, Any] | None) -> list[str]:
    """Return a line for each package with a hole, then one that says how much was looked at."""
    if report is None or "vulnerabilities" not in report:
        return [summary(name, 0, 0)]
    lines = [
        f"HOLE {name}: {package} {hole['range']}: {hole['severity']}"
        for package, hole in report["vulnerabilities"].items()
    ]
    total = report["metadata"]["dependencies"]["total"]
    return [*lines, summary(name, total, total)]


def summary(name: str, looked: int, total: int) -> str:
    """Say how many versions of a lock file were looked up, and that it was none."""
    if not looked:
        return f"{name}: NOT AUDITED, the list of known holes was not reached"
    return f"{name}: {looked} of {total} versions looked up"


if __name__ == "__main__":
    sys.exit(main())
