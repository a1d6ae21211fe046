"""The look, in a real browser: axe, width, keyboard, and each behaviour of the script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.frontend.browser import HOST, open_page
from tests.frontend.gallery import DOORS, gallery_page, plain_page, template_page

pytestmark = [pytest.mark.browser, pytest.mark.same_everywhere]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


@pytest.mark.parametrize(
    ("size", "form"), [pytest.param(PHONE, "wrong", id="phone"), pytest.param(DESK, "empty", id="desk")]
)
def test_every_component_passes_axe_and_fits_its_window(
    loud_page: Page, passes_axe: Callable[[Page], None], size: dict[str, int], form: str
):
    loud_page.set_viewport_size(size)
    open_page(loud_page, gallery_page(form))
    loud_page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    passes_axe(loud_page)
    assert loud_page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert loud_page.locator("h1").count() == 1


def test_the_error_pages_pass_axe_and_fit_a_phone(loud_page: Page, passes_axe: Callable[[Page], None]):
    # They share one frame and differ in words, so the one with the most words speaks for all.
    loud_page.set_viewport_size(PHONE)
    open_page(loud_page, template_page("403_csrf.html"))
    passes_axe(loud_page)
    assert loud_page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_a_phone_the_doors_lie_at_the_bottom_and_cover_nothing(loud_page: Page):
    loud_page.set_viewport_size(PHONE)
    open_page(loud_page, gallery_page())
    bar = loud_page.locator(".dl-doors").bounding_box()
    assert bar and bar["y"] + bar["height"] == PHONE["height"]
    for link in loud_page.locator(".dl-doors__link").all():
        box = link.bounding_box()
        assert box and box["height"] >= 44
        assert box["width"] >= 44
    loud_page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    footer = loud_page.locator(".dl-footer").bounding_box()
    assert footer and footer["y"] + footer["height"] <= bar["y"] + 1


def test_on_a_desk_the_doors_stand_in_the_header(loud_page: Page):
    loud_page.set_viewport_size(DESK)
    open_page(loud_page, gallery_page())
    doors = loud_page.locator(".dl-doors").bounding_box()
    header = loud_page.locator(".dl-header").bounding_box()
    assert doors and header and doors["y"] + doors["height"] <= header["y"] + header["height"]


def test_the_first_tab_skips_to_the_page(loud_page: Page):
    open_page(loud_page, plain_page("<p>Words</p>", doors=DOORS))
    loud_page.keyboard.press("Tab")
    skip = loud_page.locator(".usa-skipnav")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    loud_page.keyboard.press("Enter")
    expect(loud_page.locator("#main")).to_be_focused()


def test_after_errors_the_focus_lands_on_the_summary_and_its_links_lead_to_the_fields(loud_page: Page):
    open_page(loud_page, gallery_page("wrong"))
    expect(loud_page.locator("[data-dl-error-summary]")).to_be_focused()
    loud_page.get_by_role("link", name="Reply address").click()
    expect(loud_page.locator("#id_email")).to_be_focused()
    loud_page.get_by_role("link", name="What to ask").click()
    expect(loud_page.locator("#id_kit_0")).to_be_focused()


def test_a_long_list_becomes_a_box_to_type_in_that_keeps_hint_and_label(loud_page: Page):
    open_page(loud_page, gallery_page())
    field = loud_page.get_by_role("combobox", name="Agency")
    expect(field).to_have_accessible_description("Type a part of the name.")
    field.fill("motor")
    field.press("ArrowDown")
    loud_page.keyboard.press("Enter")
    assert loud_page.locator("select[name=agency]").input_value() == "2"


def test_a_copy_button_copies_and_says_so(browser: Browser, dist: object):
    # Only a secure context may copy; the browser counts localhost as one, our made-up host not.
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    body = '<code id="ref">MD-2026-0007</code>{% include "components/copy_button.html" with target="ref" %}'
    html = plain_page(body)
    page.route("https://localhost/**", serve)
    page.route("https://localhost/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("https://localhost/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("#dl-live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "MD-2026-0007"
    context.close()


def serve(route: Route) -> None:
    """Answer a static address of any host from the disk."""
    from tests.frontend.browser import static_file

    file = static_file("/static/" + route.request.url.split("/static/")[-1])
    kind = "text/javascript" if file and file.suffix == ".js" else None
    route.fulfill(path=file, content_type=kind) if file else route.fulfill(status=404)


def test_the_time_to_undo_runs_out_before_the_eyes(loud_page: Page):
    body = (
        '<div data-dl-until="2026-02-06T14:10:00Z">'
        "<span data-dl-open><span hidden>Left: <b data-dl-left></b></span></span>"
        "<span data-dl-over hidden>The letter is on its way.</span>"
        "<form data-dl-open><button>Undo</button></form></div>"
    )
    loud_page.clock.install(time="2026-02-06T14:00:00Z")
    open_page(loud_page, plain_page(body))
    loud_page.clock.pause_at("2026-02-06T14:08:55Z")
    expect(loud_page.locator("[data-dl-left]")).to_have_text("1:05")
    loud_page.clock.run_for(5_000)
    expect(loud_page.locator("[data-dl-left]")).to_have_text("1:00")
    loud_page.clock.run_for(61_000)
    expect(loud_page.get_by_text("The letter is on its way.").first).to_be_visible()
    expect(loud_page.get_by_role("button", name="Undo")).to_be_hidden()
    expect(loud_page.locator("#dl-live")).to_have_text("The letter is on its way.")


def test_a_second_click_sends_nothing_twice(loud_page: Page):
    open_page(loud_page, plain_page('<form method="post" action="/send/"><button type="submit">Send</button></form>'))
    went = loud_page.evaluate(
        """() => {
            let went = 0;
            // Last in line: counts what would have been sent, and stays on the page.
            window.addEventListener("submit", (event) => {
                if (!event.defaultPrevented) went += 1;
                event.preventDefault();
            });
            const send = document.querySelector("form button");
            send.click();
            send.click();
            return went;
        }"""
    )
    assert went == 1
    expect(loud_page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")


def test_a_second_click_on_an_htmx_form_sends_nothing_twice_and_the_form_is_free_again_after(loud_page: Page):
    sent: list[str] = []

    def answer(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(body="<p>Done.</p>", content_type="text/html")

    body = '<form hx-post="/send/" hx-target="#place" method="post"><button>Send</button></form><div id="place"></div>'
    open_page(loud_page, plain_page(body), answers={"/send/": answer})
    loud_page.evaluate("() => { const send = document.querySelector('form button'); send.click(); send.click(); }")
    expect(loud_page.get_by_text("Done.")).to_be_visible()
    loud_page.wait_for_timeout(100)
    assert sent == ["POST"]
    loud_page.get_by_role("button", name="Send").click()
    loud_page.wait_for_timeout(100)
    assert sent == ["POST", "POST"]


# --- Files --------------------------------------------------------------------------------------------------------

UPLOAD = """
<form method="post" action="/upload/" enctype="multipart/form-data" data-dl-upload>
  {{ form.files.as_field_group }}
  {% include "components/upload_progress.html" %}
  <button class="usa-button" type="submit">Send the files</button>
