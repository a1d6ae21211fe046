"""A letter as a Word document that anyone can go on writing."""

from __future__ import annotations

from typing import Final

from requests_app.kits.dress import PLAIN, Dress
from requests_app.kits.letters import Letter

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def to_docx(letter: Letter, dress: Dress = PLAIN) -> bytes:
    """Return the letter as a .docx file: US Letter, the same words in the same order as on paper.

    The first one costs the import of python-docx, too. No command and no worker that writes none waits for that.
    """
    from requests_app.kits import word_writing

    return word_writing.to_docx(letter, dress)
