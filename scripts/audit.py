"""Ask the public lists of known holes about every version that the lock files name (仕様書 4(8)ア).

Fails when one is known. Where a list cannot be reached, it says that nothing was audited there, and passes: a
machine without a network can still be built and tested.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
PIP_AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"),
    *("--progress-spinner", "off", "--format", "json"),
)
NPM_AUDIT = ("npm", "audit", "--package-lock-only", "--json")


def main() -> int:
    """Audit Python's and npm's lock files; return 1 when a hole is known."""
    reports = {name: ask([*PIP_AUDIT, "--requirement", name]) for name in LOCKS}
    found = [line for name, report in reports.items() for line in python_holes(name, report)]
    found += npm_holes(ask(list(NPM_AUDIT)))
    print(*found, sep="\n")
    return int(any(line.startswith("HOLE") for line in found))


def ask(command: list[str]) -> dict[str, Any] | None:
    """Return what a program answers as JSON, None where it reached nobody."""
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    try:
        return dict(json.loads(told.stdout))
    except ValueError:
        return None


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


def npm_holes(report: dict[str, Any] | None) -> list[str]:
    """Return a line for each package with a hole, then one that says how much was looked at."""
    name = "package-lock.json"
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
