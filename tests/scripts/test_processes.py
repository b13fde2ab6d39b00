"""What `make run` starts is kept running, and stopped wholly, however often that is asked for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

# `web` and `mail` stand in for the real ones: each writes its number down. `mail` takes a second to end when
# asked, and `web` has a child that does not end at all.
PARENT = """
import sys
from pathlib import Path
import processes
processes.RESTART_SECONDS = 0.2
shell = lambda script: ["bash", "-c", script]
processes.keep_running(
    {
        "web": shell("(trap '' TERM; while :; do sleep 0.1; done) & echo $! > child; echo $$ >> web; wait"),
        "mail": shell("trap 'sleep 1; touch done; exit' TERM; echo $$ >> mail; while :; do sleep .1; done"),
    },
    env={"PATH": "/usr/bin:/bin"},
    folder=Path(sys.argv[1]),
    stop_signals=processes.note_stop_signals(),
    before_restart=lambda: print("looked", file=sys.stderr, flush=True),
)
"""


def wait_for(fact, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := fact():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def lives(pid):
    """Tell whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def parent(tmp_path):
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path)], cwd=SCRIPTS, stderr=said, start_new_session=True
        )
    yield process
    process.kill()
    process.wait()


def test_what_ends_is_started_again_and_a_second_stop_changes_nothing(parent, tmp_path):
    def started(name, times):
        numbers = (tmp_path / name).read_text().split() if (tmp_path / name).exists() else []
        return numbers if len(numbers) == times else None

    def said():
        return (tmp_path / "said").read_text()

    [first], [mail] = wait_for(lambda: started("web", 1)), wait_for(lambda: started("mail", 1))
    child = (tmp_path / "child").read_text().strip()
    os.kill(int(first), signal.SIGKILL)
    web = wait_for(lambda: started("web", 2))[1]
    assert "web ended (SIGKILL); it is started again.\nlooked\n" in said()
    assert not lives(child), "what the dead one left behind would hold its port"
    assert lives(mail), "the others go on"
    child = (tmp_path / "child").read_text().strip()

    os.killpg(parent.pid, signal.SIGINT)
    wait_for(lambda: "Stopping." in said())
    os.killpg(parent.pid, signal.SIGINT)
    os.killpg(parent.pid, signal.SIGTERM)
    assert parent.wait(20) == 0
    assert (tmp_path / "done").exists(), "what was under way is finished"
    assert [pid for pid in (web, child, mail) if lives(pid)] == []
