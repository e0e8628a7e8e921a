"""A head's word that came on paper, entered by its number; and what heads have confirmed, and have not.

paper -> judged like any word (heads.py) -> ops.confirmation, ops.audit; ops -> rows

What does not belong here: what a word lets pass (approve.py, quality). The actor is what the database attests.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from edu_pipeline.contracts.words import UNHEARD
from edu_pipeline.flow import audit
from edu_pipeline.flow.heads import HEADING, plain, take
from edu_pipeline.flow.word import APPENDICES, Word
from edu_pipeline.report import confirmations as reports
from edu_pipeline.settings import CITY_ZONE, Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.link import owners
from edu_pipeline.storage.engine import engine


class ConfirmationRefused(ValueError):
    """A head's word cannot be entered like that; the message says what to do, in both languages."""


def confirm(
    unit: str,
    school_year: int,
    what: str,
    document: str,
    head: str | None = None,
    appendix: int | None = None,
    plan_hash: str | None = None,
    claimed: str | None = None,
    config: Settings | None = None,
) -> list[Word]:
    """Enter a head's word that came on paper; without an appendix all three. ConfirmationRefused says why not.

    KeyError for a school year that the calendar does not have.
    """
    config = config or settings()
    site = sites.load(config.site_dir)
    site.year(school_year)
    if not document.strip():
        raise _refused(unit, "no document number: a word on paper is kept by it", "thiếu số văn bản xác nhận")
    if (what == "plan") != bool(plan_hash):
        raise _refused(
            unit, "a plan, and nothing else, is confirmed by its hash", "cần mã băm của phương án, và chỉ với phương án"
        )
    asked = _appendices(unit, what, appendix)
    answered = owners(site.links, config.today()).get((unit, "*"), ("",))[0]
    moment = config.now().replace(tzinfo=CITY_ZONE)
    with audit.audited() as database:
        binds = {"connection": answered}
        words = [Word(unit, school_year, what, moment, head or "", number, (plan_hash or "").lower())
                 for number in asked]  # fmt: skip
        if head is None:
            leading = database.execute(HEADING, {**binds, "words": plain(words)}).scalars().all()
            if len(leading) != 1:
                en = f"the register knows {len(leading)} heads of it; say who gave the word: --by ROOT_ID"
                vi = f"sổ có {len(leading)} thủ trưởng của đơn vị; ghi rõ ai xác nhận: --by ROOT_ID"
                raise _refused(unit, en, vi)
            words = [Word(**{**vars(word), "head_staff_id": leading[0]}) for word in words]
        refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
        paper = {**binds, "batch": None, "document": document.strip(), "claimed": claimed}
        kept = take(database, words, refused, paper, config.today())
        for rule in refused:
            raise _refused(unit, f"{rule}: {UNHEARD[rule].en}", UNHEARD[rule].vi)
        for word in kept:
            audit.record(database, "confirmation.entered", claimed, unit=unit, school_year=school_year, what=what,
                         appendix=word.appendix, hash=word.plan_hash, head=word.head_staff_id,
                         document=document.strip())  # fmt: skip
    return kept


def _appendices(unit: str, what: str, appendix: int | None) -> Sequence[int]:
    if what == "start_of_year" and appendix is None:
        return APPENDICES
    if (what == "start_of_year") != (appendix is not None) or appendix not in (None, *APPENDICES):
        said = UNHEARD["confirmation.appendix.out_of_range"]
        raise _refused(unit, said.en, said.vi)
    return (appendix or 0,)


def listed(unit: str | None = None, config: Settings | None = None) -> list[dict[str, Any]]:
    """What heads have confirmed, and what they have not of all that they could: the missing first."""
    config = config or settings()
    site, day = sites.load(config.site_dir), config.today()
    with engine().connect() as database:
        # Whose plans need the head's word is decided unit by unit.
        units = [row.unit_id for row in database.execute(text(reports.PLANNED))]
        wanted = [one for one in units if site.policy.of(one, day).head_confirms]
        years = [{"school_year": y.school_year, "opened": y.opening.isoformat()} for y in site.calendar.years]
        binds = {"unit": unit, "plans": wanted, "as_of": day, "years": json.dumps(years)}
        return [dict(row) for row in database.execute(text(reports.LISTED), binds).mappings()]


def _refused(unit: str, en: str, vi: str) -> ConfirmationRefused:
    return ConfirmationRefused(f"unit {unit}: {en} / đơn vị {unit}: {vi}")
