"""PostgreSQL and granian, private to one run: on a unix socket and on 127.0.0.1, stopped by process."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
WORKERS = 2


@contextmanager
def postgres() -> Iterator[Path]:
    """Run a fresh cluster as production does, with fsync, and give the folder of its socket."""
    base = Path(tempfile.mkdtemp(prefix="mb.", dir="/tmp"))  # the path of a socket is short
    base.chmod(0o755)
    folder = base / "pg"
    script = str(ROOT / "scripts/postgres.sh")
    try:
        subprocess.run([script, "start", str(folder), "-c", "fsync=on"], check=True)
        yield folder
    finally:
        subprocess.run([script, "stop", str(folder), "immediate"], check=False)
        shutil.rmtree(base, ignore_errors=True)


def database_url(folder: Path, name: str) -> str:
    """Return the address of a database of the cluster."""
    return f"postgresql://madoguchi_owner@/{name}?host={folder}"


@contextmanager
def granian(application: str, *, environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """Serve a WSGI application as production does and give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        PYTHON, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", "1", "--no-access-log", "--log-level", "warning",
        application,
    ]  # fmt: skip
    with (folder / f"granian-{port}.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_for(port, server, Path(log.name))
            yield port
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=15)
            with suppress(ProcessLookupError):
                os.killpg(server.pid, 9)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
