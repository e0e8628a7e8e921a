"""What people ask of the figures: of a unit, an office, the city; which records cost points, and how each is mended.

quality.score, finding, tally -> rows

What does not belong here: making the figures (quality.py), exempting from them (exempt.py).
"""

import datetime as dt
from typing import Any

from sqlalchemy import text

from edu_pipeline.contracts.severity import texts as row_texts
from edu_pipeline.quality import gain
from edu_pipeline.quality.fields import AT_ONCE, UNCONFIRMED, UNTOLD
from edu_pipeline.quality.score import ALL, CITY
from edu_pipeline.quality.texts import texts
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import weights as weighing
from edu_pipeline.sources.weights import CRITERIA
from edu_pipeline.storage.engine import engine

Row = dict[str, Any]

# Days for looking, for mending, and at most (domain.md 1.4).
REVIEW, MEND, CONTEST = 5, 10, 15

_SAID = {
    UNTOLD: {"en": "The system does not tell this field. The vendor adds it to what it sends.",
             "vi": "Phần mềm chưa gửi trường này. Nhà cung cấp bổ sung."},
    UNCONFIRMED: {"en": "The value is there, and the head has not confirmed its appendix since the year opened: in"
                        " the school's software, or on paper (`edu-pipeline year confirm`).",
                  "vi": "Đã có dữ liệu nhưng thủ trưởng chưa xác nhận phụ lục này từ đầu năm học: xác nhận trong"
                        " phần mềm của trường, hoặc bằng văn bản."},
}  # fmt: skip


class NoFigure(RuntimeError):
    """There is no figure of this unit or day; the message says what there is."""


def remedy(rule: str, is_vietnamese: bool = False) -> str:
    """How a record of a rule is mended."""
    language = "vi" if is_vietnamese else "en"
    if rule in texts():
        return str(getattr(texts()[rule], language))
    check = rule.rsplit(".", 1)[1]
    said = _SAID.get(check) or row_texts().get(check, {})
    return str(said.get(language, ""))


def scores(unit: str | None = None, day: dt.date | None = None, config: Settings | None = None) -> list[Row]:
    """Figures of a day (none named: the newest): of all units, or of one with its levels, criteria and entities.

    NoFigure for an unknown unit, and for a day before the first scoring.
    """
    config = config or settings()
    weights = weighing.load(config.site_dir)
    with engine().connect() as database:
        days = text("SELECT min(scored_on), max(scored_on) FILTER (WHERE scored_on <= :day) FROM quality.score")
        first, newest = database.execute(days, {"day": day or config.today()}).one()
        if newest is None:
            since = f"the first one is of {first}" if first else "run `edu-pipeline quality score --run`"
            raise NoFigure(f"no figure of {day or config.today()}: {since}")
        query = text("""SELECT s.*, m.name AS unit_name FROM quality.score s LEFT JOIN master.unit m USING (unit_id)
            WHERE scored_on = :day
              AND (CAST(:unit AS text) IS NULL AND kind = 'whole' AND level = :all OR unit_id = :unit)
            ORDER BY kind = 'whole' DESC, CASE WHEN CAST(:unit AS text) IS NULL THEN score END, level, kind, name""")
        found = database.execute(query, {"day": newest, "unit": unit, "all": ALL}).mappings().all()
    if not found:
        raise NoFigure(f"no figure of unit {unit} on {newest}: `edu-pipeline quality score` lists the units")
    return [_figure(row, weights) for row in found]


def _figure(row: Any, weights: weighing.Weights) -> Row:
    is_small = row["unit_id"] != CITY and row["pupil_count"] < weights.small
    said = f"{row['asked_count'] - row['failed_count']} of {row['asked_count']}"
    whole = "" if row["kind"] != "whole" else "yes" if row["identifier_failed_count"] == 0 else "no"
    return {"unit": row["unit_id"], "level": row["level"], "of": row["name"] or row["kind"],
            "score": None if is_small else round(row["score"], 1),
            "band": "" if is_small else weights.bands.of(row["score"]), "passed": said,
            "with_others": None if row["beside"] is None or is_small else round(row["beside"], 1),
            "identifiers_whole": whole, "pupils": row["pupil_count"], "on": row["scored_on"]}  # fmt: skip


def listing(unit: str, is_vietnamese: bool = False, config: Settings | None = None) -> list[Row]:
    """Records of a unit that break a rule, the dearest first, each with its remedy and its days. NoFigure: unknown."""
    config = config or settings()
    scores(unit, config=config)
    with engine().connect() as database:
        found = database.execute(text(gain.LISTING), {"unit": unit, "as_of": config.today()}).mappings().all()
    return [
        {"rule": row["rule"], "record": row["record"],
         "in_system": f"{row['connection_id']}:{row['source_key']}".strip(":"),
         "points": round(row["points"] or 0, 3), "criterion": row["criterion"], "by": row["party"] or "unit",
         "state": row["exempt"] or ("observed" if row["is_observed"] else _state(row["age"])),
         "since": row["since"], "mend": remedy(row["rule"], is_vietnamese)}
        for row in found
    ]  # fmt: skip


def _state(age: int) -> str:
    return "open" if age <= REVIEW else "due" if age <= MEND else "overdue"


def causes(unit: str | None = None) -> list[Row]:
    """What is found, a line a rule and connection: one missing code is one line, however many rows it has."""
    at_once = " OR ".join(f"t.rule LIKE '%.{check}'" for check in AT_ONCE)
    query = text(f"""SELECT f.rule, f.connection_id AS connection, count(*) AS rows, count(DISTINCT f.unit_id) AS units,
        min(f.since) AS since, r.party AS by FROM quality.finding f LEFT JOIN quality.rule r USING (rule)
        WHERE CAST(:unit AS text) IS NULL OR f.unit_id = :unit GROUP BY 1, 2, r.party
        UNION ALL
        SELECT t.rule, '', sum(t.failed_count), count(DISTINCT t.unit_id), NULL, r.party
        FROM quality.tally t JOIN quality.rule r USING (rule)
        WHERE ({at_once}) AND t.failed_count > 0 AND (CAST(:unit AS text) IS NULL OR t.unit_id = :unit)
        GROUP BY 1, r.party
        ORDER BY 3 DESC, 1, 2""")
    with engine().connect() as database:
        return [dict(row) for row in database.execute(query, {"unit": unit}).mappings()]


def rules() -> list[Row]:
    """The rules with what they compare, their criterion, weight and party, and how they are mended."""
    order = {name: place for place, name in enumerate(CRITERIA)}
    return [
        {"rule": rule, "with": ", ".join(said.of), "criterion": said.criterion, "weight": said.weight,
         "severity": said.severity.value, "by": said.party, "observed_until": said.until, "en": said.en, "vi": said.vi}
        for rule, said in sorted(texts().items(), key=lambda one: (one[0].split(".")[0], order[one[1].criterion]))
    ]  # fmt: skip
