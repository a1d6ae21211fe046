"""Links to file shares and portals: where an agency has put records for us to fetch. Read, never followed.

A link counts where its server is a place for shared files (`SHARES`), or where the sentence it stands in, or the one
before it, is about fetching records. Portals (`PORTALS`) are linked in every mail of theirs, so there the sentence must
say so. The servers are data: facts about who runs them, and no promise that a link is theirs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from requests_app.correspondence.incoming.suggesting.sentences import Sentence, bare_form
from requests_app.correspondence.incoming.suggesting.values import days_in, periods_in

MOST_LINKS: Final = 40
LONGEST_LINK: Final = 2000
LONGEST_HTML: Final = 400_000  # characters; the addresses behind words are looked for only so far

# The end of a server's name, and what people call the service.
SHARES: Final = {
    "sharepoint.com": "SharePoint", "sharepoint.us": "SharePoint", "1drv.ms": "OneDrive",
    "onedrive.live.com": "OneDrive", "onedrive.com": "OneDrive", "dropbox.com": "Dropbox", "db.tt": "Dropbox",
    "box.com": "Box",
    "drive.google.com": "Google Drive", "docs.google.com": "Google Drive", "sendthisfile.com": "SendThisFile",
    "sharefile.com": "ShareFile", "wetransfer.com": "WeTransfer", "we.tl": "WeTransfer", "hightail.com": "Hightail",
    "egnyte.com": "Egnyte", "kiteworks.com": "Kiteworks", "icloud.com": "iCloud", "mediafire.com": "MediaFire",
}  # fmt: skip
PORTALS: Final = {
    "nextrequest.com": "NextRequest", "govqa.us": "GovQA", "mycusthelp.com": "GovQA", "mycusthelp.net": "GovQA",
    "justfoia.com": "JustFOIA",
}  # fmt: skip
# Servers that wrap the address that the writer meant into one of their own.
_WRAPPERS: Final = ("safelinks.protection.outlook.com", "urldefense.com", "urldefense.proofpoint.com")

_URL: Final = re.compile(r"(?:https?|ftps?|sftp)://[^\s<>\"'\\^`{|}\u00a0]{3,2500}", re.IGNORECASE)
_TRAILING: Final = ".,;:!?)]}>'\"*_"
_HREF: Final = re.compile(
    r"<a\s[^<>]{0,400}?href\s{0,3}=\s{0,3}(?:\"([^\"<>]{3,2500})\"|'([^'<>]{3,2500})'"
    r"|([^\s<>\"']{3,2500}))[^<>]{0,1000}>",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_FETCH: Final = re.compile(
    r"\b(?:download\w*|retriev\w+|secure (?:link|file|message|site|server|transfer)|file (?:transfer|share"
    r"|sharing)|ftp site"
    r"|(?:link|links|url|site|address)\b.{0,20}\b(?:below|above|following|here|expires?|is valid|will expire)"
    r"|(?:the )?following (?:link|site|url|address)|link to (?:the|your|these|access|download)"
    r"|(?:access|view|open|get|find|obtain)\b.{0,40}\b(?:records?|documents?|files?|response|production"
    r"|installment|spreadsheets?|data)"
    r"|(?:records?|documents?|files?|response|production|installment|spreadsheets?"
    r"|data)\b.{0,60}\b(?:available|uploaded|posted|released|shared|accessible|located|found|placed|here"
    r"|ready)"
    r"|(?:shared|sent you) (?:a |the |some )?(?:file|folder|document|record)s?)\b"
)
_NEVER: Final = re.compile(
    r"unsubscribe|manage (?:your )?(?:preferences|subscriptions)|privacy (?:policy|notice)|facebook|twitter|instagram"
    r"|youtube|linkedin|survey|how did we do|feedback|newsletter|fee schedule|request form|submit (?:a"
    r"|your) (?:new )?request"
    r"|(?:appeal|complaint) form|frequently asked|\bfaq|statute|code of|learn more|our website|reset your password"
    r"|terms of (?:use|service)|report (?:spam|phishing)|aka\.ms/learnaboutsender"
)
_NEVER_HOSTS: Final = (
    "facebook.com", "twitter.com", "x.com", "instagram.com", "youtube.com", "linkedin.com", "flickr.com", "aka.ms",
    "surveymonkey.com", "w3.org",
)  # fmt: skip
_EXPIRES: Final = re.compile(
    r"\b(?:expir\w+|available (?:until|through|for|only)|valid (?:until|through|for)|accessible (?:until"
    r"|through|for)|deleted"
    r"|removed|active (?:until|through|for)|remain (?:available|active|accessible)|download\w* (?:by|before|within)"
    r"|retrieved? (?:by|before|within|your|them|it)\b|within|no later than)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A place to fetch records from. `url`: as written. `host`: the server it leads to in the end, as far as the
    address itself tells. `service`: what people call it, "" where it is a server of nobody we know.

    `expires_on`: the last day on which the mail says that it works; `expiry_words` the sentence that says so.
    """

    url: str
    host: str
    service: str
    sentence: str
    expires_on: date | None = None
    expiry_words: str = ""


