"""What heads of unit confirm: judged by who is head, and kept.

words -> judged against posts, unit events and plans -> ops.confirmation; offers -> ops.confirmation_offer

What does not belong here: reading a record (word.py), a word on paper (paper.py); what a word lets pass (approve.py,
quality).
"""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import audit
from edu_pipeline.flow.word import Heard, Word, notes
from edu_pipeline.sources.site import Connection

# As few characters of a plan's hash as an approval takes.
SHORTEST = 8

_SAID = """
said AS (
    SELECT w.*, CAST(w.confirmed_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) AS day
    FROM jsonb_to_recordset(CAST(:words AS jsonb)) AS w(number int, unit_id text, school_year int, kind text,
        appendix int, plan_hash text, confirmed_at timestamptz, head_staff_id text)
)"""

# Who heads a unit on a day: by the posts of the school year that the day is in (or, told already, of a later one); as
# long as none of that year is told, of the newest one before. A batch that has just been admitted counts before it is
# published: what its heads say came with it. What an event says is the Department's own decision.
_HEADS = """
post AS (
    SELECT unit_id, school_year, staff_id, role, begin_date, end_date, status FROM master.staff_assignment
    WHERE unit_id IN (SELECT unit_id FROM said)
    UNION
    SELECT unit_id, school_year, staff_id, role, begin_date, end_date, status FROM validated.staff_assignment
    WHERE unit_id IN (SELECT unit_id FROM said) AND connection_id = :connection AND is_present AND event <> 'CANCEL'
), heading AS (
    SELECT s.number, p.staff_id, p.role FROM said s JOIN post p USING (unit_id)
    WHERE p.role IN ('head', 'deputy_head') AND p.begin_date <= s.day
      AND (p.end_date >= s.day OR p.end_date IS NULL AND p.status = 'working')
      AND p.school_year >= coalesce((SELECT max(o.school_year) FROM post o JOIN master.school_year y USING (school_year)
                                     WHERE o.unit_id = s.unit_id AND y.begin_date <= s.day), 0)
    UNION
    SELECT s.number, e.head, 'head' FROM said s CROSS JOIN LATERAL (
        SELECT detail ->> 'head' AS head FROM ops.unit_event e
        WHERE e.unit_id = s.unit_id AND e.kind = 'new_head' AND e.on_date <= s.day ORDER BY e.on_date DESC LIMIT 1) e
)"""

_JUDGED = text(f"""
WITH {_SAID}, {_HEADS}
SELECT s.number, p.hash,
       CASE WHEN s.day > :today THEN 'confirmation.moment.future'
            WHEN s.kind = 'plan' AND p.hash IS NULL THEN 'confirmation.hash.no_plan'
            WHEN NOT EXISTS (SELECT FROM heading l WHERE l.number = s.number AND l.staff_id = s.head_staff_id)
                THEN 'confirmation.head.unknown' END AS rule
FROM said s LEFT JOIN LATERAL (
    SELECT max(p.hash) AS hash FROM rollover.plan p
    WHERE s.kind = 'plan' AND p.unit_id = s.unit_id AND p.from_year = s.school_year
      AND length(s.plan_hash) >= {SHORTEST} AND starts_with(p.hash, s.plan_hash)
    HAVING count(DISTINCT p.hash) = 1) p ON true
ORDER BY s.number""")

HEADING = text(f"WITH {_SAID}, {_HEADS} SELECT DISTINCT staff_id FROM heading WHERE role = 'head' ORDER BY 1")

# The newest word on a thing stands; one that is told again changes nothing.
_KEEP = text("""
INSERT INTO ops.confirmation AS c (connection_id, unit_id, school_year, kind, appendix, plan_hash, confirmed_at,
                                   head_staff_id, received_at, batch_id, document, actor, claimed)
SELECT DISTINCT ON (unit_id, school_year, kind, appendix, plan_hash) :connection, unit_id, school_year, kind, appendix,
       plan_hash, confirmed_at, head_staff_id, :now, CAST(:batch AS bigint), CAST(:document AS text), current_user,
       CAST(:claimed AS text)
FROM jsonb_to_recordset(CAST(:words AS jsonb)) AS w(unit_id text, school_year int, kind text, appendix int,
    plan_hash text, confirmed_at timestamptz, head_staff_id text)
ORDER BY unit_id, school_year, kind, appendix, plan_hash, confirmed_at DESC
ON CONFLICT (unit_id, school_year, kind, appendix, plan_hash, connection_id) DO UPDATE
SET confirmed_at = excluded.confirmed_at, head_staff_id = excluded.head_staff_id, received_at = excluded.received_at,
    batch_id = excluded.batch_id, document = excluded.document, actor = excluded.actor, claimed = excluded.claimed
WHERE excluded.confirmed_at > c.confirmed_at OR excluded.document IS NOT NULL""")

