"""A page from a stranger is shown without rights: cleaned, in a frame of its own, seen to be harmless in Chromium."""

from __future__ import annotations

import http.server
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page

from requests_app.correspondence.incoming import html_view, services
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.pictures import MOST_DOTS, drawn_anew, pictures_of
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.safe_html import MOST_CHARACTERS, TAGS, safe_page
from requests_app.correspondence.parsing import Attachment
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.correspondence.incoming.hostile_html import HOSTILE, SERVER
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.parsing.builders import part, whole
from tests.factories import NOON

RIGHTS = {
    "align",
    "alt",
    "class",
    "colspan",
    "dir",
    "height",
    "lang",
    "rowspan",
    "src",
    "start",
    "style",
    "valign",
    "width",
}


class _Acts(HTMLParser):
    """Collects whatever stands in a page that is not on the list of what may."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS | {"img"}:
            self.found.append(tag)
        for name, value in attrs:
            said = value or ""
            if (
                name not in RIGHTS
                or (name == "src" and not (tag == "img" and said.startswith("data:image/png;base64,")))
                or (name == "class" and said not in ("link", "target", "gone"))
                or (name == "style" and re.search(r"[(@\\]|position|display", said))
            ):
                self.found.append((tag, name, value))

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def what_acts(body: str) -> list[object]:
    looked = _Acts()
    looked.feed(body)
    looked.close()
    return looked.found


def a_picture(kind: str = "PNG", size: tuple[int, int] = (8, 8), **facts: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind, **facts)
    return file.getvalue()


def shown(html: str, pictures: dict[str, bytes] | None = None) -> str:
    return safe_page(html, pictures or {}).body


# --- cleaning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "html"), [pytest.param(*case, id=case[0]) for case in HOSTILE.items()])
def test_nothing_that_acts_or_loads_is_left(name: str, html: str):
    assert what_acts(shown(html)) == []
    assert what_acts(html) or name in ("mutation-comment", "our-own-classes", "broken-out", "zero-bytes")


@given(
    st.lists(
        st.one_of(
            st.sampled_from([piece for html in HOSTILE.values() for piece in re.findall(r"<[^>]*>?|[^<]+", html)]),
            st.text(max_size=8),
        ),
        max_size=12,
    )
)
@hypothesis_settings(max_examples=150)
def test_no_mixture_of_them_leaves_anything_that_acts(pieces: list[str]):
    page = safe_page("".join(pieces), {})
    assert what_acts(page.body) == []
    assert safe_page(page.body, {}).links == ()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<b>Granted</b> in <i>part</i>", "<b>Granted</b> in <i>part</i>", id="emphasis"),
        pytest.param('<p style="COLOR: red; font-size:1px">x</p>', "<p>x</p>", id="red-is-too-light-to-read"),
        pytest.param('<p style="color:#c00000">x</p>', '<p style="color:#c00000;">x</p>', id="an-answer-in-dark-red"),
        pytest.param('<font color="blue">x</font>', '<font style="color:#0000ff;">x</font>', id="font-colour"),
        pytest.param('<p style="color:rgb(0, 0, 139)">x</p>', '<p style="color:#00008b;">x</p>', id="as-numbers"),
        pytest.param('<p style="color:white;display:none">x</p>', "<p>x</p>", id="what-was-hidden-is-seen"),
        pytest.param('<p style="color:rgb(0,0,999)">x</p>', "<p>x</p>", id="no-colour"),
        pytest.param('<p style="text-align:center!important">x</p>', '<p style="text-align:center;">x</p>', id="place"),
        pytest.param('<td colspan="2" rowspan="9999">x</td>', "x", id="a-cell-without-a-table"),
        pytest.param('<p dir="rtl" lang="ar" align="right">x</p>', None, id="direction"),
        pytest.param('<a href="https://a.example/x">https://a.example/x</a>',
                     '<span class="link">https://a.example/x</span>', id="a-link-that-says-where"),
        pytest.param('<a href="https://a.example/x">the portal</a>',
                     '<span class="link">the portal <span class="target">&lt;https://a.example/x&gt;</span></span>',
                     id="a-link-says-where-it-leads"),
        pytest.param('<a href="javascript:x">words</a>', '<span class="link">words</span>', id="a-link-to-nowhere"),
        pytest.param('<img src="http://x.example/a.png" alt="Seal of &lt;b&gt; Ohio">',
                     '<span class="gone">[Seal of &lt;b&gt; Ohio]</span>', id="a-picture-from-elsewhere-has-its-words"),
        pytest.param("a\u202eb\u200bc", "abc", id="turned-letters"),
    ],
)  # fmt: skip
def test_what_is_shown(html: str, expected: str | None):
    body = shown(html)
    if expected is None:
        assert all(words in body for words in ('dir="rtl"', 'lang="ar"', 'align="right"'))
    else:
        assert body == expected


@pytest.mark.parametrize(
    ("words", "target", "otherwise"),
    [
        ("the portal", "https://evil.example/", False),
        ("agency.example", "https://evil.example/", True),
        ("https://www.agency.example/x", "https://agency.example/y", False),
        ("https://agency.example", "https://agency.example.evil.example/", True),
        ("https://agency.example", "https://agency.example@evil.example/", True),
        ("see 3.5 above", "https://evil.example/", False),
        ("agency.example", "http://[bad", True),
    ],
)
def test_a_link_whose_words_name_another_site_says_so(words: str, target: str, otherwise: bool):
    (link,) = safe_page(f'<a href="{target}">{words}</a>', {}).links or (None,)
    if target == "http://[bad":
        assert link is None or link.says_otherwise
    else:
        assert link is not None and (link.words, link.target, link.says_otherwise) == (words, target, otherwise)


def test_a_host_in_foreign_letters_is_shown_as_it_is_looked_up():
    (link,) = safe_page('<a href="https://\u0430\u0440\u0440le.example/x">apple.example</a>', {}).links
    assert link.target == "https://xn--le-6kc1a0c.example/x".replace("xn--le-6kc1a0c", link.target[8:].split(".")[0])
    assert link.target.isascii() and "xn--" in link.target and link.says_otherwise


def test_what_was_not_loaded_is_counted():
    assert safe_page(HOSTILE["tracking-pixel"], {}).not_loaded == 1
    assert safe_page(HOSTILE["style-url"], {}).not_loaded == 3
    assert safe_page("<p>Plain</p>", {}).not_loaded == 0


def test_a_picture_of_the_mail_itself_is_inside_the_page():
    page = safe_page('<img src="cid:seal%40x" width="40" onload="alert(1)"><img src="cid:none">', {"seal@x": b"png"})
    assert page.body == '<img src="data:image/png;base64,cG5n" alt="" width="40">'
    assert (page.pictures, page.not_loaded) == (1, 1)


def test_a_page_of_any_length_is_cut():
    page = safe_page("<p>x</p>" * (MOST_CHARACTERS // 4), {})
    assert page.is_cut and len(page.body) <= MOST_CHARACTERS


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_picture_is_drawn_anew_without_what_else_was_in_its_file(kind: str):
    raw = a_picture(kind, **({"comment": b"secret"} if kind != "PNG" else {})) + b"<script>secret</script>"
    drawn = drawn_anew(raw)
    assert drawn.startswith(b"\x89PNG") and b"secret" not in drawn


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg onload='alert(1)'/>", id="drawing-with-script"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, id="broken"),
        pytest.param(a_picture(size=(MOST_DOTS // 1000 + 1, 1000)), id="too-many-dots"),
        pytest.param(a_picture("BMP"), id="another-kind"),
        pytest.param(a_picture()[:30], id="cut-off"),
    ],
)
def test_what_is_no_picture_for_a_page_is_left_out(content: bytes):
    assert drawn_anew(content) == b""


def test_pictures_are_named_by_their_content_id_the_first_of_a_name_counts():
    files = [Attachment("a", "image/png", a_picture(), content_id=name) for name in ("<one@x>", "one@x", "", "two")]
    assert list(pictures_of(files)) == ["one@x", "two"]


# --- the process apart ------------------------------------------------------------------------------------------------


def page_mail(html: str, picture: bytes = b"") -> bytes:
    inside = (
        part("image/png", picture, "Content-ID: <seal@x>", encoding="base64") if picture else part("text/plain", b"-")
    )
    return whole("related", part("text/html; charset=utf-8", html.encode()), inside)


@pytest.mark.processes
def test_the_process_apart_makes_the_page(reader: Reader, tmp_path: Path):
    path = tmp_path / "mail.eml"
    path.write_bytes(page_mail("<script>1</script><b>Seal</b><img src='cid:seal@x'>", a_picture()))
    page = reader.page(path)
    assert page.body.startswith('<b>Seal</b><img src="data:image/png') and page.pictures == 1


@pytest.mark.processes
def test_a_page_that_takes_too_long_is_not_waited_for(tmp_path: Path):
    path = tmp_path / "mail.eml"
    path.write_bytes(page_mail("<div>" * 190_000))
    with Reader(seconds=2) as reader, pytest.raises(NotRead):
        reader.page(path)


# --- on the screen ----------------------------------------------------------------------------------------------------


def a_page(letter: RecordsRequest, html: str, **facts: Any) -> IncomingMessage:
    raw = services.take_in([page_mail(html, a_picture())], way="lmtp", now=NOON)
    found = a_message(on=[letter], state="filed", html=html, **facts)
    old = found.raw_id
    IncomingMessage.objects.filter(pk=found.pk).update(raw=raw)
    RawMail.objects.filter(pk=raw.pk).update(message=found, state="processed")
    RawMail.objects.filter(pk=old).update(message=None)
    found.refresh_from_db()
    return found


def url(name: str, message: IncomingMessage) -> str:
    return reverse(f"correspondence:message-{name}", args=[message.pk])


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
class TestTheFrame:
    def test_it_has_a_policy_of_its_own_under_which_nothing_loads_and_nothing_runs(
        self, letter: RecordsRequest, coordinator_client: Client
    ):
        response = coordinator_client.get(url("frame", a_page(letter, "<b>Granted</b><script>x</script>")))
        assert response.status_code == 200 and "<b>Granted</b>" in response.content.decode()
        policy = response.headers["Content-Security-Policy"]
        assert policy == html_view.FRAME_POLICY and policy.startswith("sandbox; default-src 'none'; ")
        assert (
            "script" not in policy and "http" not in policy and "'self'" not in policy.replace("ancestors 'self'", "")
        )
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "<script" not in response.content.decode()

    def test_the_page_around_it_gives_the_frame_no_right(self, letter: RecordsRequest, coordinator_client: Client):
        message = a_page(letter, "<b>Granted</b>")
        html = coordinator_client.get(url("formatted", message)).content.decode()
        frame = re.search(r"<iframe [^>]*>", html)
        assert frame and f'src="{url("frame", message)}"' in frame[0]
        assert re.search(r' sandbox(?:=""|[ >])', frame[0]) and "allow-" not in frame[0]

    def test_text_stays_what_is_shown_first(self, letter: RecordsRequest, coordinator_client: Client):
        message = a_page(letter, "<b>Granted</b>", text="Granted as text")
        html = coordinator_client.get(reverse("correspondence:message", args=[message.pk])).content.decode()
        assert "Granted as text" in html and "<iframe" not in html and url("formatted", message) in html

    def test_a_message_without_a_page_has_no_frame(self, letter: RecordsRequest, coordinator_client: Client):
        message = a_message(on=[letter], state="filed")
        assert coordinator_client.get(url("frame", message)).status_code == 404
        assert coordinator_client.get(url("formatted", message)).status_code == 404

    def test_who_may_not_read_the_message_gets_neither(self, letter: RecordsRequest, coordinator_client: Client):
        message = a_page(letter, "<b>x</b>")
        IncomingMessage.objects.filter(pk=message.pk).update(state="triage", triage_reason="quarantined")
        volunteer = Client()
        volunteer.force_login(letter.filer, backend=project.AUTHENTICATION_BACKENDS[0])
        for name in ("frame", "formatted"):
            assert volunteer.get(url(name, message)).status_code in (302, 404)

    def test_a_mail_whose_bytes_are_gone_says_so(
        self, letter: RecordsRequest, coordinator_client: Client, store: Store
    ):
        message = a_page(letter, "<b>Granted</b>")
        store.path(message.raw_id).unlink()
        html = coordinator_client.get(url("frame", message)).content.decode()
        assert "This page cannot be shown" in html and "Granted" not in html

    def test_a_page_that_cannot_be_read_says_so(
        self, letter: RecordsRequest, coordinator_client: Client, monkeypatch: pytest.MonkeyPatch
    ):
        def fails(self: Reader, path: Path) -> Any:
            raise NotRead("too_long")

        monkeypatch.setattr(Reader, "page", fails)
        message = a_page(letter, "<b>Granted</b>")
        assert "This page cannot be shown" in coordinator_client.get(url("frame", message)).content.decode()


# --- in a real browser ------------------------------------------------------------------------------------------------


@contextmanager
def their_server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes every address that is asked of it."""
    asked: list[str] = []

    class Notes(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def poke(page: Page) -> None:
    """Do what a curious reader does: click on everything in the frame."""
    frame = page.frames[1]
    for words in ("Click", "Words", "Sign in", "again", "https://", "there"):
        for found in frame.get_by_text(words).all()[:3]:
            found.click(force=True, timeout=2_000, no_wait_after=True)


@pytest.mark.browser
@pytest.mark.same_everywhere
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("store")
def test_in_a_browser_no_request_leaves_no_script_runs_and_the_page_around_stays(
    letter: RecordsRequest, coordinator_client: Client, live_server: Any, page: Page, monkeypatch: pytest.MonkeyPatch
):
    session = coordinator_client.cookies[project.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    dialogs: list[str] = []
    elsewhere: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda sent: elsewhere.append(sent.url) if not sent.url.startswith(live_server.url) else None)
    with their_server() as (address, asked), Reader() as reader:
        # One process for all of them: starting it takes longer than a page.
        monkeypatch.setattr(html_view, "Reader", lambda **_facts: _kept_open(reader))
        for name, html in HOSTILE.items():
            message = a_page(letter, html.replace(SERVER, address))
            page.goto(live_server.url + url("formatted", message))
            page.evaluate("document.body.dataset.mark = 'ours'")
            page.frames[1].wait_for_load_state("load")
            poke(page)
            assert page.url == live_server.url + url("formatted", message), name
            assert page.evaluate("document.body.dataset.mark") == "ours", name
            assert page.frames[1].url == live_server.url + url("frame", message), name
            assert len(page.context.pages) == 1 and len(page.frames) == 2, name
            inside = page.frames[1].content()
            assert not re.search(r"<script|<form|<a |<iframe| on\w+=", inside), name
            assert (asked, dialogs) == ([], []), name
            sent = [one for one in elsewhere if not one.startswith("data:image/png")]
            assert sent == [], name


@contextmanager
def _kept_open(reader: Reader) -> Iterator[Reader]:
    yield reader


@pytest.mark.browser
@pytest.mark.same_everywhere
def test_the_corpus_does_harm_where_nothing_stops_it(page: Page):
    """The guard guards: the same pages, as they are, do reach their server and do run."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    with their_server() as (address, asked):
        for name in ("script", "tracking-pixel", "style-import", "on-error", "frame", "svg"):
            page.goto(address)
            before = len(asked) + len(dialogs)
            page.set_content(HOSTILE[name].replace(SERVER, address))
            page.wait_for_timeout(300)
            assert len(asked) + len(dialogs) > before, name
