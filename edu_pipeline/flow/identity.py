"""What stewards decide of identities, and what every publication does to the questions that they answer.

waiting, master.identity -> suspect -> list -> accept, reject, split, refuse -> identity.*, ops.audit -> the next sync

What does not belong here: who may be whom (identity/suspect.py), following an alias (validate/identify.py). Nobody is
merged without a steward's word, and every word can be taken back.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Row, insert, select, text, update

from edu_pipeline.contracts.identity import ALIAS, DECISION, REQUEST, SUSPICION, content
from edu_pipeline.contracts.tables import MASTER, VALIDATED, WAITING
from edu_pipeline.flow import audit, lock
from edu_pipeline.flow.step import Why
from edu_pipeline.identity import alias, request, suspect
from edu_pipeline.report import identity as reports
from edu_pipeline.storage.engine import engine
from edu_pipeline.validate.withdraw import withdraw


class IdentityRefused(RuntimeError):
    """The question cannot be answered like that; the message says why and what to do instead."""


def look(database: Database) -> None:
    """What a publication knows of identities: aliases that end or are told, suspicions, requests; not committed."""
    now = {"now": dt.datetime.now(dt.UTC)}
    for statement in (alias.lapse(), alias.keep(), suspect.suspect(), request.answer(), request.ask()):
        database.execute(statement, now)


def listed(unit: str | None = None, status: str | None = "open") -> list[dict[str, Any]]:
    """Suspicions of a status (None: all): record and candidate by their keys, evidence by its codes."""
    return _rows(reports.SUSPICIONS, unit, status)


def requests(unit: str | None = None, status: str | None = "asked") -> list[dict[str, Any]]:
    """Requests of a status (None: all), with how many known persons look like the one who is asked for."""
    return _rows(reports.REQUESTS, unit, status)


def accept(number: int, why: Why) -> None:
    """Say that a record is of the candidate: the next sync admits it as such. IdentityRefused says why not."""
    with lock.city() as database:
        asked = _asked(database, number, why)
        if asked.kind != "same_person" and not why.document.strip():
            said = f"suspicion {number} is a {asked.kind}: these look like one person and are two"
            raise IdentityRefused(f"{said}; to accept it name the document that proves it (--document)")
        waiting, own = WAITING[asked.entity], f"{asked.entity}_id"
        is_same = text(f"{content(own, 'full_name', 'birth_date')} = :content").bindparams(content=asked.content)
        row = database.execute(select(waiting.c.ref_key, waiting.c[own].label("told")).where(
            waiting.c.connection_id == asked.connection_id, waiting.c.source_key == asked.source_key,
            waiting.c.reason == "identity", is_same)).one_or_none()  # fmt: skip
        if row is None:
            raise IdentityRefused(f"suspicion {number}: its record waits no more, or says something else by now; "
                                  "the next publication looks again")  # fmt: skip
        _require_free(database, asked)
        decided = _decide(database, asked, "accepted", why)
        database.execute(
            update(ALIAS).where(*_of(ALIAS, asked), ALIAS.c.valid_to.is_(None))
            .values(valid_to=dt.datetime.now(dt.UTC), ended_by="changed")
        )  # fmt: skip
        database.execute(insert(ALIAS).values(
            connection_id=asked.connection_id, entity=asked.entity, source_key=asked.source_key, unit_id=asked.unit_id,
            content=asked.content, ref_key=row.ref_key, told_id=row.told, identity_id=asked.identity_id,
            basis="accepted", decision_id=decided, valid_from=dt.datetime.now(dt.UTC)))  # fmt: skip
        database.commit()


def reject(number: int, why: Why) -> None:
    """Say that a record is not of the candidate: it is suggested no more, and without another it is asked for."""
    with lock.city() as database:
        _decide(database, _asked(database, number, why), "rejected", why)
        database.commit()


def split(number: int, why: Why) -> None:
    """Take an acceptance back: the record waits again, and what came of it leaves master at the next publication."""
    with lock.city() as database:
        asked = _asked(database, number, why, "accepted", "open")
        stood = database.execute(
            select(ALIAS)
            .where(*_of(ALIAS, asked), ALIAS.c.identity_id == asked.identity_id, ALIAS.c.basis == "accepted",
                   ALIAS.c.ended_by.is_distinct_from("split"))
            .order_by(ALIAS.c.alias_id.desc()).limit(1)
        ).one_or_none()  # fmt: skip
        if stood is None:
            raise IdentityRefused(f"suspicion {number} was never accepted: there is nothing to split")
        with lock.reading([asked.connection_id]) as mine:
            if asked.connection_id not in mine:
                raise IdentityRefused(f"{asked.connection_id} is being read: split suspicion {number} when it is done")
            _take_back(database, asked, stood, why)
            database.commit()


def refuse(number: int, why: Why) -> None:
    """Say that nobody is created for a record; it is asked for again only when it says something else."""
    _reasoned(why)
    with lock.city() as database:
        asked = database.execute(select(REQUEST).where(REQUEST.c.request_id == number)).one_or_none()
        if asked is None or asked.status != "asked":
            said = f"is {asked.status} already" if asked else "does not exist"
            raise IdentityRefused(f"request {number} {said}; `edu-pipeline identity requests` shows what is asked")
        now = dt.datetime.now(dt.UTC)
        database.execute(
            update(REQUEST).where(REQUEST.c.request_id == number).values(status="refused", answered_at=now)
        )
        _enter(database, "refused", why, asked, request_id=number)
        database.commit()


def _take_back(database: Database, asked: Row[Any], stood: Row[Any], why: Why) -> None:
    row = VALIDATED[asked.entity]
    here = (row.c.connection_id == asked.connection_id, row.c.source_key == asked.source_key, row.c.is_present)
    stands = database.execute(select(row.c[f"{asked.entity}_id"], row.c.ref_key).where(*here)).one_or_none()
    waits = WAITING[asked.entity]
    is_open = select(waits.c.reason).where(waits.c.connection_id == asked.connection_id,
                                           waits.c.source_key == asked.source_key)  # fmt: skip
    if stands and stood.ended_by == "changed" and database.execute(is_open).one_or_none() is None:
        raise IdentityRefused(f"suspicion {asked.suspicion_id}: its record has changed since, and was admitted by "
                              "what it says itself; there is nothing to split")  # fmt: skip
    now = dt.datetime.now(dt.UTC)
    ended = {"ended_by": "split"} | ({"valid_to": now} if stood.valid_to is None else {})
    database.execute(update(ALIAS).where(ALIAS.c.alias_id == stood.alias_id).values(**ended))
    if stands and stands[0] == stood.identity_id:
        binds = {"connection": asked.connection_id, "key": asked.source_key, "ref": stands.ref_key,
                 "told": stood.told_id, "now": now}  # fmt: skip
        for statement in withdraw(asked.entity):
            used = {name: value for name, value in binds.items() if name in statement.compile().params}
            database.execute(statement, used)
    _decide(database, asked, "split", why)


def _require_free(database: Database, asked: Row[Any]) -> None:
    """Nobody becomes somebody whom the registry has lost, or whom another record of the unit is already."""
    known, row = MASTER["identity"], VALIDATED[asked.entity]
    is_known = select(known.c.identity_id).where(known.c.identity_id == asked.identity_id,
                                                 known.c.person_kind == asked.entity)  # fmt: skip
    if database.execute(is_known).one_or_none() is None:
        raise IdentityRefused(f"identity {asked.identity_id} is not in the register any more")
    others = select(row.c.source_key).where(
        row.c[f"{asked.entity}_id"] == asked.identity_id, row.c.claim_unit_id == asked.unit_id, row.c.is_present,
        row.c.event != "CANCEL", (row.c.connection_id != asked.connection_id) | (row.c.source_key != asked.source_key),
    ).union(select(ALIAS.c.source_key).where(
        ALIAS.c.identity_id == asked.identity_id, ALIAS.c.entity == asked.entity, ALIAS.c.unit_id == asked.unit_id,
        ALIAS.c.basis == "accepted", ALIAS.c.valid_to.is_(None), ALIAS.c.source_key != asked.source_key,
    ))  # fmt: skip
    if other := database.execute(others.limit(1)).scalar():
        raise IdentityRefused(f"record {other} of unit {asked.unit_id} is identity {asked.identity_id} already: the "
                              "school cancels one of the two, or they are two persons (reject)")  # fmt: skip


def _asked(database: Database, number: int, why: Why, *statuses: str) -> Row[Any]:
    _reasoned(why)
    asked = database.execute(select(SUSPICION).where(SUSPICION.c.suspicion_id == number)).one_or_none()
    if asked is None or asked.status not in (statuses or ("open",)):
        said = f"is {asked.status}" if asked else "does not exist"
        raise IdentityRefused(f"suspicion {number} {said}; `edu-pipeline identity list` shows them")
    return asked


def _reasoned(why: Why) -> None:
    if not why.reason.strip():
        raise IdentityRefused("no reason; say why, it is kept with the answer")


def _of(table: Any, asked: Row[Any]) -> tuple[Any, ...]:
    return (table.c.connection_id == asked.connection_id, table.c.entity == asked.entity,
            table.c.source_key == asked.source_key)  # fmt: skip


def _decide(database: Database, asked: Row[Any], decision: str, why: Why) -> int:
    now = dt.datetime.now(dt.UTC)
    database.execute(
        update(SUSPICION)
        .where(SUSPICION.c.suspicion_id == asked.suspicion_id)
        .values(status=decision, decided_at=now)
    )  # fmt: skip
    return _enter(database, decision, why, asked, suspicion_id=asked.suspicion_id)


def _enter(database: Database, decision: str, why: Why, asked: Row[Any], **of: int) -> int:
    said = {"reason": why.reason.strip(), "document": why.document.strip() or None, "claimed": why.claimed}
    made = database.execute(insert(DECISION).values(decision=decision, **said, **of).returning(DECISION.c.decision_id))
    number = int(made.scalar_one())
    # Keys alone: a reason is free text, and stays where the decision is.
    audit.record(database, f"identity.{decision}", why.claimed, decision=number, unit=asked.unit_id,
                 connection=asked.connection_id, record=asked.source_key, document=said["document"], **of)  # fmt: skip
    return number


def _rows(query: str, unit: str | None, status: str | None) -> list[dict[str, Any]]:
    with engine().connect() as database:
        return [dict(row) for row in database.execute(text(query), {"unit": unit, "status": status}).mappings()]
