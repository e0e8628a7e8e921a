"""Where people live and units stand: real wards of the city, as called before and after 1 July 2025.

district, who -> Address -> its codes on a day

What does not belong here: the full lists of places (the pipeline's), and conversion of other wards than these.
Source: QD 124/2004/QD-TTg and QD 19/2025/QD-TTg; wards that were divided among several are left out (domain.md 9).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from edu_pipeline.sandbox.clock import REFORM
from edu_pipeline.sandbox.lot import lot, pick

CITY = "79"
# District code: its wards as `until 30 June 2025:since 1 July 2025`.
_WARDS = {
    "760": "26734:26737 26740:26740 26743:26743 26749:26743 26755:26758 26758:26758 26761:26758",
    "761": "26764:26773 26770:26782 26776:26785 26782:26782",
    "764": "26872:26878 26875:26884 26876:26876 26878:26878 26881:26882 26882:26882 26884:26884 26887:26876 26890:26890"
    " 26898:26898 26899:26898 26902:26890",
    "765": "26905:26905 26908:26905 26911:26911 26914:26929 26917:26929 26920:26956 26923:26905 26926:26944 26929:26929"
    " 26941:26944 26944:26944 26950:26944 26953:26956 26956:26956 26962:26911",
    "766": "26965:26977 26974:27004 26983:26983 26992:26983",
    "767": "27010:27019 27013:27013 27025:27022 27028:27028",
    "768": "27043:27043 27049:27043 27058:27058 27064:27073",
    "769": "26794:26800 26815:26824 26845:26842 26866:26860",
    "770": "27127:27142 27130:27142 27133:27142 27139:27139 27142:27142 27151:27154 27154:27154 27157:27154"
    " 27160:27154",
    "771": "27163:27163 27172:27163 27181:27190 27187:27169",
    "772": "27208:27226 27214:27211 27226:27226 27238:27238",
    "773": "27259:27259 27265:27265 27271:27265 27277:27259",
    "774": "27301:27301 27307:27301 27316:27316 27328:27343",
    "775": "27346:27349 27352:27367 27364:27364 27373:27373",
    "776": "27397:27418 27403:27418 27409:27418 27415:27427",
    "777": "27436:27439 27442:27442 27445:27448 27451:27460",
    "778": "27466:27478 27472:27475 27478:27478 27484:27484",
    "783": "27496:27496 27499:27508 27502:27508 27505:27526 27508:27508 27511:27511 27514:27511 27517:27541 27520:27511"
    " 27523:27544 27526:27526 27529:27496 27532:27496 27535:27553 27538:27526 27541:27541 27544:27544 27547:27541"
    " 27550:27544 27553:27553 27556:27553",
    "784": "27559:27559 27568:27568 27577:27577 27586:27592",
    "785": "27595:27595 27607:27610 27619:27619 27631:27628",
    "786": "27643:27655 27646:27655 27649:27655 27652:27658",
    "787": "27664:27664 27667:27667 27670:27667 27676:27676",
}  # fmt: skip
DISTRICTS = tuple(_WARDS)
# Rural districts; Can Gio had communes of special difficulty.
RURAL, DIFFICULT = frozenset({"783", "784", "785", "786", "787"}), frozenset({"787"})
# Invented house numbers; streets that nearly every town of the country has.
_STREETS = ("Lê Lợi", "Trần Hưng Đạo", "Nguyễn Huệ", "Hai Bà Trưng", "Nguyễn Trãi", "Lý Thường Kiệt", "Quang Trung",
            "Phan Chu Trinh", "Nguyễn Du", "Hùng Vương", "Tỉnh lộ 8", "Lê Hồng Phong")  # fmt: skip


@dataclass(frozen=True)
class Address:
    """A house in a ward. `ward` and `district` by the list until 30 June 2025, `ward_now` by the one since."""

    street: str
    ward: str
    ward_now: str
    district: str

    def codes(self, day: dt.date) -> tuple[str, str | None, str]:
        """Province, district and ward as told on a day; there are no districts since the reform."""
        return (CITY, None, self.ward_now) if day >= REFORM else (CITY, self.district, self.ward)


@cache
def _wards(district: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split(":") for pair in _WARDS[district].split())
    return tuple((old, new) for old, new in pairs)


def address(who: str, topic: str, district: str) -> Address:
    """Somebody's address in a district; for one that is no district of the city, in some district."""
    place = district if district in _WARDS else pick(who, f"{topic} district", DISTRICTS)
    ward, now = pick(who, f"{topic} ward", _wards(place))
    street = pick(who, f"{topic} street", _STREETS)
    return Address(f"{lot(who, f'{topic} number', 300) + 1} {street}", ward, now, place)
