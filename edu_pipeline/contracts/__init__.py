"""Layer 1: what a declaration implies. Every module here is one rendering of `schema.ENTITIES`.

schema -> tables, suites, rules, frames, grants, catalogue

What does not belong here: a fact about one entity (schema) and anything that runs (the rooms, gate, storage).
"""
