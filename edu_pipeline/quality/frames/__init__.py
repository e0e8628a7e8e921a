"""What the rules of an entity look at: one row for each record, with what stands beside it elsewhere.

master, rollover, ops, reference -> FRAMES: name -> SELECT, one pass an entity

What does not belong here: what is right or wrong (the rules). Every frame has `unit_id` (who answers), `grade_level`
(NULL: of the unit as a whole), `record` (the natural key that is shown), `connection_id` and `source_key` (where the
school finds it). Bind: `as_of` (date). Only the unit's present school year is looked at.
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames import classes, learning, people, places, pupils, units

FRAMES: dict[str, TextualSelect] = (
    pupils.FRAMES | places.FRAMES | classes.FRAMES | people.FRAMES | units.FRAMES | learning.FRAMES
)
