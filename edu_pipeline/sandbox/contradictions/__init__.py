"""The contradictions of the practice city: records that stand, and say something that another field, record or system
denies. Each rule on what stands has one that breaks it; a few are broken by what the stories tell.

kinds (pupils.py, places.py, results.py, classes.py, people.py, units.py: whom, what, which rules) -> plant.py
(victims of a city) -> tell.py (records as systems tell them)

What does not belong here: what a system tells so wrongly that it is stopped or lost (defects.py). The pipeline never
reads this. No chance is drawn and no story changes: who is befallen is told otherwise for three weeks, and mended.
"""
