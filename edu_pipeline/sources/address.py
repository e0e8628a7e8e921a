"""Which addresses a system may be read from: a service over https; never a file.

address -> why it is refused, in both languages, or None

What does not belong here: whether the system is approved (approval.py), asking it (landing).
"""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FILES = {".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".ods", ".xml", ".json", ".jsonl", ".txt", ".zip", ".gz", ".7z",
          ".rar", ".parquet", ".dbf", ".mdb", ".sql"}  # fmt: skip

_RULE = (
    "(the letter of September 2024, section 1: no raw files between systems, every system connects through the data "
    "axis). Remedy: give the address of the system's interface (https://...), or let the vendor serve the partner "
    "contract (docs/partner-contract.md) / "
    "(công văn tháng 9/2024, mục 1: không tải dữ liệu, nộp file dữ liệu thô; tất cả hệ thống đều phải kết nối qua Trục "
    "dữ liệu). Cách xử lý: ghi địa chỉ giao diện kết nối của hệ thống (https://...), hoặc yêu cầu nhà cung cấp kết nối "
    "theo hợp đồng đối tác"
)
_PLAIN = ("systems are read over https; plain http only on loopback. Remedy: give its https address / chỉ kết nối qua "
          "https. Cách xử lý: ghi địa chỉ https của hệ thống")  # fmt: skip


def refusal(address: str) -> str | None:
    """Why an address is refused: a file, a file server, a plain connection, a password; None for a service."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return f"no address is refused {_RULE}"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'no scheme'} is refused {_RULE}"
    if parts.scheme == "http" and host not in LOOPBACK:
        return f"http is refused: {_PLAIN}"
    if "@" in parts.netloc:
        return "a name or password in the address is refused; name a secret under auth instead"
    ending = PurePosixPath(parts.path).suffix.lower()
    if ending in _FILES:
        return f"a file ({ending}) is refused {_RULE}"
    return None if host else f"an address without a host is refused {_RULE}"


def origin(address: str) -> str:
    """scheme://host:port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
