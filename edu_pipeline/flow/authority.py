"""Who is authority for which unit and entity: what the site says, but never before the new system has told the unit.

Site -> ops.authority, ops.hold; moves that still wait -> rows for people

What does not belong here: which links there are (sources/link.py, handover.py), the proof (proof.py), what it means to
own a row (master).
A first authority, and one that ends, count from the day on which the site says so. From one connection to another it
passes with proof alone: until then the former one's last good rows stand.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import AUTHORITY, HOLD
from edu_pipeline.flow.audit import record
from edu_pipeline.flow.proof import Move, judged
from edu_pipeline.sources.link import UnitLink, owners
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.succession import BEGINNING

Place = tuple[str, str]  # unit, entity


def record_authorities(database: Database, site: Site, as_of: dt.date) -> None:
    """Open, end and pass on. Of a unit that has ended the last authority stays known: its past is its own."""
    ends = {event.unit: event.date for event in site.events if event.is_end and event.date <= as_of}
    known, wanted = _known(database), _wanted(site, as_of)
    fresh: list[dict[str, Any]] = []
    left = _left(site, as_of)
    for place in sorted({*known, *wanted}):
        row, said = known.get(place), wanted.get(place)
        former, to = _answers(known, place), _answers(wanted, place)
        if former and to and former[0] != to[0]:
            continue  # it passes with proof (pass_on)
        if former and not to and place[0] not in ends and (former[0], place[0]) in left:
            continue  # nobody follows: its last good rows stand, and `standing` says so
        if row and said != row[:2] and (said or _is_said_by_all(known, place) or not to):
            _end(database, place, row[2], max(ends.get(place[0], as_of), row[2]))
        if said and (row is None or row[:2] != said):
            fresh.append(_row(place, said[0], said[1], as_of))
    ever = set(database.execute(select(AUTHORITY.c.unit_id)).scalars())
    answers = site.succession(as_of).answers
    fresh += [{**_row((unit, "*"), answers[unit], unit, day), "valid_to": day}
              for unit, day in ends.items() if unit not in ever and unit in answers]  # fmt: skip
    _open(database, fresh)
    pass_on(database, site, as_of)


def pass_on(database: Database, site: Site, as_of: dt.date) -> None:
    """Pass on what another connection should answer for and has told; questions to the former one are over."""
    known = _known(database)
    for move, lacks in list(_moves(database, site, as_of)):
        if lacks is not None:
            continue
        place = (move.unit, move.entity)
        if row := known.pop(place, None):
            _end(database, place, row[2], as_of)
        whole = known.get((move.unit, "*"))
        if whole is None or whole[0] != move.to:
            _open(database, [_row(place, move.to, move.key, as_of)])
            known[place] = (move.to, move.key, as_of)
        if move.entity == "*":
            now = dt.datetime.now(dt.UTC)
            database.execute(update(HOLD).where(HOLD.c.connection_id == move.former, HOLD.c.unit_id == move.unit,
                                                HOLD.c.closed_at.is_(None)).values(closed_at=now))  # fmt: skip
        record(database, "handover.pass", unit=move.unit, entity=move.entity, former=move.former, to=move.to,
               on=as_of.isoformat())  # fmt: skip


def standing(database: Database, site: Site, as_of: dt.date) -> Iterator[dict[str, Any]]:
    """What should have passed on by now and has not, and what it waits for; who should answer and does not."""
    left, known, wanted = _left(site, as_of), _known(database), _wanted(site, as_of)
    nobody = Counter(row[0] for (unit, name), row in known.items()
                     if (row[0], unit) in left and not _answers(wanted, (unit, name)))  # fmt: skip
    said = "answers for so many units no more, and nobody follows: its last rows stand; link them, or hand them over"
    yield from ({"what": "unanswered", "where": name, "rule": said, "rows": count, "since": None}
                for name, count in sorted(nobody.items()))  # fmt: skip
    yield from (
        {"what": "handover", "where": move.where, "rule": f"{lacks}; the last rows of {move.former} stand", "rows": 0,
         "since": move.since}
        for move, lacks in _moves(database, site, as_of) if lacks
    )  # fmt: skip


def _left(site: Site, as_of: dt.date) -> set[tuple[str, str]]:
    """(connection, unit) of links whose word does not count any more: their days are over, or the stage is not live."""
    return {
        (one.id, link.unit)
        for one in site.connections
        for link in one.units
        if not one.answers or (link.to is not None and link.to < as_of)
    }


def _known(database: Database) -> dict[Place, tuple[str, str, dt.date]]:
    query = select(AUTHORITY).where(AUTHORITY.c.valid_to.is_(None))
    return {(r.unit_id, r.entity): (r.connection_id, r.unit_key, r.valid_from) for r in database.execute(query)}


def _answers(said: Mapping[Place, Any], place: Place) -> Any:
    return said.get(place) or said.get((place[0], "*"))


def _is_said_by_all(known: Mapping[Place, Any], place: Place) -> bool:
    """Whether what is said of an entity alone is by now what is said of all."""
    whole = known.get((place[0], "*"))
    return place[1] != "*" and whole is not None and whole[0] == known[place][0]


def _row(place: Place, connection: str, key: str, day: dt.date) -> dict[str, Any]:
    return dict(unit_id=place[0], entity=place[1], valid_from=day, valid_to=None, connection_id=connection,
                unit_key=key)  # fmt: skip


def _end(database: Database, place: Place, begin: dt.date, day: dt.date) -> None:
    same = (AUTHORITY.c.unit_id == place[0], AUTHORITY.c.entity == place[1], AUTHORITY.c.valid_from == begin)
    database.execute(update(AUTHORITY).where(*same).values(valid_to=day))


def _open(database: Database, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = upsert(AUTHORITY).values(rows)
    changed = {name: statement.excluded[name] for name in ("valid_to", "connection_id", "unit_key")}
    # A second change of mind on one day is the one that counts.
    database.execute(statement.on_conflict_do_update(index_elements=["unit_id", "entity", "valid_from"], set_=changed))


def _links(site: Site, as_of: dt.date) -> Mapping[Place, tuple[str, UnitLink]]:
    return owners(site.links, as_of)


def _wanted(site: Site, as_of: dt.date) -> dict[Place, tuple[str, str]]:
    """(connection, what it calls the unit) for each unit and entity that somebody should answer for on a day."""
    said = {place: (name, link.key or link.unit) for place, (name, link) in _links(site, as_of).items()}
    linked = {link.unit for _, link in site.links}
    standing = [s for s in site.succession(as_of).steps if s.since <= as_of and (s.until is None or as_of < s.until)]
    over = {event.unit for event in site.events if event.is_end and event.date <= as_of}
    # Linked by a code that is not there yet: until its day the former code answers.
    over |= {step.unit for step in standing if step.since == BEGINNING}
    found = {place: answer for place, answer in said.items() if place[0] not in over}
    for step in standing:
        if step.to and step.answers and step.to not in linked:
            _, key = said.get((step.unit, "*"), ("", step.to))
            found.setdefault((step.to, "*"), (step.answers, key))
    return found


def _moves(database: Database, site: Site, as_of: dt.date) -> Iterator[tuple[Move, str | None]]:
    """What should pass from one connection to another, and what is lacking yet; None: it may."""
    known, wanted, links = _known(database), _wanted(site, as_of), _links(site, as_of)
    moves = []
    for place in sorted({*known, *wanted}):
        former, to = _answers(known, place), _answers(wanted, place)
        if former is None or to is None or former[0] == to[0]:
            continue
        link = links.get(place) or links.get((place[0], "*"))
        begin = link[1].begin if link and link[1].begin else former[2]
        moves.append(Move(*place, former[0], to[0], to[1], max(begin, former[2]), link[1].missing if link else 0))
    for entity in dict.fromkeys(move.entity for move in moves):
        yield from judged(database, site.calendar, as_of, [move for move in moves if move.entity == entity])
