"""The circulars as decision tables: one declared value a regulation, rendered in Python and in SQL.

facts of a pupil's year -> level (scale.py) -> row of the table in force (table.py, force.py) -> decision, rule, article

What does not belong here: what a school has reported (witness.py reads it), what becomes of a pupil (plan.py).

Three pairs of facts are kept apart. *Promoted* and *completed the programme of the grade*: the table says both, but a
principal may promote a pupil of grades 1-4 who has not completed. *Completed the level* (grades 5, 9, 12, children of
five) and *graduated*: who completes has completed, whenever a certificate or an exam follows. *The circular's decision*
and *the school's*: the first is computed here, the second is read.
"""
