"""The law book's own words made fit for a letter: citations, arguments, spelling. Pure functions on strings.

Nothing is added here. What the book notes beside a citation, or as an instruction to whoever writes, is left out.
"""

from __future__ import annotations

import re
from typing import Final

from requests_app.law.schema import Period

_REMARK: Final = re.compile(r"\s*\(([^()]*\s[^()]*)\)")
_COURT_AND_YEAR: Final = re.compile(r"(?:\d|[A-Z]).*\d{4}$")
# What stands after a citation as a note: ": data held in a computer must be retrieved", ". A query that sorts ...".
_NOTE: Final = re.compile(r"(?:: [a-z].*|\. (?:A|An|The) .*|, (?:but )?see .*| and the [a-z].*| on [a-z].*)$")
_LEAD: Final = re.compile(r"^(?:but |compare |see also |see )+")
_UNITS: Final = {"business_days": "business day", "calendar_days": "day", "hours": "hour", "months": "month"}

# A clause of an argument that tells the writer what to do instead of telling the agency what is so.
_TO_THE_WRITER: Final = re.compile(
    r"^(?:ask|offer|check|note|plead|under the ccjra ask|read|keep|so keep|accept)\b", re.IGNORECASE
)
_ASIDE: Final = re.compile(r":\s+(?:ask|offer|check)\b.*$", re.IGNORECASE)
_REASON_TAIL: Final = re.compile(r",\s+(?:because|so)\b.*$")

# British spelling in the law book's notes; letters to American agencies use American.
_AMERICAN: Final = {
    "acknowledgement": "acknowledgment",
    "analys": "analyz",
    "authoris": "authoriz",
    "behaviour": "behavior",
    "categoris": "categoriz",
    "centre": "center",
    "defence": "defense",
    "favour": "favor",
    "instalment": "installment",
    "itemis": "itemiz",
    "jeopardis": "jeopardiz",
    "labour": "labor",
    "licence": "license",
    "organis": "organiz",
    "penalis": "penaliz",
    "programme": "program",
    "recognis": "recogniz",
    "standardis": "standardiz",
    "summaris": "summariz",
    "wilful": "willful",
}
_BRITISH: Final = re.compile("|".join(sorted(_AMERICAN, key=len, reverse=True)), re.IGNORECASE)


def american(text: str) -> str:
    """Return the text in American spelling."""
    return _BRITISH.sub(_respell, text)


def cite(citation: str) -> str:
    """Return a citation without the remarks that the law book adds to it: "MCL 15.240(1)(a), (2)".

    Courts and years in parentheses stay, since they are part of how a case is cited.
    """
    bare = _REMARK.sub(lambda found: found[0] if _COURT_AND_YEAR.match(found[1]) else "", citation)
    parts = [_NOTE.sub("", part).strip(" ;") for part in bare.split("; ")]
    kept = [part for part in parts if re.search(r"\d", part) and not _is_remark(part)]
    return "; ".join(_LEAD.sub("", part) for part in kept)


def cite_free(text: str) -> str:
    """Return a phrase of the law book without its remarks in parentheses."""
    return _REMARK.sub("", text).strip()


def first_cite(citation: str) -> str:
    """Return the first of several citations."""
    return cite(citation).split("; ", 1)[0]


def argument(hint: str) -> str:
    """Return the part of a rebuttal hint that argues; what it tells the writer to do is left out. May be empty."""
    if "Ask instead" in hint:
        return ""
    sentences = []
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", american(hint.strip())):
        clauses = [_ASIDE.sub("", clause).strip() for clause in sentence.rstrip(".").split(";")]
        kept = [_REASON_TAIL.sub("", clause) if _TO_THE_WRITER.match(clause) else clause for clause in clauses]
        kept = [clause for clause in kept if clause and not _TO_THE_WRITER.match(clause)]
        if kept:
            text = "; ".join(kept)
            sentences.append(f"{text[:1].upper()}{text[1:]}.")
    return " ".join(sentences)


def period_words(period: Period) -> str:
    """Return "10 business days", "1 month", "2 years"."""
    amount, unit = period.amount, _UNITS[period.unit]
    if period.unit == "months" and amount % 12 == 0:
        amount, unit = amount // 12, "year"
    return f"{amount} {unit}{'' if amount == 1 else 's'}"


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return the text as a sentence: a capital first letter and a full stop."""
    stripped = text.strip()
    return capital(stripped) + ("" if stripped[-1:] in (".", "?", "!", "") else ".")


def _respell(found: re.Match[str]) -> str:
    new = _AMERICAN[found[0].lower()]
    return capital(new) if found[0][0].isupper() else new


def _is_remark(part: str) -> bool:
    """True for a part that is a note rather than a citation: four or more small words in a row."""
    return re.search(r"(?:^|\s)[a-z]{2,}(?:\s[a-z]{2,}){3}", part) is not None
