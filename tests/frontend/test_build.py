"""What the build leaves in frontend/dist is whole and light."""

import json
import re
from pathlib import Path

from django.conf import settings

FRONTEND = Path(settings.ROOT) / "frontend"


def test_the_style_sheet_is_within_its_budget(dist: Path):
    assert (dist / "daylight.css").stat().st_size < 250 * 1024


def test_every_file_that_the_style_sheet_names_is_there(dist: Path):
    named = set(re.findall(r"url\([\"']?([^\"')#?]+)", (dist / "daylight.css").read_text()))
    files = {name for name in named if not name.startswith("data:")}
    assert len(files) > 10
    assert {name for name in files if not (dist / name).is_file()} == set()


def test_nothing_comes_from_another_host(dist: Path):
    for name in ("daylight.css", "daylight.js"):
        addresses = set(re.findall(r"https?://[\w.-]+", (dist / name).read_text()))
        assert addresses - {"http://www.w3.org", "https://github.com", "https://designsystem.digital.gov"} == set()


def test_the_lock_file_holds_hashes_and_no_download_addresses():
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert len(packages) > 10
    assert all(package.get("integrity") for package in packages)
    assert not any("resolved" in package for package in packages)


def test_versions_are_exact():
    package = json.loads((FRONTEND / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
