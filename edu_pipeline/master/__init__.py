"""Layer 2, room 4: one truth from many systems: ownership, history, and where every person is.

validated -> would-be state -> master.<entity>_change -> master, history; ops.person_state

What does not belong here: rows that wait or are quarantined (validate), rolled-over rows (rollover).
"""
