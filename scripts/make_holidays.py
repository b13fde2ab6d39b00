"""Write a pack's holidays.csv for some years, in the form the Cabinet Office publishes.

    .venv/bin/python scripts/make_holidays.py programs/fukuoka 2026-04-01 2029-04-30

Later years are computed, not yet decreed: replace the file by the Cabinet Office's own as it comes out.
The rows decide; nothing computes holidays at run time.
"""

import csv
import sys
from datetime import date
from pathlib import Path

import jpholiday


def main(pack: Path, first: date, last: date) -> None:
    """Write the file anew."""
    with (pack / "holidays.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["国民の祝日・休日月日", "国民の祝日・休日名称"])
        for day, name in jpholiday.between(first, last):
            # 「憲法記念日 振替休日」: the day itself is only the substitute.
            writer.writerow([f"{day.year}/{day.month}/{day.day}", name.split()[-1]])


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
