"""How many waiting persons are found, and how many wrongly: this room against a library of the field, same truth.

planted register -> rules of edu_pipeline/identity; Splink on DuckDB, if it is there -> precision, recall, seconds

    python -m edu_pipeline_tests.identity.measure --identities 1700000 --each 140

It prints and judges nothing. What does not belong here: the truth (planted.py), the bar (test_suspect.py).
"""

import argparse
import datetime as dt
import os
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from edu_pipeline.identity.suspect import suspect
from edu_pipeline.storage import embedded
from edu_pipeline_tests.conftest import migrated
from edu_pipeline_tests.identity.planted import NOBODY, Register, folded, plant, write

Suggested = dict[int, str]


def score(register: Register, suggested: Suggested) -> tuple[float, float, dict[str, tuple[int, int, int]]]:
    """Precision and recall of what is suggested as the same person; by kind: (records, right, wrong)."""
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, record in enumerate(register.waiting):
        found = suggested.get(place)
        kinds[record.kind][0] += 1
        kinds[record.kind][1] += found is not None and found == record.truth
        kinds[record.kind][2] += found is not None and found != record.truth
    right = sum(k[1] for k in kinds.values())
    wanted = sum(k[0] for name, k in kinds.items() if name not in NOBODY)
    precision = right / len(suggested) if suggested else 1.0
    return precision, right / wanted, {name: (k[0], k[1], k[2]) for name, k in kinds.items()}


def shown(title: str, register: Register, suggested: Suggested, seconds: float, is_detailed: bool = True) -> None:
    """Print what came of a method."""
    precision, recall, kinds = score(register, suggested)
    print(f"{title}: precision {precision:.4f}, recall {recall:.4f}, {seconds:.1f} s")
    for kind, (total, right, wrong) in kinds.items() if is_detailed else ():
        print(f"    {kind:34} {total:5} records, {right:5} found, {wrong:4} wrongly")


def by_rules(register: Register) -> tuple[Suggested, float, int]:
    """What this room suggests, in a database of its own: same person by record, seconds, lines in all."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None, prefix="identity-"))
    folder.chmod(0o755)
    server = embedded.start(folder)
    try:
        app = create_engine(make_url(server.url("edu_app", migrated(server))))
        write(register, app)
        with app.connect() as database:
            # As under the city's lock.
            database.execute(text("SET enable_nestloop = off"))
            began = time.monotonic()
            database.execute(suspect(), {"now": dt.datetime.now(dt.UTC)})
            seconds = time.monotonic() - began
            rows = database.execute(text("SELECT source_key, identity_id, kind FROM identity.suspicion")).all()
        app.dispose()
    finally:
        embedded.stop(folder)
        shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    return {int(row[0][2:]): row[1] for row in rows if row[2] == "same_person"}, seconds, len(rows)


def by_splink(register: Register) -> tuple[dict[int, list[tuple[float, str]]], float]:
    """Candidates by record with Splink's probability, the same blocks: its weights are trained on these data."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def frame(rows: list[tuple[str, str, str, str, str]]) -> "pd.DataFrame":
        made = pd.DataFrame(rows, columns=["unique_id", "root", "full_name", "birth", "sex"])
        made["folded"] = [folded(name).lower() for name in made["full_name"]]
        words = made["folded"].str.split()
        made["family"], made["given"] = words.str[0], words.str[1:].str.join(" ")
        made["year"], made["day"] = made["birth"].str[:4], made["birth"].str[5:]
        made["swapped"] = made["birth"].str[:5] + made["birth"].str[8:] + "-" + made["birth"].str[5:7]
        return made

    began = time.monotonic()
    left = frame([(str(n), r.said.root, r.said.name, r.said.birth, r.said.sex)
                  for n, r in enumerate(register.waiting)])  # fmt: skip
    right = frame([(p.root, p.root, p.name, p.birth, p.sex) for p in register.people])
    left.loc[left["root"] == "", "root"] = None
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("birth"), "l.swapped = r.birth", block_on("folded", "year"), block_on("folded", "day"),
            block_on("root"),
        ],
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.95, 0.88]),
            cl.ExactMatch("family").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.ExactMatch("root"),
        ],
    )  # fmt: skip
    engine = DuckDBAPI()
    linker = Linker([engine.register(left), engine.register(right)], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("folded", "birth")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("folded"))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    candidates: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for one, other, probability in zip(
        found["unique_id_l"], found["unique_id_r"], found["match_probability"], strict=True
    ):
        record, root = (one, other) if len(one) < 10 else (other, one)
        candidates[int(record)].append((probability, root))
    return candidates, time.monotonic() - began


def best(candidates: dict[int, list[tuple[float, str]]], least: float, without: set[str] | None = None) -> Suggested:
    """Of each record the most probable candidate, if it is probable enough and nobody is as probable."""
    chosen: Suggested = {}
    for record, found in candidates.items():
        ranked = sorted((c for c in found if not without or c[1] not in without), reverse=True)
        if ranked and ranked[0][0] >= least and (len(ranked) == 1 or ranked[1][0] < ranked[0][0]):
            chosen[record] = ranked[0][1]
    return chosen


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--identities", type=int, default=100_000)
    asked.add_argument("--each", type=int, default=100, help="records of each kind")
    asked.add_argument("--library", action="store_true", help="with Splink, which no requirement installs")
    said = asked.parse_args()
    os.environ["PYTEST_XDIST_TESTRUNUID"] = "measure"
    register = plant(said.identities, said.each)
    print(f"{len(register.people)} identities, {len(register.waiting)} waiting records")
    suggested, seconds, lines = by_rules(register)
    shown(f"rules in PostgreSQL ({lines} lines)", register, suggested, seconds)
    if said.library:
        candidates, seconds = by_splink(register)
        # What the rules know and the library does not: that somebody stands under the identity already.
        for without, said_so in ((None, ""), (set(register.held), ", nobody who is held")):
            for least in (0.1, 0.5, 0.9, 0.99, 0.999):
                title = f"Splink, {least} and more{said_so}"
                shown(title, register, best(candidates, least, without), seconds, is_detailed=False)


if __name__ == "__main__":
    main()
