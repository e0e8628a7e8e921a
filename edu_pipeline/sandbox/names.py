"""Invented Vietnamese names with real frequencies. No name is a real person's on purpose.

random -> (family, given)

What does not belong here: anything but names. Source of the frequencies of family names: Lê Trung Hoa, "Họ và tên
người Việt Nam" (2005), shifted to the southern forms Huỳnh and Võ.
"""

import random
from itertools import accumulate

_FAMILY = {"Nguyễn": 38, "Trần": 12, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Huỳnh": 5, "Phan": 4, "Vũ": 4, "Võ": 4,
           "Đặng": 3, "Bùi": 3, "Đỗ": 2, "Hồ": 2, "Ngô": 1, "Dương": 1, "Lý": 1}  # fmt: skip
_MIDDLE = {"m": ["Văn", "Minh", "Quốc", "Gia", "Đức", "Hữu", "Thành", "Anh"],
           "f": ["Thị", "Ngọc", "Thanh", "Phương", "Bảo", "Khánh", "Thuỳ", "Minh"]}  # fmt: skip
_GIVEN = {"m": ["An", "Bảo", "Cường", "Dũng", "Đạt", "Huy", "Khang", "Khoa", "Long", "Minh", "Nam", "Phúc", "Quân",
                "Sơn", "Thịnh", "Tuấn", "Việt"],
          "f": ["An", "Chi", "Dung", "Hà", "Hân", "Lan", "Linh", "Mai", "My", "Ngân", "Nhi", "Phương", "Thảo", "Trâm",
                "Vy", "Yến"]}  # fmt: skip


def name(rng: random.Random, sex: str) -> tuple[str, str]:
    """Family name, and middle with given name, of the first thirty-two units' people."""
    family = rng.choices(list(_FAMILY), weights=list(_FAMILY.values()))[0]
    return family, f"{rng.choice(_MIDDLE[sex])} {rng.choice(_GIVEN[sex])}"


