"""Run the whole platform on one machine for training, or one management command on its database.

    run.py serve            everything, until Ctrl-C
    run.py manage ARG...    one management command

PORT chooses the port, VAR the data folder, DATABASE_URL an existing server (DATABASE_OWNER_URL for the role
that owns the tables, where it is another one). Production runs from deploy/ instead.
"""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from processes import keep_running, note_stop_signals

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LONGEST_SOCKET_FOLDER = 90
# Enough for a command that reads none of them.
NO_SETTINGS = {"SECRET_KEY": "-", "KEY_RING": "{}", "DATABASE_URL": "postgresql:///"}


def data_folder() -> Path:
    """Return the folder of the data: VAR, else var/; as root one that user postgres can reach."""
    if chosen := os.environ.get("VAR"):
        return Path(chosen).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/madoguchi") / hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    return ROOT / "var"


def secret_file(folder: Path, name: str, make: Callable[[], str]) -> Path:
    """Return a file with a secret, made the first time and kept from others."""
    path = folder / "secrets" / name
    if not path.exists():
        secret = make()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    return path


def made_by(command: str) -> str:
    """Return fresh keys; the command needs settings to start, but none of their values."""
    made = subprocess.run(
        [PYTHON, "manage.py", command],
        cwd=ROOT, env={**os.environ, **NO_SETTINGS}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return made.stdout


def backup_settings(folder: Path) -> dict[str, str]:
    """Return where training keeps its backups, and a public key whose identity is made the first time.

    In training the identity lies on the same machine, so that a restore can be tried.
    """
    if "BACKUP_FOLDER" in os.environ:
        return {}
    place = folder / "backups"
    place.mkdir(mode=0o700, exist_ok=True)
    identity = folder / "secrets" / "backup_identity.txt"
    if not identity.exists():
        manage({**os.environ, **NO_SETTINGS}, "make_backup_identity", str(identity))
    recipient = identity.read_text(encoding="ascii").partition("public key: ")[2].splitlines()[0]
    return {"BACKUP_FOLDER": str(place), "BACKUP_RECIPIENTS": recipient}


def weeks_off_term(folder: Path, pack: Path) -> int:
    """Return by how many whole weeks the clock must run off, so that a demo lies inside the term.

    Weeks, because then weekdays keep; chosen once and kept, because the data was made with it.
    """
    kept = folder / "clock.json"
    if kept.exists():
        return int(json.loads(kept.read_text(encoding="utf-8"))["weeks"])
    with (pack / "program.toml").open("rb") as file:
        program = tomllib.load(file)
    opens: date = min(wave["opens_on"] for wave in program["waves"])
    ends: date = program["program"]["term_ends_on"]
    today = datetime.now(UTC).date()  # noqa: TID251 - before Django, and so before the clock
    weeks = 0
    if not opens <= today <= ends:
        weeks = ((opens + (ends - opens) / 2) - today).days // 7
    kept.write_text(json.dumps({"weeks": weeks}), encoding="utf-8")
    return weeks


def database(folder: Path) -> dict[str, str]:
    """Start the private PostgreSQL unless another server is given, and return the addresses of both roles."""
    if url := os.environ.get("DATABASE_URL"):
        return {"DATABASE_URL": url, "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", url)}
    server = folder / "pg"
    if len(str(server)) > LONGEST_SOCKET_FOLDER:
        sys.exit(
            f"The path of the data folder is too long for a socket: {server}\nChoose another with VAR=..."
        )
    postgres("start", server)
    address = f"@/madoguchi?host={server}"
    owner = f"postgresql://madoguchi_owner{address}"
    anywhere = owner.replace("/madoguchi?", "/postgres?")
    run_sql(anywhere, "CREATE DATABASE madoguchi", tolerate="already exists")
    run_sql(owner, "CREATE ROLE madoguchi_app LOGIN", tolerate="already exists")
    return {"DATABASE_URL": f"postgresql://madoguchi_app{address}", "DATABASE_OWNER_URL": owner}


def postgres(action: str, server: Path, *, check: bool = True) -> None:
    """Start or stop the private cluster; a Ctrl-C at the terminal does not reach what does it."""
    subprocess.run([ROOT / "scripts" / "postgres.sh", action, server], check=check, start_new_session=True)


