"""Layer 3: strings the rooms together. It alone opens transactions, takes locks and calls the gate.

rooms' statements -> storage, gate -> outcomes for defs, cli and report

What does not belong here: a rule, a mapping, a decision on a child (the rooms), and Dagster (defs).
"""
