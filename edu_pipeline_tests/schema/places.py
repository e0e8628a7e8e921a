"""Render the lists of places (before and after 1 July 2025) from the data of the package vietnamadminunits.

vietnamadminunits' data files -> render() -> edu_pipeline/schema/lists/{province,district,ward}.csv

What does not belong here: anything the pipeline needs at run time (the files are committed). The package is read as
data, never imported: importing it pulls in geometry and geocoding. `python -m edu_pipeline_tests.schema.places` writes.
"""

import csv
import io
import json
import sqlite3
import unicodedata
from collections import defaultdict
from contextlib import closing
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from edu_pipeline.schema.lists import COLUMNS

PACKAGE = "vietnamadminunits"
FOLDER = Path(__file__).parents[2] / "edu_pipeline" / "schema" / "lists"

# The list of codes of QD 124/2004/QD-TTg; the creation of single places since then is not in the data.
SINCE, THU_DUC, REFORM = "2004-07-08", "2021-01-01", "2025-07-01"

_TYPES = {
    "Tỉnh": "Province", "Thành phố": "City", "Quận": "District", "Huyện": "Rural District", "Thị xã": "Town",
}  # fmt: skip

_SOURCE = f"{PACKAGE} 1.0.4 (MIT), checked against domain.md sections 7 and 9"
_ABOUT = {
    "province": (
        "63 provinces until 30/6/2025, 34 since (QD 124/2004/QD-TTg, QD 19/2025/QD-TTg)",
        "high; places made or renamed between 2004 and 2025 stand under their last name",
    ),
    "district": (
        "696 districts until 30/6/2025, none since; parent: province",
        "high; 762, 763 and the two meanings of 769 are added from domain.md section 7, which the package lacks; other "
        "districts that ended before 2025 are missing",
    ),
    "ward": (
        "10,035 wards until 30/6/2025 (parent: district), 3,321 units since (parent: province); one 5-digit code may "
        "mean two places, told apart by the day",
        "high for names, medium for codes since 2025: the package vietnam-provinces, which follows the draft of the "
        "list, gives 123 units another code, 10 of them in Ho Chi Minh City; wards that ended before 2025 are missing "
        "(39 of the 312 that Ho Chi Minh City had until 31/12/2024)",
    ),
}


def is_installed() -> bool:
    """True if the package is there to render from."""
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        return False
    return True


def render() -> dict[str, str]:
    """The three files by list name. The same release of the package gives the same text."""
    data = Path(str(distribution(PACKAGE).locate_file(PACKAGE))) / "data"
    with closing(sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        old = database.execute("SELECT * FROM admin_units_legacy").fetchall()
        new = database.execute("SELECT * FROM admin_units").fetchall()
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    return {
        "province": _file("province", _provinces(old, new, converter)),
        "district": _file("district", _districts(old)),
        "ward": _file("ward", _wards(old, new, converter)),
    }


def _provinces(old: list[sqlite3.Row], new: list[sqlite3.Row], converter: dict) -> list[tuple[str, ...]]:
    before = {row["provinceKey"]: (row["provinceCode"], row["province"]) for row in old}
    after = {row["provinceKey"]: (row["provinceCode"], row["province"]) for row in new}
    rows = []
    for key, (code, name) in after.items():
        sources = converter["DICT_PROVINCE"][key]
        if sources == [key] and before[key] == (code, name):
            rows.append((code, SINCE, "", _english(name), name, "", ""))
            continue
        rows.append((code, REFORM, "", _english(name), name, "", ""))
        rows += [(before[source][0], SINCE, REFORM, _english(before[source][1]), before[source][1], "",
                  f"{code}:merged") for source in sources]  # fmt: skip
    return rows


def _districts(old: list[sqlite3.Row]) -> list[tuple[str, ...]]:
    found = {row["districtCode"]: (row["district"], row["provinceCode"]) for row in old}
    rows = [(code, THU_DUC if code == "769" else SINCE, REFORM, _english(name), name, province, "")
            for code, (name, province) in found.items()]  # fmt: skip
    # Thu Duc was a district, became a city of three districts under the code of District 2 (domain.md section 7).
    for code, name in (("762", "Quận Thủ Đức"), ("763", "Quận 9"), ("769", "Quận 2")):
        rows.append((code, SINCE, THU_DUC, _english(name), name, "79", "769:merged"))
    return rows


def _wards(old: list[sqlite3.Row], new: list[sqlite3.Row], converter: dict) -> list[tuple[str, ...]]:
    after = {(row["provinceKey"], row["wardKey"]): row for row in new}
    became: dict[str, list[sqlite3.Row]] = defaultdict(list)
    made_of: dict[str, int] = defaultdict(int)
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, sources in wards.items():
            for source in sources:
                became[source].append(after[province, ward])
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for source, parts in divided.items():
            # The default comes first: what a reader who knows no address may take for the likeliest.
            likeliest = sorted(parts, key=lambda part: (not part["isDefaultNewWard"], part["newWardKey"]))
            became[source] += [after[province, part["newWardKey"]] for part in likeliest]
    for targets in became.values():
        for target in targets:
            made_of[target["wardCode"]] += 1
    rows = [(row["wardCode"], REFORM, "", "", row["ward"], row["provinceCode"], "") for row in new]
    for row in old:
        if row["wardCode"]:  # five islands were districts without wards
            targets = became[f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey']}"]
            said = ";".join(f"{t['wardCode']}:{_relation(row, targets, made_of[t['wardCode']])}" for t in targets)
            rows.append((row["wardCode"], SINCE, REFORM, "", row["ward"], row["districtCode"], said))
    return rows


def _relation(row: sqlite3.Row, targets: list[sqlite3.Row], sources: int) -> str:
    if len(targets) > 1:
        return "split"
    if sources > 1:
        return "merged"
    return "same" if targets[0]["ward"] == row["ward"] else "renamed"


def _spelled(name: str) -> str:
    """The package's name in NFC, its kind in lower case after the first letter ("Thị xã", never "Thị Xã")."""
    words = " ".join(unicodedata.normalize("NFC", name).split())
    return words.replace("Thành Phố ", "Thành phố ", 1).replace("Thị Xã ", "Thị xã ", 1)


def _english(name: str) -> str:
    kind = next(kind for kind in _TYPES if _spelled(name).startswith(f"{kind} "))
    plain = unicodedata.normalize("NFD", _spelled(name).removeprefix(f"{kind} ").translate(str.maketrans("đĐ", "dD")))
    proper = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f"{_TYPES[kind]} {proper}" if proper.isdigit() else f"{proper} {_TYPES[kind]}"


def _file(name: str, rows: list[tuple[str, ...]]) -> str:
    version, confidence = _ABOUT[name]
    text = io.StringIO()
    text.write(f"# version: {version}\n# source: {_SOURCE}\n# confidence: {confidence}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(tuple(_spelled(value) for value in row) for row in rows))
    return text.getvalue()


if __name__ == "__main__":
    for name, content in render().items():
        (FOLDER / f"{name}.csv").write_text(content, encoding="utf-8")
