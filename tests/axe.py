"""What axe, the accessibility checker, has against a page as it stands in the browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()


def broken_rules(page: Page) -> list[str]:
    """Return each rule that the page breaks, with what it asks for and the first parts of the page that break it."""
    # Details of what passed are of no use, and take axe as long as the rest.
    broken = _AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"axe: {rule['id']} ({rule['help']}) {[node['target'] for node in rule['nodes']][:3]}" for rule in broken]
