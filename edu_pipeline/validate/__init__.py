"""Layer 2, room 3: isolate bad rows, admit the others, take waiting ones up again.

normalized, waiting -> validated.<entity>_change (each row with its disposition) -> validated, quarantine, waiting

What does not belong here: running SQL (flow, storage) and judging the batch as a whole (gate).
"""
