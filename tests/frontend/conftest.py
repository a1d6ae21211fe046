"""What the tests of the look share: the system's Chromium, and addresses that do not wait for the rooms."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

# Playwright runs a loop in this thread, in which Django would refuse every query. The tests are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def shell_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.frontend.urls"
    settings.WHITENOISE_AUTOREFRESH = True  # else it warns that nothing has been collected yet


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def dist() -> Path:
    folder = Path(settings.FRONTEND_DIR)
    assert (folder / "daylight.css").exists(), "frontend/dist is not built. Run: npm --prefix frontend run build"
    return folder


@pytest.fixture
def loud_page(page: Page, dist: Path) -> Iterator[Page]:
    """A page that fails its test when the browser complains: a refused style, a missing file, a script error."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def passes_axe() -> Callable[[Page], None]:
    """Check the page as it stands against every axe rule."""

    def check(page: Page) -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check
