"""Invented Vietnamese names with plausible frequencies. No name is a real person's on purpose.

random -> (family, given)

What does not belong here: anything but names.
"""

import random

_FAMILY = {"Nguyễn": 38, "Trần": 12, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Huỳnh": 5, "Phan": 4, "Vũ": 4, "Võ": 4,
           "Đặng": 3, "Bùi": 3, "Đỗ": 2, "Hồ": 2, "Ngô": 1, "Dương": 1, "Lý": 1}  # fmt: skip
_MIDDLE = {"m": ["Văn", "Minh", "Quốc", "Gia", "Đức", "Hữu", "Thành", "Anh"],
           "f": ["Thị", "Ngọc", "Thanh", "Phương", "Bảo", "Khánh", "Thuỳ", "Minh"]}  # fmt: skip
_GIVEN = {"m": ["An", "Bảo", "Cường", "Dũng", "Đạt", "Huy", "Khang", "Khoa", "Long", "Minh", "Nam", "Phúc", "Quân",
                "Sơn", "Thịnh", "Tuấn", "Việt"],
          "f": ["An", "Chi", "Dung", "Hà", "Hân", "Lan", "Linh", "Mai", "My", "Ngân", "Nhi", "Phương", "Thảo", "Trâm",
                "Vy", "Yến"]}  # fmt: skip


def name(rng: random.Random, sex: str) -> tuple[str, str]:
    """Family name, and middle with given name."""
    family = rng.choices(list(_FAMILY), weights=list(_FAMILY.values()))[0]
    return family, f"{rng.choice(_MIDDLE[sex])} {rng.choice(_GIVEN[sex])}"
