"""Typed settings from the environment; a wrong or missing one raises with its name."""

from pathlib import Path

import environs
from django.core.exceptions import ImproperlyConfigured

env = environs.Env()


def secret(name: str, *, default: str | None = None) -> str:
    """Return a secret from the file named by NAME_FILE, else from NAME.

    Raises environs.EnvError when neither is set and there is no default, ImproperlyConfigured when the file
    cannot be read.
    """
    path = env.str(f"{name}_FILE", None)
    if path is not None:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE: {path} cannot be read ({type(error).__name__}). Bring the file back from "
                "where its copy is kept, readable for this process (docs/how-to/change-keys.md)."
            ) from None
    if default is not None:
        return env.str(name, default)
    return env.str(name)
