"""What stands on a paper, as whoever reads it sees it."""

import subprocess


def words_of(paper: bytes) -> str:
    """Return the text of a PDF without the ends of its lines."""
    done = subprocess.run(["pdftotext", "-", "-"], input=paper, check=True, capture_output=True)
    return done.stdout.decode().replace("\n", "")
