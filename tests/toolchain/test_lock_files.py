"""Every package is pinned to one version and its hashes, and no lock file names where it comes from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK_FILES = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)(\[[a-z0-9,-]+\])?==[0-9][^ ;]*( ; [^\\]+)? \\$")


def entries(lock_file: Path) -> list[list[str]]:
    """Split a lock file into its entries: the line of the package, then the lines of its hashes."""
    found: list[list[str]] = []
    for line in lock_file.read_text().splitlines():
        if line.startswith(" "):
            found[-1].append(line)
        elif line and not line.startswith("#"):
            found.append([line])
    return found


def pinned_names(lock_file: str) -> set[str]:
    return {re.split(r"[=\[]", entry[0])[0] for entry in entries(ROOT / "requirements" / lock_file)}


def normalised(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


def test_the_lock_files_are_there():
    assert [path.name for path in LOCK_FILES] == ["development.txt", "node.txt", "production.txt"]


@pytest.mark.parametrize("lock_file", LOCK_FILES, ids=lambda path: path.name)
class TestEachLockFile:
    def test_pins_each_package_with_hashes(self, lock_file):
        found = entries(lock_file)
        assert found
        for package, *hashes in found:
            assert PINNED.match(package), package
            assert hashes, package
            for line in hashes:
                assert re.match(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", line), (package, line)

    def test_names_no_address(self, lock_file):
        assert not re.search(
            r"://|--(index-url|extra-index-url|find-links|trusted-host)|\bfile:|@ ", lock_file.read_text()
        )


def test_the_front_end_lock_file_names_no_address_to_fetch_from():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_everything_that_pyproject_asks_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {normalised(line) for line in project["project"]["dependencies"]} <= pinned_names("production.txt")
    assert {normalised(line) for line in project["dependency-groups"]["dev"]} <= pinned_names("development.txt")


def test_tests_run_on_the_very_versions_of_production():
    development = {entry[0] for entry in entries(ROOT / "requirements" / "development.txt")}
    assert {entry[0] for entry in entries(ROOT / "requirements" / "production.txt")} <= development
