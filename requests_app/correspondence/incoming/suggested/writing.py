"""Write down what reading help found in a message, and forget it again. Called while a mail is processed or erased."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.suggested.models import Meaning, ShareLink
from requests_app.correspondence.incoming.suggesting import Found, Letter, Link, Suggestion, read
from requests_app.correspondence.parsing import ParsedMessage
from requests_app.correspondence.parsing.folding import new_text
from requests_app.law.book import CODES

log = logging.getLogger(__name__)

OUR_REFERENCES: Final = re.compile(rf"(?:{'|'.join(sorted(CODES))})-20[0-9]{{2}}-[0-9]{{3,6}}")
# What a sender would call an attachment (`services.writing.RECORD_ROLES`).
_FILES: Final = frozenset({"file", "message", "encrypted"})
# Automatic answers that say something of the request; an absence or a read receipt says nothing.
_TELLING: Final = frozenset({"acknowledgment", "other", ""})

Kind = IncomingMessage.Kind


def find(message: ParsedMessage, kind: str, received_at: datetime) -> Found:
    """Return what a mail may mean. Writes nothing, and needs no database."""
    telling = kind == Kind.MESSAGE or (kind == Kind.AUTO_REPLY and (message.auto_reply or "") in _TELLING)
    if not telling:
        return Found()
    letter = Letter(
        subject=message.subject,
        written_on=(message.date or received_at).date(),
        files=sum(one.role in _FILES and not one.inline for one in message.attachments),
        html=message.html if "href" in message.html else "",
        ours=OUR_REFERENCES,
    )
    try:
        return read(new_text(message.text), letter)
    except Exception as trouble:  # noqa: BLE001  a mail must be filed though nobody could help to read it
        log.error("reading help could not read a mail: %s", type(trouble).__name__)
        return Found()


def note(mails: Iterable[tuple[IncomingMessage, Found]]) -> None:
    """Write down what was found in new messages: two queries however many, none where nothing was found."""
    rows = list(mails)
    meanings = [_meaning(filed, one) for filed, found in rows for one in found.suggestions]
    links = [link for filed, found in rows for link in _share_links(filed, found)]
    if meanings:
        Meaning.objects.bulk_create(meanings)
    if links:
        ShareLink.objects.bulk_create(links)


def note_again(filed: IncomingMessage, found: Found) -> None:
    """Write anew what was found in a message that was read again; what a person decided about it stays."""
    Meaning.objects.filter(message=filed, state=Meaning.State.OPEN, confirmations__isnull=True).delete()
    ShareLink.objects.filter(message=filed, state=ShareLink.State.OPEN, reminded_at__isnull=True).delete()
    decided = set(Meaning.objects.filter(message=filed).values_list("kind", flat=True))
    kept = set(ShareLink.objects.filter(message=filed).values_list("key", flat=True))
    meanings = [_meaning(filed, one) for one in found.suggestions if one.kind.value not in decided]
    Meaning.objects.bulk_create(meanings)
    ShareLink.objects.bulk_create(link for link in _share_links(filed, found) if link.key not in kept)


def forget(message_id: int) -> None:
    """Take the words of an erased mail out of what was made of it. That it was recorded, by whom and when, stays."""
    rows = Meaning.objects.filter(message=message_id)
    rows.filter(state=Meaning.State.OPEN, confirmations__isnull=True).delete()
    rows.update(sentences=[], values={})
    links = ShareLink.objects.filter(message=message_id)
    links.filter(state=ShareLink.State.OPEN).delete()
    links.update(url="", host="", sentence="", expiry_words="")


def _meaning(filed: IncomingMessage, one: Suggestion) -> Meaning:
    return Meaning(
        message=filed,
        kind=one.kind.value,
        level=int(one.level),
        sentences=[_storable(sentence)[:600] for sentence in one.sentences],
        values=_storable_values(one.values),
    )


def _share_links(filed: IncomingMessage, found: Found) -> list[ShareLink]:
    links = [_share_link(filed, one) for one in found.links]
    return list({link.key: link for link in links}.values())


def _share_link(filed: IncomingMessage, link: Link) -> ShareLink:
    url = _storable(link.url)[:2000]
    return ShareLink(
        message=filed,
        key=hashlib.sha256(url.encode()).hexdigest(),
        url=url,
        host=_storable(link.host)[:255],
        service=link.service[:40],
        sentence=_storable(link.sentence)[:600],
        expires_on=link.expires_on,
        expiry_words=_storable(link.expiry_words)[:300],
    )


def _storable(text: str) -> str:
    """Return a stranger's text as any database takes it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _storable_values(values: Mapping[str, Any]) -> dict[str, Any]:
    def stored(value: Any) -> Any:
        if isinstance(value, str):
            return _storable(value)
        return [stored(one) for one in value] if isinstance(value, list) else value

    return {name: stored(value) for name, value in values.items()}
