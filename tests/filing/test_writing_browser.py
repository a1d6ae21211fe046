"""The letter editor in a real browser: kept while one writes, blocks moved and added in place, law behind a lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from requests_app.filing import services
from requests_app.filing.composing import Sender
from requests_app.kits.composer import compose
from requests_app.kits.letters import Letter
from tests.factories import NOON, AgencyFactory, ContactPointFactory, DraftFactory, PersonFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_filer_rewords_a_letter(
    live_server: Any,
    page: Page,
    dist: Path,
    passes_axe: Callable[[Page], None],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def composed(*args: Any, **kwargs: Any) -> Letter:
        made = compose(*args, **kwargs)
        sections = [replace(s, parts=tuple(replace(p, legal=s.key == "time") for p in s.parts)) for s in made.sections]
        return replace(made, sections=tuple(sections))

    monkeypatch.setattr("requests_app.filing.composing.compose", composed)
    settings.WHITENOISE_AUTOREFRESH = True
    alice = PersonFactory(handle="alice")
    draft = DraftFactory(filer=alice, kit_id="K1")
    contact = ContactPointFactory(agency=AgencyFactory())
    draft.targets.create(agency=contact.agency, delivery="email", contact_point=contact)
    services.save_draft(draft.pk, choices={"requester_name": "Alice", "standing": "resident"}, now=NOON)
    client = Client()
    client.force_login(alice)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def wording() -> tuple[str, ...]:
        draft.refresh_from_db()
        plan = services.plan_for(draft)
        assert plan is not None
        return plan.letters(Sender("", "a@b.example"), NOON)[0].paragraphs()

    page.goto(live_server.url + reverse("filing:draft-write", args=[draft.pk, contact.agency_id]))
    page.locator("[id='t-clarification.0']").fill("Please call {me}.")
    expect(page.locator("#letter-saved")).to_contain_text("Saved ")
    assert wording()[-1] == "Please call {me}."

    page.locator("[id='b-records.0.0'] summary").click()
    page.locator("[id='b-records.0.0']").get_by_role("button", name="Add a numbered item below").click()
    added = page.locator("[id='t-new.1']")
    expect(added).to_be_focused()
    added.fill("The manual of the log.")
    expect(page.locator("#letter-saved")).to_contain_text("Saved ")
    page.locator("[id='b-new.1'] summary").click()
    page.locator("[id='b-new.1']").get_by_role("button", name="Up").click()
    expect(page.locator(".dl-block--item").first).to_have_id("b-new.1")

    law = page.locator("[id='b-time.0']")
    law.locator("summary").click()
    law.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("group", name="This is not kept yet")).to_contain_text("Write down why")
    law.get_by_label("Why must it be changed?").fill("Amended in October.")
    law.get_by_role("button", name="Unlock").click()
    expect(page.locator("textarea[id='t-time.0']")).to_be_focused()
    page.locator("textarea[id='t-time.0']").fill("Seven days.")

    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        passes_axe(page)
    expect(page.locator("#letter-saved")).to_contain_text("Saved ")
    page.wait_for_timeout(1700)  # longer than the editor waits before it keeps what was typed
    page.get_by_role("button", name="Keep this wording").click()
    expect(page.get_by_text("Your wording is kept.")).to_be_visible()
    said = wording()
    assert "Seven days." in said
    assert said[1] == "The manual of the log."
    assert complaints == []
