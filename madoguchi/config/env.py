"""Typed settings from the environment; a wrong or missing one stops the start with its name."""

from pathlib import Path

import environs

env = environs.Env()


def secret(name: str, *, default: str | None = None) -> str:
    """Return a secret from the file named by NAME_FILE, else from NAME.

    Raises environs.EnvError when neither is set and there is no default.
    """
    path = env.str(f"{name}_FILE", None)
    if path is not None:
        return Path(path).read_text(encoding="utf-8").strip()
    if default is not None:
        return env.str(name, default)
    return env.str(name)
