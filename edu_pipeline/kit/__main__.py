"""`vendor-check URL`: the kit's own door.

address, token, unit -> findings -> text, or --json; 1 where something that must be is not

What does not belong here: a rule.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from edu_pipeline.kit.ask import NoAnswer, Vendor
from edu_pipeline.kit.rules import RULES, Finding, check

KIT_VERSION = "1"
_ABOUT = (
    "Does a school-management system keep the partner contract? It is asked with GET alone, for one unit; no value of a"
    " record is shown. / Hệ thống có đúng hợp đồng đối tác không? Chỉ đọc một đơn vị, không hiện dữ liệu."
)
_STATES = {True: "kept", False: "broken", None: "not said"}


def contract() -> dict[str, Any]:
    """The contract that comes with the kit."""
    said: dict[str, Any] = json.loads(files("edu_pipeline.kit").joinpath("contract.json").read_text(encoding="utf-8"))
    return said


def report(found: Sequence[Finding], known: dict[str, Any]) -> dict[str, Any]:
    """What was found, for a program: versions, sums by level, a row a rule and resource."""
    rows = [
        {"rule": f.rule, "resource": f.resource, "state": _STATES[f.is_kept], "said": f.said,
         "records": list(f.keys), **RULES[f.rule]} for f in found
    ]  # fmt: skip
    broken = {level: sum(f.is_kept is False and f.level == level for f in found) for level in ("must", "should", "may")}
    return {"kit": KIT_VERSION, "contract": known["info"]["version"], "broken": broken, "findings": rows}


def main(words: Sequence[str] | None = None) -> int:
    """Ask, print; 0 where everything that must be is, 1 where not, 2 where nobody answers."""
    parser = argparse.ArgumentParser(prog="vendor-check", description=_ABOUT)
    parser.add_argument("url", help="base address of the interface")
    parser.add_argument("--unit", required=True, help="sector code of a school that the token covers")
    parser.add_argument("--school-year", type=int, required=True, help="start year: 2024 is 2024-2025")
    parser.add_argument("--term", type=int, choices=(1, 2), default=1)
    parser.add_argument("--token-variable", default="VENDOR_TOKEN", help="environment variable that holds the token")
    parser.add_argument("--vi", action="store_true", help="rules in Vietnamese")
    parser.add_argument("--json", action="store_true", dest="as_json")
    said = parser.parse_args(words)
    token = os.environ.get(said.token_variable)
    if not token:
        parser.error(f"set the environment variable {said.token_variable} to the token")
    known = contract()
    scope = {"unit": said.unit, "school_year": said.school_year, "term": said.term}
    try:
        found = list(check(Vendor(said.url, token, scope), known))
    except NoAnswer as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 2
    told = report(found, known)
    if said.as_json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show(found, told, said.vi)
    return 1 if told["broken"]["must"] else 0


def _show(found: Sequence[Finding], told: dict[str, Any], is_vi: bool) -> None:
    for finding in sorted(found, key=lambda f: (f.is_kept is not False, ("must", "should", "may").index(f.level))):
        text = RULES[finding.rule]["vi" if is_vi else "en"]
        keys = f" [{' '.join(finding.keys)}]" if finding.is_kept is False and finding.keys else ""
        print(f"{_STATES[finding.is_kept]:<9}{finding.level:<7}{finding.resource:<13}{text}: {finding.said}{keys}")
    broken = ", ".join(f"{count} {level}" for level, count in told["broken"].items())
    print(f"\nkit {told['kit']}, contract {told['contract']}; broken: {broken}")


if __name__ == "__main__":
    sys.exit(main())
