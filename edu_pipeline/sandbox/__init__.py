"""Apart from the house: a practice city that knows the truth.

stories first -> codes and payloads that fit them -> HTTP

What does not belong here: anything of the pipeline. It imports nothing of the package, so that no translation and no
decision is ever compared with itself.
"""
