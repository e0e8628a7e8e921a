"""Layer 2, room 2: speak the master schema.

records in hand -> mapping, cleaners, code tables -> typed frame + faults

What does not belong here: requests (landing), and whether a row is admitted (validate).
"""
