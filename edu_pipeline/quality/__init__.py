"""Is what stands in the register correct, complete, clean and live? Rules over fields, records and systems, and scores.

master, rollover, ops -> frames (one relation an entity) -> rules -> quality.finding, quality.tally -> quality.score

What does not belong here: rules on one row as it comes in (contracts/rules.py stops those), transactions (flow), what
people read (report).
"""
