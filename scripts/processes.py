"""Keep processes running until a signal says stop: what systemd does for the units of deploy/systemd."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.2
# As in the units: tried again after this, for ever.
RESTART_SECONDS = 2.0
STOP_SECONDS = 10.0


def note_stop_signals() -> list[int]:
    """Return a list that grows with every Ctrl-C and SIGTERM; nothing else happens on one.

    The first asks to stop. Those after it, of people in a hurry, must not cut short what the first began.
    """
    noted: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # Both, because a shell that starts this in the background has interrupts ignored.
        signal.signal(number, lambda number, _frame: noted.append(number))
    return noted


def keep_running(
    commands: Mapping[str, Sequence[str]],
    *,
    env: Mapping[str, str],
    folder: Path,
    stop_signals: Sequence[int],
    before_restart: Callable[[], None] = lambda: None,
) -> None:
    """Run the commands in `folder`, each again whenever it ends, until `stop_signals` holds one.

    Each is the head of a process group, out of reach of the terminal's Ctrl-C. Says on standard error what
    ended and why. Afterwards no process of them is left.
    """

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(commands[name], cwd=folder, env=dict(env), start_new_session=True)

    running = {name: start(name) for name in commands}
    due = dict[str, float]()
    try:
        while not stop_signals:
            time.sleep(LOOK_SECONDS)
            for name, process in running.items():
                if name not in due and process.poll() is not None:
                    kill_group(process, signal.SIGKILL)  # What it leaves behind would hold its port.
                    tell(f"{name} ended ({how(process.returncode)}); it is started again.")
                    due[name] = time.monotonic() + RESTART_SECONDS
            ready = [name for name, moment in due.items() if moment <= time.monotonic()]
            if ready:
                before_restart()
            for name in ready:
                del due[name]
                running[name] = start(name)
        tell("\nStopping.")
    finally:
        stop(running.values())


def stop(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """Ask the groups to end, and kill what is left of them after STOP_SECONDS."""
    for process in processes:
        kill_group(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        kill_group(process, signal.SIGKILL)
        process.wait()


def kill_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to all that is left of the group of a process."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def how(code: int) -> str:
    """Return in words how a process ended."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def tell(sentence: str) -> None:
    """Say something to whoever sits before the terminal."""
    print(sentence, file=sys.stderr, flush=True)
