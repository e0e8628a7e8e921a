"""A file is refused whatever it is called, with the letter's rule and a remedy in both languages; a service is not."""

import pytest

from edu_pipeline.sources.address import refusal

FILES = [
    "file:///srv/pupils.xlsx", "/srv/pupils.csv", "pupils.csv", r"C:\pupils\list.xlsx", "ftp://vendor.vn/out", "",
    "sftp://vendor.vn/out", "s3://bucket/out", "smb://host/share", "https://vendor.vn/pupils.xlsx", "https:///api",
    "https://vendor.vn/out/HocSinh.CSV?download=1", "http://127.0.0.1/pupils.zip", "https://[vendor",
]  # fmt: skip


@pytest.mark.parametrize("address", FILES)
def test_a_file_is_refused_with_the_letters_rule_and_what_to_do_instead(address):
    said = refusal(address)
    assert said is not None
    for part in ("is refused", "the letter", "section 1", "no raw files", "partner contract", "công văn", "Cách xử lý"):
        assert part in said


@pytest.mark.parametrize(
    "address", ["https://vendor.vn", "https://vendor.vn/api/v2.1", "http://127.0.0.1:8/partner/v0"]
)
def test_a_service_is_not(address):
    assert refusal(address) is None


def test_a_plain_connection_is_no_file_and_is_refused_as_what_it_is():
    said = refusal("http://vendor.vn/api")
    assert said is not None
    assert "https" in said
    assert "raw files" not in said
