"""Layer 1: decides on change sets. The only runner of Great Expectations.

change set -> suite -> Verdict -> permission to publish exactly that change set

What does not belong here: what a suite expects (contracts/suites.py) and applying a change set (rooms, flow).
"""
