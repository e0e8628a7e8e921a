"""Layer 2, room 7: what people look at.

every room -> ledger, explanation, standing list, sums

What does not belong here: changing anything; a child's name or birth date.
"""
