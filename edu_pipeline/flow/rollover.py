"""The year rollover as a sequence that can be read, checked, applied unit by unit, proven and taken back.

rollover.snapshot -> plan.py -> approve.py -> apply.py -> reconcile.py -> (undo.py)

What does not belong here: anything but the steps' names; each step is a module.
"""

from edu_pipeline.flow.apply import apply_plan
from edu_pipeline.flow.plan import make_plan
from edu_pipeline.flow.reconcile import reconcile_all, reconcile_now
from edu_pipeline.flow.step import Rollover, Why
from edu_pipeline.flow.undo import undo

__all__ = ["Rollover", "Why", "apply_plan", "make_plan", "reconcile_all", "reconcile_now", "undo"]
