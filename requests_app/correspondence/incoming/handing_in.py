"""Take in the mails of files that a coordinator hands in: what came elsewhere, or lay in somebody's mail program."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival
from requests_app.correspondence.incoming.ways.handed_in import MOST_MAILS, Kind, chunks_of, kind_of, mails_in
from requests_app.documents.store import EmptyFile, StoreTrouble, TooLarge
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)


@dataclass
class HandedIn:
    """What became of one file: how many mails of it were kept, how many were here before, and what was not kept."""

    name: str
    kept: int = 0
    known: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """What a person should read about it."""
        said = []
        if self.kept:
            text = ngettext("One mail was kept.", "%(count)d mails were kept.", self.kept)
            said.append(text % {"count": self.kept})
        if self.known:
            text = ngettext("One mail was here already.", "%(count)d mails were here already.", self.known)
            said.append(text % {"count": self.known})
        return [*said, *self.troubles]


def hand_in(files: Iterable[tuple[str, BinaryIO]], *, by: Person, now: datetime) -> list[HandedIn]:
    """Take in every mail of these files (name, content). One file that is none, or one mail too large, stops no other.

    A full disk does stop it: what was kept until then is kept, and the file says how far it came.
    """
    done: list[HandedIn] = []
    for name, file in files:
        one = HandedIn(name)
        done.append(one)
        kind = kind_of(file)
        if kind is None:
            one.troubles.append(_("This is no mail: choose files that end in .eml, .msg or .mbox. It was not kept."))
            continue
        try:
            _hand_in(one, file, kind, by=by, now=now)
        except (StoreTrouble, OSError) as trouble:
            log.error("mails handed in could not be kept: %s", type(trouble).__name__)
            one.troubles.append(
                _("There was no room to keep the rest. Tell an administrator, and hand the file in again later.")
            )
    return done


def _hand_in(one: HandedIn, file: BinaryIO, kind: Kind, *, by: Person, now: datetime) -> None:
    too_large = 0
    for number, place in enumerate(list(mails_in(file, kind))):
        if number >= MOST_MAILS:
            text = _("The file holds more than %(most)d mails; the others were not kept. Split it.")
            one.troubles.append(text % {"most": MOST_MAILS})
            break
        try:
            raw = services.take_in(chunks_of(file, place), way=Arrival.Way.UPLOAD, now=now)
        except TooLarge:
            too_large += 1
        except EmptyFile:
            continue
        else:
            is_new = raw.arrivals.count() == 1
            one.kept, one.known = one.kept + is_new, one.known + (not is_new)
            audit("mail handed in", raw, by=by, now=now)
    if too_large:
        text = ngettext(
            "One mail is larger than %(limit)d MB and was not kept.",
            "%(count)d mails are larger than %(limit)d MB and were not kept.",
            too_large,
        )
        one.troubles.append(text % {"count": too_large, "limit": services.mail_limit() // (1024 * 1024)})
    if not one.words:
        one.troubles.append(_("There is no mail in this file. Nothing was kept."))