</form>
"""


def open_upload(page: Page, answer: Callable[[Route], None]) -> None:
    from tests.frontend.gallery import a_form

    open_page(page, plain_page(UPLOAD, form=a_form("empty")), answers={"/upload/": answer})


def choose(page: Page, *names: str) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": b"words " * 300} for name in names]
    )


def test_files_travel_with_progress_and_the_answer_takes_the_pages_place(loud_page: Page):
    bodies: list[bytes] = []

    def answer(route: Route) -> None:
        bodies.append(route.request.post_data_buffer or b"")
        route.fulfill(body=plain_page("<p>Two files are stored.</p>"), content_type="text/html")

    open_upload(loud_page, answer)
    choose(loud_page, "a.txt", "b.txt")
    expect(loud_page.locator("[data-dl-drop-files] li")).to_have_count(2)
    expect(loud_page.locator("[data-dl-drop-files]")).to_contain_text("1.8 KB: too large to send")
    loud_page.get_by_role("button", name="Send the files").click()
    expect(loud_page.get_by_text("Two files are stored.")).to_be_visible()
    expect(loud_page.locator("#main")).to_be_focused()
    assert loud_page.url == f"{HOST}/upload/"
    assert bodies[0].count(b"filename=") == 2


def test_a_broken_upload_says_what_is_safe_and_lets_the_person_try_again(page: Page, dist: object):
    answers: list[str] = []

    def answer(route: Route) -> None:
        answers.append("asked")
        if len(answers) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(body=plain_page("<p>Stored.</p>"), content_type="text/html")

    open_upload(page, answer)
    choose(page, "a.txt")
    page.get_by_role("button", name="Send the files").click()
    expect(page.locator("[data-dl-progress-words]")).to_contain_text("nothing was stored")
    page.get_by_role("button", name="Send the files").click()
    expect(page.get_by_text("Stored.", exact=True)).to_be_visible()


def test_a_refused_upload_shows_the_servers_own_words(page: Page, dist: object):
    open_upload(page, lambda route: route.fulfill(status=413, body=template_page("413.html"), content_type="text/html"))
    choose(page, "a.txt")
    page.get_by_role("button", name="Send the files").click()
    expect(page.get_by_role("heading", name="The files are too large")).to_be_visible()


def test_a_dropped_file_joins_the_form(loud_page: Page):
    open_upload(loud_page, lambda route: route.abort())
    loud_page.locator("[data-dl-drop]").evaluate(
        """box => {
            const carried = new DataTransfer();
            carried.items.add(new File(["words"], "dropped.txt"));
            box.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        }"""
    )
    expect(loud_page.locator("[data-dl-drop-files]")).to_contain_text("dropped.txt")
    assert loud_page.locator("input[type=file]").evaluate("input => input.files.length") == 1


# --- htmx ---------------------------------------------------------------------------------------------------------

SWAP = """
<button hx-get="/part/" hx-target="#part">Refresh</button>
<div id="part"><p>Old words</p></div>
"""


def test_a_swapped_region_announces_itself_and_its_parts_wake_up(loud_page: Page):
    part = (
        '<p data-dl-announce="Receipt recorded.">New words</p><label for="id_x">Pick</label>'
        '<select id="id_x" name="x" data-dl-combo><option value="1">One</option></select>'
    )
    open_page(
        loud_page,
        plain_page(SWAP),
        answers={"/part/": lambda route: route.fulfill(body=part, content_type="text/html")},
    )
    loud_page.get_by_role("button", name="Refresh").click()
    expect(loud_page.get_by_text("New words")).to_be_visible()
    expect(loud_page.locator("#dl-live")).to_have_text("Receipt recorded.")
    expect(loud_page.get_by_role("combobox", name="Pick")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(lambda route: route.abort("connectionrefused"), "could not be reached", id="offline"),
        pytest.param(lambda route: route.fulfill(status=500, body="broken"), "could not do this", id="refused"),
    ],
)
def test_a_failed_swap_says_what_is_safe_and_takes_the_focus(
    page: Page, dist: object, answer: Callable[[Route], None], says: str
):
    open_page(page, plain_page(SWAP), answers={"/part/": answer})
    page.get_by_role("button", name="Refresh").click()
    trouble = page.get_by_role("alert").filter(has_text=says)
    expect(trouble).to_contain_text("nothing was changed")
    expect(page.locator("#dl-trouble > div")).to_be_focused()
    expect(page.get_by_text("Old words")).to_be_visible()


# --- Folds, print, no script --------------------------------------------------------------------------------------


def test_a_link_to_something_in_a_fold_opens_the_fold(loud_page: Page):
    body = '<p><a href="#deep">Go</a></p><details><summary>More</summary><p id="deep">Deep words</p></details>'
    open_page(loud_page, plain_page(body))
    loud_page.get_by_role("link", name="Go").click()
    expect(loud_page.get_by_text("Deep words")).to_be_visible()


def test_on_paper_the_shell_is_gone_and_every_trace_is_open(loud_page: Page):
    open_page(loud_page, gallery_page())
    loud_page.emulate_media(media="print")
    expect(loud_page.locator(".dl-header")).to_be_hidden()
    expect(loud_page.locator(".dl-doors")).to_be_hidden()
    loud_page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for trace in loud_page.locator(".dl-trace").all():
        expect(trace).to_be_visible()


def test_without_the_script_nothing_useless_is_shown(browser: Browser, dist: object):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_page(page, gallery_page())
    expect(page.get_by_role("button", name="Copy the reference")).to_have_count(0)
    expect(page.get_by_text("Drop files here")).to_be_hidden()
    expect(page.locator("[data-dl-progress]")).to_be_hidden()
    expect(page.locator("select[name=agency]")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    context.close()