def links_in(sentences: Sequence[Sentence], page: str, written_on: date | None) -> tuple[Link, ...]:
    """Return the links to records in a mail, each address once."""
    behind = list(_behind_words(page)) if page else []
    if not behind and not any("://" in sentence.bare for sentence in sentences):
        return ()
    found: dict[str, Link] = {}
    for place, sentence in enumerate(sentences):
        for url in _urls_of(sentence, behind):
            if url in found:
                continue
            link = _link(url, sentences, place, written_on)
            if link is not None:
                found[url] = link
                if len(found) == MOST_LINKS:
                    return tuple(found.values())
    return tuple(found.values())


def host_of(url: str) -> str:
    """Return the server that an address leads to, "" where there is none. Wrapped addresses are unwrapped."""
    try:
        return (urlsplit(_unwrapped(url)).hostname or "").rstrip(".").lower()[:255]
    except ValueError:
        return ""


def service_of(host: str, services: dict[str, str]) -> str:
    """Return the service to which a server belongs; only whole names count: "notbox.com" is not Box."""
    labels = host.split(".")
    for size in range(2, min(5, len(labels)) + 1):
        known = services.get(".".join(labels[-size:]))
        if known:
            return known
    return ""


def _link(url: str, sentences: Sequence[Sentence], place: int, written_on: date | None) -> Link | None:
    host = host_of(url)
    if "." not in host or service_of(host, dict.fromkeys(_NEVER_HOSTS, "never")):
        return None
    sentence = sentences[place]
    said = _about(sentences, place)
    words = _URL.sub(" ", said)
    if _NEVER.search(words) and not _FETCH.search(_URL.sub(" ", sentence.bare)):
        return None
    share, portal = service_of(host, SHARES), service_of(host, PORTALS)
    if not share and not _FETCH.search(words) and not url.lower().startswith(("ftp", "sftp")):
        return None
    on, expiry = _expiry(sentences, place, written_on)
    shown = sentence.text if _URL.sub("", sentence.text).strip(" .:<>()") else _joined(sentences, place)
    shown = _URL.sub("…", shown)
    return Link(url[:LONGEST_LINK], host, share or portal, shown[:600], on, expiry[:300])


def _about(sentences: Sequence[Sentence], place: int) -> str:
    """Return what a link is about: its sentence, and the one before where the link nearly stands alone."""
    own = sentences[place].bare
    if len(_URL.sub("", own).strip(" .:<>()-")) > 25 or place == 0:
        return own
    return f"{sentences[place - 1].bare} {own}"


def _joined(sentences: Sequence[Sentence], place: int) -> str:
    return f"{sentences[place - 1].text} {sentences[place].text}" if place else sentences[place].text


def _expiry(sentences: Sequence[Sentence], place: int, written_on: date | None) -> tuple[date | None, str]:
    """Return the last day of a link and the words that name it, from its sentence or one of those around it."""
    for near in (place, place + 1, place + 2, place - 1):
        if not 0 <= near < len(sentences):
            continue
        bare = sentences[near].bare
        if not _EXPIRES.search(bare) or (
            near != place and not re.search(r"link|file|document|record|download|expir|access|they|it\b", bare)
        ):
            continue
        words = _URL.sub(lambda match: " " * len(match[0]), bare)
        sign = _EXPIRES.search(words)
        if sign is None:
            continue
        after = [day for day in days_in(words, written_on) if day.start >= sign.start() - 40]
        if after and (written_on is None or after[0].on >= written_on):
            return after[0].on, sentences[near].text
        for period in periods_in(words):
            if period.days is not None and period.start >= sign.start() - 10:
                counted = written_on + timedelta(days=period.days) if written_on and period.unit == "calendar" else None
                return counted, sentences[near].text
    return None, ""


def _urls_of(sentence: Sentence, behind: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the addresses that a sentence names, and those behind its words in the formatted form of the mail."""
    for match in _URL.finditer(sentence.text):
        yield _bare_url(match[0])
    if behind:
        for words, url in behind:
            if words in sentence.bare:
                yield url


def _bare_url(url: str) -> str:
    """Return an address without the signs of the sentence around it; a bracket that it opens itself is its own."""
    while url and url[-1] in _TRAILING:
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        url = url[:-1]
    return url


def _behind_words(page: str) -> Iterator[tuple[str, str]]:
    """Yield the words of each link of a page, bare, with the address behind them."""
    page = page[:LONGEST_HTML]
    for number, match in enumerate(_HREF.finditer(page)):
        if number == 200:
            return
        url = html.unescape(match[1] or match[2] or match[3]).strip()
        if not _URL.fullmatch(url):
            continue
        end = page.find("</", match.end(), match.end() + 3000)
        inside = page[match.end() : end if end >= 0 else match.end()]
        words = bare_form(" ".join(html.unescape(_TAG.sub(" ", inside)).split()))
        if len(words) >= 4 and "://" not in words:
            yield words, url


def _unwrapped(url: str) -> str:
    """Return the address inside the address of a mail server that checks links, as far as it shows it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not host.endswith(_WRAPPERS):
        return url
    if host == "urldefense.com" and parts.path.startswith("/v3/__"):
        inner = parts.path.removeprefix("/v3/__").partition("__;")[0]
        return inner.replace(":/", "://", 1) if "://" not in inner else inner
    named = parse_qs(parts.query, max_num_fields=20)
    inner = (named.get("url") or named.get("u") or [""])[0]
    if host == "urldefense.proofpoint.com":
        inner = unquote(inner.replace("-", "%").replace("_", "/"))
    return inner if _URL.fullmatch(inner) else url
