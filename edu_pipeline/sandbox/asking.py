"""Whole numbers of a query string, as every served system reads them.

text -> int, or ValueError

What does not belong here: what a system answers to a bad one (its own module).
"""

import re

# Nine digits: more than any page, size or year needs, and never too long for a conversion.
_DIGITS = re.compile(r"[0-9]{1,9}")


def whole(text: str, least: int = 1) -> int:
    """The number that the text spells; ValueError for anything but plain digits and for less than `least`."""
    if not _DIGITS.fullmatch(text) or int(text) < least:
        raise ValueError(f"not a whole number from {least} on")
    return int(text)
