from __future__ import annotations
import pytest
from django.urls import reverse
from requests_app.correspondence import readdressing
from requests_app.correspondence.incoming.models import RetypedToken
from tests.axe import broken_rules
from tests.factories import NOON
from tests.test_every_page import contexts, signed_in
from tests.test_permissions import house
from tests.correspondence.incoming.kept import a_message
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

def test_shots(house, browser, live_server, dist, tmp_path):
    context = signed_in(browser, live_server.url, "coordinator", house)
    page = context.new_page()
    bob = house.people["coordinator"]
    asked = house.records_request
    type(asked).objects.filter(pk=asked.pk).update(status="sent")
    readdressing.give_new_address(asked.pk, why="It stood on a public page of the county.", seen=0, by=bob, now=NOON)
    message = a_message(to=[{"address": "records+md-2026-007@localhost", "name": ""}], on=[asked])
    (tmp_path / "a.eml").write_bytes(b"Subject: x\n\ny")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-")
    places = {"address": reverse("correspondence:reply-address", args=[asked.reference]), "upload": "/mail/upload/", "corrections": "/mail/corrections/", "message": f"/mail/{message.pk}/", "mail": "/mail/", "letter": reverse("filing:letter", args=[asked.reference])}
    for name, where in places.items():
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(where)
            if name == "upload":
                page.set_input_files("input[type=file]", [str(tmp_path / "a.eml"), str(tmp_path / "b.pdf")])
                page.get_by_role("button", name="Hand in").click()
                page.get_by_text("What became of your files").wait_for()
            page.screenshot(path=f"/tmp/ways-{name}-{width}.png", full_page=True)
            print(name, width, broken_rules(page), page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
