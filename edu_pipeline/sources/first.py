"""A city's first load: until which day units are new, and within which ranges what they tell is believed.

connections.yaml, `first_load:` -> FirstLoad -> flow (which gates compare, which ranges hold)

What does not belong here: waves, which are the days of links (link.py); thresholds of later nights (calendar.py).
"""

import datetime as dt

from pydantic import model_validator

from edu_pipeline.sources.lines import Misplaced, Strict

Range = tuple[int, int]  # least and most, both included


class FirstLoad(Strict):
    """Until the day, a unit that has not confirmed its baseline is not compared with what it told before: ranges hold.

    Afterwards every unit is compared, confirmed or not: nothing is raised for ever.
    """

    until: dt.date
    pupils: Range = (1, 8000)
    class_size: Range = (1, 80)
    staff: Range = (1, 800)

    @model_validator(mode="after")
    def _in_order(self) -> "FirstLoad":
        for name in ("pupils", "class_size", "staff"):
            least, most = getattr(self, name)
            if not 0 <= least <= most:
                raise Misplaced(f"{name}: from {least} to {most} is no range; write the least first", name)
        return self
