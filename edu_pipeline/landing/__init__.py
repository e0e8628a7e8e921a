"""Layer 2, room 1: pull and keep unchanged.

system -> HTTP -> pages (kept as received) -> one line a record: what it is called, its hash, what it means

What does not belong here: what a field means (normalize), whether a row is good (validate).
"""
