"""Opens rendered pages in the browser without a server: every address is answered from the files on disk.

The answers carry the same content policy as the site, so a page that needs an inline style or script shows it here.
"""

from collections.abc import Callable
from mimetypes import guess_type
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route

HOST = "http://daylight.test"
POLICY = "; ".join(
    f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
Answer = Callable[[Route], None]


def static_file(path: str) -> Path | None:
    """Return the file behind a static address, from frontend/dist or an installed app."""
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    return Path(found) if found else None


def open_page(page: Page, html: str, path: str = "/", answers: dict[str, Answer] | None = None) -> None:
    """Show `html` at `path`; `answers` says what other paths reply. An unknown static file is a 404, as on the site."""
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}

    def reply(route: Route) -> None:
        asked = route.request.url.removeprefix(HOST).split("?")[0].split("#")[0]
        if answers and asked in answers:
            answers[asked](route)
        elif asked == path and route.request.method == "GET":
            route.fulfill(body=html, headers=headers)
        elif asked.startswith(settings.STATIC_URL) and (file := static_file(asked)):
            route.fulfill(body=file.read_bytes(), content_type=guess_type(file.name)[0] or "application/octet-stream")
        else:
            route.fulfill(status=404, body="not here")

    page.route(f"{HOST}/**", reply)
    page.goto(f"{HOST}{path}")
