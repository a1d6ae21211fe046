"""What every room's tests share: a database in a file, the cast of people, and a client for each role.

Alice is the volunteer whose letters the stories follow, Bob coordinates, and Charlie is a volunteer who must see
nothing of hers.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from tests import migrated
from tests.settings_apart import pytest_addoption, pytest_configure  # noqa: F401  hooks of pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from requests_app.people.models import Person

# Timing never fails a test: no deadline for one example. A property whose examples are slow to make is still told so.
hypothesis.settings.register_profile("daylight", deadline=None)
hypothesis.settings.load_profile("daylight")

# Playwright runs a loop in this thread, in which Django would refuse every query. The tests are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> None:
    """Keep SQLite's test database in a file: in memory, two threads never meet as two writers do.

    And give each thread one connection. Playwright runs a loop in the tests' thread and answers the browser in
    greenlets, each with a context of its own; Django takes that for asynchronous code and would open a connection for
    each context, which sees nothing of the test's transaction and which nobody closes.
    """
    connections._connections = threading.local()  # type: ignore[attr-defined]
    facts = connections["default"].settings_dict
    template = migrated.template(tmp_path_factory.getbasetemp().parent, facts) if IN_PARALLEL else ""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        facts.setdefault("TEST", {})["NAME"] = name
        if template:
            shutil.copy(template, name)
    else:
        # The threads of a live server end with their test, and nobody would close what they left open.
        facts["CONN_MAX_AGE"] = 0
        if template:
            facts.setdefault("TEST", {})["TEMPLATE"] = template
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let Django take the copied file for its test database; on PostgreSQL it makes its own from the template."""
    return IN_PARALLEL and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Begin without what lists keep of requests: another test's requests had the same numbers."""
    from requests_app.filing import recommending

    recommending.forget()


@pytest.fixture
def alice(db: None) -> Person:
    from tests.factories import PersonFactory

    return PersonFactory(handle="alice", roles=["volunteer"], legal_name="Alice Liddell", home_state="MD")


@pytest.fixture
def bob(db: None) -> Person:
    from tests.factories import PersonFactory

    return PersonFactory(handle="bob", roles=["coordinator"])


@pytest.fixture
def charlie(db: None) -> Person:
    from tests.factories import PersonFactory

    return PersonFactory(handle="charlie", roles=["volunteer"])


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def volunteer_client(alice: Person) -> Client:
    """Alice's browser."""
    return _client(alice)


@pytest.fixture
def stranger_client(charlie: Person) -> Client:
    """Charlie's browser: signed in, a volunteer, and nothing to do with Alice's letters."""
    return _client(charlie)


@pytest.fixture
def coordinator_client(bob: Person) -> Client:
    """Bob's browser."""
    return _client(bob)


@pytest.fixture
def reviewer_client(db: Any) -> Client:
    from tests.factories import PersonFactory

    return _client(PersonFactory(handle="rita", roles=["reviewer"]))


@pytest.fixture
def administrator_client(db: Any) -> Client:
    from tests.factories import PersonFactory

    return _client(PersonFactory(handle="ada", roles=["administrator"]))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Drive the system's Chromium."""
    return {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu", "--disable-quic"]}


@pytest.fixture
def passes_axe() -> Callable[[Page], None]:
    """Check the page as it stands against every axe rule."""
    from tests.axe import broken_rules

    def check(page: Page) -> None:
        assert broken_rules(page) == [], page.url

    return check


@pytest.fixture(scope="session")
def dist() -> Path:
    """The folder of the built styles and scripts, without which a browser shows nothing of the look."""
    folder = Path(settings.FRONTEND_DIR)
    assert (folder / "daylight.css").exists(), "frontend/dist is not built. Run: npm --prefix frontend run build"
    return folder


@pytest.fixture(scope="session", autouse=True)
def no_collected_static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """WhiteNoise warns of a missing folder; a fresh checkout has collected nothing yet."""
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