def is_running(server: Path) -> bool:
    """Tell whether the private cluster runs already; then somebody else stops it."""
    return subprocess.run([ROOT / "scripts" / "postgres.sh", "status", server], check=False).returncode == 0


def run_sql(url: str, statement: str, *, tolerate: str) -> None:
    """Run one statement as the owner, putting up with one kind of error."""
    import psycopg  # noqa: PLC0415 - from the virtual environment, which serve and manage run in

    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.Error as error:
        if tolerate not in str(error):
            raise


def environment(folder: Path) -> dict[str, str]:
    """Return the settings of a training system (docs/how-to/run-in-production.md lists them all)."""
    port = os.environ.get("PORT", "8000")
    pack = ROOT / os.environ.get("PROGRAM_PACK", "programs/fukuoka")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings",
        "TRAINING": "1",
        "SECRET_KEY_FILE": str(secret_file(folder, "secret_key", lambda: secrets.token_urlsafe(48))),
        "KEY_RING_FILE": str(secret_file(folder, "key_ring.json", lambda: made_by("make_key_ring"))),
        "AUDIT_KEYS_FILE": str(secret_file(folder, "audit_keys.pem", lambda: made_by("make_audit_keys"))),
        "CLOCK_OFFSET_WEEKS": str(weeks_off_term(folder, pack)),
        "SITE_URL": os.environ.get("SITE_URL", f"http://localhost:{port}"),
        "STATIC_ROOT": str(folder / "static"),
        **backup_settings(folder),
        **database(folder),
    }


def manage(env: Mapping[str, str], *arguments: str, as_owner: bool = False) -> int:
    """Run a management command, as the role that owns the tables where asked, and return its exit code."""
    if as_owner:
        env = {**env, "DATABASE_URL": env["DATABASE_OWNER_URL"]}
    return subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=dict(env), check=False).returncode


def prepare(env: Mapping[str, str]) -> None:
    """Bring the database, the pack, the static files and the demo up to date, and back them up."""
    code = manage(env, "prepare_database", as_owner=True) or manage(env, "prepare_training")
    if code:
        sys.exit(code)
    # The machine of a demo sleeps at night, when backups are made.
    manage(env, "backup")


def serve(env: Mapping[str, str], stop_signals: Sequence[int], before_restart: Callable[[], None]) -> None:
    """Run web server, job worker and mail until Ctrl-C; what ends by itself is started again."""
    port = os.environ.get("PORT", "8000")
    granian = ["granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1"]
    commands = {
        "web": [
            PYTHON,
            "-m",
            *granian,
            "--host",
            "127.0.0.1",
            "--port",
            port,
            "--no-access-log",
            "--log-level",
            "warning",
            "madoguchi.config.wsgi:application",
        ],
        "worker": [PYTHON, "manage.py", "procrastinate", "worker"],
        "mail": [PYTHON, "manage.py", "send_mail"],
    }
    print_addresses(env)
    keep_running(commands, env=env, folder=ROOT, stop_signals=stop_signals, before_restart=before_restart)


def print_addresses(env: Mapping[str, str]) -> None:
    """Say where everything is and how to sign in."""
    site = env["SITE_URL"]
    print(
        f"""
  Citizens        {site}/
  Staff           {site}/staff/          (each login lands on its own site)
  Mail that would have been sent  {site}/secretariat/mailbox/
  API             {site}/api/v1/openapi.json

Training mode: made-up people, nothing is sent. Ctrl-C stops everything; the data stays.""",
        flush=True,
    )


def main() -> int:
    """Do what the first argument says."""
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o711)
    server, is_ours = folder / "pg", "DATABASE_URL" not in os.environ
    was_running = is_ours and is_running(server)
    is_command = sys.argv[1:2] == ["manage"]
    stop_signals = [] if is_command else note_stop_signals()
    try:
        env = environment(folder)
        if is_command:
            return manage(env, *sys.argv[2:])
        prepare(env)
        if not stop_signals:
            serve(env, stop_signals, lambda: postgres("start", server, check=False) if is_ours else None)
        return 0
    finally:
        if is_ours and not was_running and is_running(server):
            postgres("stop", server)


if __name__ == "__main__":
    sys.exit(main())
