"""What the tests of the look share: a page that complains, and addresses that do not wait for the rooms."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.fixture(autouse=True)
def shell_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.frontend.urls"


@pytest.fixture
def loud_page(page: Page, dist: Path) -> Iterator[Page]:
    """A page that fails its test when the browser complains: a refused style, a missing file, a script error."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