# Per thousand bearers; what is left over is spread among the rare ones.
_KINH = {
    "Nguyễn": 384, "Trần": 121, "Lê": 95, "Phạm": 70, "Huỳnh": 33, "Hoàng": 18, "Phan": 45, "Võ": 25, "Vũ": 14,
    "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Lý": 5, "Trương": 13, "Đinh": 9, "Đoàn": 8,
    "Lâm": 7, "Mai": 6, "Trịnh": 6, "Đào": 6, "Cao": 6, "Hà": 5, "Lương": 5, "Châu": 4, "Tạ": 4, "Tô": 3, "Thái": 3,
    "Phùng": 3, "Quách": 2, "La": 2, "Tăng": 2, "Kiều": 2, "Nghiêm": 1, "Tôn Nữ": 1, "Tôn Thất": 1, "Âu Dương": 1,
}  # fmt: skip
# By the ethnic list of 1979: Tày, Thái, Hoa, Khơ-me, Mường, Nùng, Ê-đê, Chăm.
_OTHERS = {
    2: "Nông Hoàng Lương Bế Ma Đàm", 3: "Lò Cầm Quàng Lường Hà", 6: "Quách Bùi Đinh Hà", 7: "Nông Hoàng Vi Lã Triệu",
    4: "Trần Lý Lâm Huỳnh Lưu Quách Vương Tăng Hứa Trương Phùng Diệp Mạch Tất Chung Âu Thang Dư Ông Lương",
    5: "Thạch Sơn Kim Danh Châu Kiên Lâm Néang", 17: "Đàng Bá Thiên Từ Báo Quảng Hán", 12: "Niê Mlô Kbuôr Êban Ayun",
}  # fmt: skip
_SOUNDS = {
    2: ("Văn Thị Quốc Bích", "Tùng Hiếu Nhung Hằng Sáng Thắm"), 3: ("Văn Thị", "Pành Ín Hặc Dung Thương"),
    6: ("Văn Thị", "Quyết Thảo Khương Lệ"), 7: ("Văn Thị", "Páo Chính Sầm Thơm"),
    4: ("Chí Gia Tuệ Mỹ Bội Vĩ Tiểu Phối", "Kiệt Hào Lương Mẫn San Nghi Cường Yến Phụng Quyền Bình"),
    5: ("Sóc Chanh Thị Sa", "Rây Pha Tha Phol Na Khêma Ly"), 17: ("Thị Văn Ngọc", "Ka Rô Phú Mỹ Thoại Inra"),
}  # fmt: skip
# Middle and given names by sex, of those born up to 1989, up to 2004, and since.
_ERAS = {
    "m": (("Văn Hữu Đình Công Ngọc Xuân Thanh", "Hùng Dũng Tuấn Sơn Hải Thành Phúc Hòa Lộc Tài Nghĩa Bình Chính"),
          ("Văn Minh Thanh Quốc Anh Hoàng Đức", "Huy Tuấn Duy Khoa Long Hoàng Phong Trung Tín Thiện Vinh Kiệt Nhân"),
          ("Minh Gia Anh Quốc Thiên Bảo Hoàng Đăng Nhật Phúc",
           "Khang Bảo Phúc Huy Khôi Khoa Minh An Đạt Long Phát Quân Thịnh Duy Anh Nguyên Kiệt Tâm Lâm Hưng")),
    "f": (("Thị Thị Thị Ngọc Kim Mỹ", "Lan Hương Hoa Hồng Hạnh Thủy Thu Liên Nga Tuyết Phượng Loan Yến Cúc"),
          ("Thị Ngọc Thanh Kim Thúy Mỹ Phương", "Trang Linh Thảo Hằng Hà Dung Ngân Như Trâm Vân Uyên Quyên Thư"),
          ("Ngọc Bảo Khánh Phương Gia Thanh Minh Quỳnh Thảo Tường An Kim",
           "Anh Vy Ngọc Nhi Hân Thư Linh Như Ngân Phương Thảo My Trân Quỳnh Nghi Trang Trâm An Thy Châu Mai")),
}  # fmt: skip
_FOREIGN = {
    "KR": ("Kim Lee Park Choi Jung", "Min Jun|Seo Yeon|Ji Woo|Ha Eun|Do Yun|Ye Jin"),
    "JP": ("Sato Suzuki Tanaka Watanabe", "Haruto|Yui|Sota|Aoi|Ren|Hina"),
    "US": ("Smith O'Connor Johnson García-Lopez", "Oliver James|Emma|Noah|Chloe Anne|Zoë"),
    "FR": ("Dubois Lefèvre Moreau", "Élodie|Hugo|Jean-Luc|Camille"),
    "IN": ("Sharma Patel Iyer", "Aarav|Diya|Vihaan|Ananya"),
}  # fmt: skip
_FAMILIES, _BOUNDS = list(_KINH), list(accumulate(_KINH.values()))
_PARTS = {sex: [(middle.split(), given.split()) for middle, given in eras] for sex, eras in _ERAS.items()}


def of(rng: random.Random, sex: str, born: int, ethnic: int = 1) -> tuple[str, str]:
    """Family name, and middle with given name, as people of that sex, year of birth and ethnic group have them."""
    if ethnic == 12:
        # Ê-đê: Y before a man's name, H' before a woman's, the family last.
        first = "Y" if sex == "m" else "H'" + rng.choice(["Hen", "Ban", "Lim", "Duyên"])
        own = rng.choice(["Moan", "Blô", "Khang", "Thuyên"]) + " " if sex == "m" else ""
        return first, own + rng.choice(_OTHERS[12].split())
    middles, givens = _PARTS[sex][(born > 1989) + (born > 2004)]
    if ethnic in _SOUNDS:
        middle, given = (words.split() for words in _SOUNDS[ethnic])
        return rng.choice(_OTHERS[ethnic].split()), f"{rng.choice(middle)} {rng.choice(given)}"
    family = rng.choices(_FAMILIES, cum_weights=_BOUNDS)[0]
    return family, f"{rng.choice(middles)} {rng.choice(givens)}"


def foreign(rng: random.Random, nation: str) -> tuple[str, str]:
    """Family and given name of somebody from there, in Latin letters."""
    families, givens = _FOREIGN[nation]
    return rng.choice(families.split()), rng.choice(givens.split("|"))


NATIONS = tuple(_FOREIGN)
