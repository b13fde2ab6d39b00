#!/usr/bin/env python
"""Write each paper's sample as PDF, and its pages as PNG, into a folder: scripts/paper_samples.py FOLDER."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "madoguchi.config.settings_test"
os.environ.setdefault("DATABASE_URL", "postgresql:///unused")


def main(folder: Path) -> None:
    """Write the samples; pages are at 96 dots per inch, as a screen shows them."""
    from madoguchi.rendering.samples import papers_by_name  # noqa: PLC0415 - needs the settings above

    folder.mkdir(parents=True, exist_ok=True)
    for name, pdf in papers_by_name().items():
        path = folder / f"{name}.pdf"
        path.write_bytes(pdf)
        subprocess.run(["pdftoppm", "-r", "96", "-png", path, folder / name], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