# What a paper says is not taken back by software, nor is a word that was given later.
_TAKEN_BACK = text("""
DELETE FROM ops.confirmation c USING jsonb_to_recordset(CAST(:words AS jsonb)) AS w(unit_id text, school_year int,
    kind text, appendix int, plan_hash text, confirmed_at timestamptz, head_staff_id text)
WHERE c.connection_id = :connection AND c.document IS NULL AND c.confirmed_at <= w.confirmed_at
  AND (c.unit_id, c.school_year, c.kind, c.appendix, c.head_staff_id)
    = (w.unit_id, w.school_year, w.kind, w.appendix, w.head_staff_id)
  AND starts_with(c.plan_hash, w.plan_hash) AND (c.plan_hash = '' OR w.plan_hash <> '')
RETURNING c.unit_id, c.school_year, c.kind, c.appendix, c.plan_hash""")

_OFFERED = text("""
INSERT INTO ops.confirmation_offer AS o (connection_id, unit_id, school_year, is_offered, batch_id)
SELECT :connection, unit_id, school_year, is_offered, :batch
FROM jsonb_to_recordset(CAST(:offers AS jsonb)) AS w(unit_id text, school_year int, is_offered boolean)
ON CONFLICT (unit_id, school_year, connection_id) DO UPDATE
SET is_offered = excluded.is_offered, batch_id = excluded.batch_id""")

_GIVEN_UP = text("UPDATE ops.confirmation_offer SET is_offered = false WHERE connection_id = :connection")


def keep(database: Database, connection: Connection, batch_id: int, heard: Heard, today: dt.date) -> list[str]:
    """Keep what heads have said in a connection's software; what was not taken, and what it cannot tell, in words.

    In the caller's transaction.
    """
    said = {"connection": connection.id, "batch": batch_id}
    if heard.is_given_up or not connection.kind.confirms:
        database.execute(_GIVEN_UP, said)
    if not heard.offers:
        return []
    offers = [{"unit_id": u, "school_year": y, "is_offered": is_so} for (u, y), is_so in heard.offers.items()]
    database.execute(_OFFERED, {**said, "offers": json.dumps(offers)})
    back = [word for word in heard.words if word.is_taken_back]
    for row in database.execute(_TAKEN_BACK, {**said, "words": plain(back)}):
        audit.record(database, "confirmation.taken_back", connection=connection.id, unit=row.unit_id,
                     school_year=row.school_year, what=row.kind, appendix=row.appendix, hash=row.plan_hash)  # fmt: skip
    refused = defaultdict(Counter, {rule: Counter(units) for rule, units in heard.refused.items()})
    take(database, [word for word in heard.words if not word.is_taken_back], refused, said, today)
    return [*notes(refused), *_lacking(heard)]


def take(
    database: Database,
    words: Sequence[Word],
    refused: defaultdict[str, Counter[str]],
    said: dict[str, Any],
    today: dt.date,
) -> list[Word]:
    """Keep the words of those who are head, and return them; the others are counted by rule and unit.

    `said`: connection and batch, or document and who claims to enter it.
    """
    binds, kept = {"document": None, "claimed": None, **said, "now": dt.datetime.now(dt.UTC)}, []
    rows = database.execute(_JUDGED, {"words": plain(words), "connection": said["connection"], "today": today})
    for word, row in zip(words, rows, strict=True):
        if row.rule:
            refused[row.rule][word.unit_id] += 1
        else:
            kept.append(Word(**{**vars(word), "plan_hash": row.hash or ""}))
    database.execute(_KEEP, {**binds, "words": plain(kept)})
    return kept


def plain(words: Sequence[Word]) -> str:
    """Words as a bind of the statements here."""
    return json.dumps([{**vars(word), "number": number} for number, word in enumerate(words)], default=str)


def _lacking(heard: Heard) -> list[str]:
    units = sorted({unit for (unit, _), is_offered in heard.offers.items() if not is_offered})
    if not units:
        return []
    of = "the system" if heard.is_given_up else f"of {len(units)} units ({', '.join(units[:5])}) the system"
    return [f"confirmation.resource.absent: {of} has no `confirmations` (HTTP 404); heads confirm on paper "
            "(`edu-pipeline year confirm`), the vendor adds it / phần mềm chưa có mục xác nhận; thủ trưởng xác nhận "
            "bằng văn bản"]  # fmt: skip
