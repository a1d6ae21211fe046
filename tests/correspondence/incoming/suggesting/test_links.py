"""Links to records: which count, where they lead, when they end; read and never followed."""

from __future__ import annotations

import socket
from datetime import date

import pytest

from requests_app.correspondence.incoming.suggesting import Letter, Link, read
from requests_app.correspondence.incoming.suggesting.links import MOST_LINKS, host_of

WRITTEN = date(2026, 3, 3)


def links(text: str, html: str = "") -> tuple[Link, ...]:
    return read(text, Letter(written_on=WRITTEN, html=html)).links


@pytest.mark.parametrize(
    ("url", "service"),
    [
        pytest.param("https://agency.sharepoint.com/:f:/s/records/Ab12", "SharePoint", id="sharepoint"),
        pytest.param("https://agency.sharepoint.us/x", "SharePoint", id="sharepoint-government"),
        pytest.param("https://1drv.ms/f/s!Abc", "OneDrive", id="onedrive"),
        pytest.param("https://www.dropbox.com/scl/fo/abc?rlkey=d&dl=0", "Dropbox", id="dropbox"),
        pytest.param("https://agency.app.box.com/s/abc", "Box", id="box"),
        pytest.param("https://drive.google.com/drive/folders/abc", "Google Drive", id="google-drive"),
        pytest.param("https://agency.kiteworks.com/w/abc", "Kiteworks", id="kiteworks"),
        pytest.param("https://www.sendthisfile.com/abc", "SendThisFile", id="sendthisfile"),
        pytest.param("https://agency.sharefile.com/d-abc", "ShareFile", id="sharefile"),
        pytest.param("https://we.tl/t-abc", "WeTransfer", id="wetransfer"),
    ],
)
def test_a_share_counts_whatever_the_sentence_says(url: str, service: str) -> None:
    (link,) = links(f"Dear Ms. Archer,\n\n{url}\n\nRegards")
    assert (link.url, link.service) == (url, service)


@pytest.mark.parametrize(
    ("url", "service"),
    [
        pytest.param("https://agency.nextrequest.com/requests/26-1", "NextRequest", id="nextrequest"),
        pytest.param("https://agency.govqa.us/WEBAPP/_rs/x", "GovQA", id="govqa"),
        pytest.param("https://agency.mycusthelp.com/WEBAPP/x", "GovQA", id="govqa-other-name"),
        pytest.param("https://agency.justfoia.com/Forms/Track/1", "JustFOIA", id="justfoia"),
        pytest.param("https://files.police.example/out/7", "", id="a-server-of-nobody-we-know"),
    ],
)
def test_other_servers_count_where_records_are_to_be_fetched(url: str, service: str) -> None:
    (link,) = links(f"The responsive documents are available for download at {url}.")
    assert (link.url, link.service) == (url, service)
    assert not links(f"We have received your request. Its page: {url}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Visit our website: https://agency.example/", id="home-page"),
        pytest.param("Take our survey at https://www.surveymonkey.com/r/x to tell us how we did.", id="survey"),
        pytest.param("Follow us: https://www.facebook.com/agency", id="social"),
        pytest.param("To unsubscribe, click https://agency.example/u/1", id="unsubscribe"),
        pytest.param("The fee schedule is at https://agency.example/fees.pdf", id="fee-schedule"),
        pytest.param("The statute is found at https://law.example/4-351", id="statute"),
    ],
)
def test_other_links_do_not_count(text: str) -> None:
    assert not links(text)


def test_a_link_on_a_line_of_its_own_goes_with_the_sentence_before() -> None:
    (link,) = links("You can download the records from the link below:\n\nhttps://files.police.example/out/7\n")
    assert link.sentence.startswith("You can download the records")


def test_the_signs_of_the_sentence_are_not_the_address() -> None:
    (link,) = links("Download the records here (https://files.police.example/a_(1)).")
    assert link.url == "https://files.police.example/a_(1)"


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        pytest.param("The link expires on March 31, 2026.", date(2026, 3, 31), id="day"),
        pytest.param("The link will expire in 14 days.", date(2026, 3, 17), id="days-from-the-mail"),
        pytest.param("Files are available until Friday, April 3.", date(2026, 4, 3), id="no-year"),
        pytest.param("This link is valid for thirty (30) days.", date(2026, 4, 2), id="both-numbers"),
        pytest.param(
            "Please download by 3/20/2026, after which they will be deleted.", date(2026, 3, 20), id="slashes"
        ),
        pytest.param("The link expires in 10 business days.", None, id="business-days-are-words"),
        pytest.param("The link expired on March 1, 2026.", None, id="a-day-gone-by-is-no-end"),
        pytest.param("Your request was received on March 31, 2026.", None, id="another-day"),
    ],
)
def test_when_a_link_ends(words: str, ends: date | None) -> None:
    (link,) = links(f"The records can be downloaded from https://agency.sharefile.com/d-abc. {words}")
    assert link.expires_on == ends
    if "business" in words:
        assert link.expiry_words == words


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param(
            "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fagency.box.com%2Fs%2F1&data=05",
            "agency.box.com",
            id="safe-links",
        ),
        pytest.param("https://urldefense.com/v3/__https://we.tl/t-1__;!!abc$", "we.tl", id="defense-3"),
        pytest.param(
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__agency.box.com_s_1&d=x",
            "agency.box.com", id="defense-2"
        ),
        pytest.param("https://box.com@evil.example/s/1", "evil.example", id="name-before-the-server"),
        pytest.param("https://dropbox.com.evil.example/s", "dropbox.com.evil.example", id="longer-name"),
        pytest.param("https://[::1/", "", id="broken"),
        pytest.param("https://nam12.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
            "nam12.safelinks.protection.outlook.com", id="wrapped-script",
        ),
    ],
)  # fmt: skip
def test_where_an_address_leads(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url", ["https://notbox.com/s/1", "https://box.com.evil.example/s", "https://mybox.community/"]
)
def test_a_name_that_only_looks_like_a_share_is_none(url: str) -> None:
    assert all(link.service == "" for link in links(f"Download the records: {url}"))


def test_the_address_behind_words_of_the_formatted_form_is_found_and_a_quoted_one_is_not() -> None:
    html = (
        '<p>Please <a href="https://agency.sharepoint.com/x">download the records</a>.</p>'
        '<blockquote><a href="https://we.tl/old">an earlier upload</a></blockquote>'
    )
    (link,) = links("Please download the records.\n", html)
    assert link.url == "https://agency.sharepoint.com/x"


@pytest.mark.parametrize("scheme", ["javascript:alert(1)//https://we.tl/a", "data:text/html,x", "file:///etc/passwd"])
def test_other_schemes_never_count(scheme: str) -> None:
    found = links(f"Download the records: {scheme}", f'<a href="{scheme}">Download the records</a>')
    assert all(link.url.startswith("https://we.tl") for link in found)


def test_many_links_are_bounded_and_each_counts_once() -> None:
    text = " ".join(f"https://we.tl/t-{number % 100}" for number in range(1000))
    found = links(text)
    assert len(found) == MOST_LINKS == len({link.url for link in found})


def test_nothing_is_ever_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("reading help opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert links("Download the records: https://we.tl/t-1")
