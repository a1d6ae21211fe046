"""What only looks like an answer: conditions, denials of it, quoted law, our own words said back to us.

"If a fee applies, we will tell you" asks for nothing; "we are not denying your request" refuses nothing; "an agency may
deny a request" is the law and not the letter.
"""

from __future__ import annotations

import re
from typing import Final

# Words in quotation marks are somebody else's: a statute's, or ours. A word or two between marks are the writer's own.
_QUOTED: Final = re.compile(r"\"[^\"]{25,900}\"?")
# Our letter, said back: up to the place where the writer speaks again.
_OURS: Final = re.compile(
    r"^(?:(?:in|with|by|per) your [\w -]{2,30}(?: (?:of|dated|from) [^,]{3,30})?,? )?(?:you|your (?:public records? )?"
    r"(?:request|letter|e-?mail|message|correspondence|inquiry))\b(?: (?:dated|of"
    r"|from) [^,]{3,30}?)?(?: (?:have|had|also"
    r"|further|specifically|then|has))?"
    r" (?:ask(?:ed|s|ing)?|request(?:ed|s|ing)?|state[ds]?|wr[io]tes?|seeks?|sought|reads?|indicate[ds]?"
    r"|mention(?:s|ed)?"
    r"|offer(?:s|ed)?|argue[ds]?|claim(?:s|ed)?|agreed?s?|authori[sz]ed?|said|says|wish(?:es|ed)?|want(?:s|ed)?|are"
    r" (?:asking|requesting|seeking|looking))\b"
)
_WRITER_AGAIN: Final = re.compile(
    r"[,;.] (?:and |but |so |which |however,? |therefore,? |as to |for )*(?:which |these |those |that )?(?:we|our|this "
    r"(?:office|agency|department|division)|the (?:department|agency|division|office)|has been|have been|is|are) "
)
# The beginning of a condition; it lasts to the next comma.
_CONDITION: Final = re.compile(
    r"\b(?:if|unless|whether|should (?:you|we|the|there|any|your|it|additional|more|a|an|this)"
    r"|in (?:the )?(?:unlikely )?"
    r"(?:event|case)(?: (?:that|of))?|in case|where(?=(?: a| an| the| any| applicable| such| no)\b)|to the extent"
    r"|assuming|provided that|were (?:we|you|there) to|whenever|when(?= (?:a|an|the|any) (?:fee|cost|request"
    r"|agency|record"
    r"|custodian|denial))|any(?= (?:fees?|costs?|charges?|denials?|such|extensions?|records? (?:that"
    r"|which) (?:is|are|may"
    r"|might))\b))"
)
_ONLY_COURTESY: Final = re.compile(
    r"(?:if|should) (?:you|there) (?:would like|still|wish|want|need|feel|believe|disagree|do not agree|consider|think"
    r"|object|contest|decide|choose|prefer|(?:have|are|is) (?:any|further|additional|other|questions|concerns"
    r"|dissatisfied|not"
    r" satisfied|aggrieved|unhappy|of the opinion))|(?:if|should) any questions"
)
_NEGATED: Final = re.compile(
    r"(?:\b(?:not|never|nor|neither|without|no|nothing|cannot|nobody|rather than|instead of|waived?|refrain from)|n't)"
    r"(?: (?:be|been|being|a|an|the|any|to|yet|currently|hereby|in any way|intended as|meant as|constitute|considered"
    r"|require|requiring|need|needing|additional|further|currently|at this time|issued|issuing|making|claiming|charge"
    r"|charging|seeking|asking for|have|having|going to|planning to|have to|formally|yet made|made)){0,3} ?$"
)
_MAY: Final = re.compile(
    r"\b(?:may|might|could|would|(?<!you )can)(?: (?:also|then|still|need|have|be|to|be able|not|require|well"
    r"|either|only|be"
    r" required|ultimately|later|in part|take|wish|want|choose|elect|invoke|request|claim|seek)){0,4} ?$"
)
# Somebody speaks of agencies and requests in general.
_GENERAL: Final = re.compile(
    r"\b(?:an?|any|every|each|all|most|no) (?:state |local |public |governmental |government "
    r"|covered )?(?:agency|agencies"
    r"|custodian|custodians|public body|body|bodies|entity|requester|requestor|applicant|person)\b"
    r"|\b(?:public bodies|agencies|custodians|requesters|requestors|records custodians)\b (?:may|must|shall"
    r"|are|have|can"
    r"|should|do|will)\b"
    r"|\b(?:the|this|that|state|federal|public records?|open records?|maryland|our state'?s?) ?(?:act|law"
    r"|statute|code|rule"
    r"|regulation|legislature|policy)\b[^,]{0,30}? (?:provides?|states?|says?|allows?|permits?|authori[sz]es?|requires?"
    r"|defines?|prohibits?|exempts?|gives?|grants?|does not|contains?|sets?|makes?|recogni[sz]es)\b"
    r"|(?:^|\b(?:sections?|subsections?|§{1,2}) ?)[\w.:()-]{1,30} (?:of the [\w ]{3,40} )?(?:provides?|states?"
    r"|says?|allows?|permits?"
    r"|authori[sz]es?|requires?|defines?|prohibits?|exempts?|reads?)\b"
)
_THIS_CASE: Final = re.compile(
    r"\b(?:we|us|our|i|my|this (?:office|agency|department|division|bureau|letter|response|request|determination)"
    r"|your (?:[\w-]+ ){0,3}(?:request|inquiry|letter)|the (?:department|division|agency) (?:is|has|must"
    r"|hereby)|responsive"
    r"|you (?:requested|seek|asked|are seeking|have requested)|requested (?:records?|documents?|information|data)"
    r"|herein|accordingly|therefore|these records)\b"
)
_EXAMPLE: Final = re.compile(r"\b(?:for example|for instance|e\.g\.|such as when|hypothetically|generally|typically)\b")


class Guard:
    """What stands against taking one sentence at its word."""

    __slots__ = ("bare", "conditions", "general")

    def __init__(self, bare: str) -> None:
        self.bare = bare
        self.conditions = [(match.start(), _end_of_condition(bare, match.end())) for match in _CONDITION.finditer(bare)]
        self.general = bool(_GENERAL.search(bare)) and not _THIS_CASE.search(bare)

    def negated(self, start: int) -> bool:
        """True where the words before this place deny it."""
        return bool(_NEGATED.search(self.bare, max(0, start - 60), start))

    def only_possible(self, start: int) -> bool:
        """True where the words before this place only say that it may be."""
        return bool(_MAY.search(self.bare, max(0, start - 60), start))

    def inside_condition(self, start: int) -> bool:
        """True where this place belongs to a condition: "if your request is denied, ..."."""
        return any(begin <= start < end for begin, end in self.conditions)

    def under_condition(self, start: int) -> bool:
        """True where a condition opens the sentence before this place: "if you agree, we will extend ..."."""
        return any(begin < 40 and end <= start for begin, end in self.conditions)

    def condition_follows(self, end: int) -> bool:
        """True where a condition comes after: "... will be denied if you do not pay". Courtesies are none."""
        return any(
            begin >= end
            and not self.bare.startswith("whether", begin)
            and not _ONLY_COURTESY.match(self.bare, begin)
            and not _joined_on(self.bare, begin)
            for begin, _end in self.conditions
        )


def without_foreign_words(bare: str) -> str:
    """Return a sentence with quoted words and our own words said back blanked out, each sign in its place."""
    if '"' in bare:
        bare = _QUOTED.sub(lambda match: " " * len(match[0]), bare)
    said_back = _OURS.match(bare)
    if said_back:
        again = _WRITER_AGAIN.search(bare, said_back.end())
        end = again.start() if again else len(bare)
        bare = " " * end + bare[end:]
    return bare


def is_example(bare: str) -> bool:
    """True where a sentence says what happens in general or by way of example."""
    return bool(_EXAMPLE.search(bare))


def _end_of_condition(bare: str, start: int) -> int:
    comma = bare.find(", ", start)
    return len(bare) if comma < 0 else comma


def _joined_on(bare: str, begin: int) -> bool:
    """True where a condition belongs to another clause, joined on: "it is denied, and if you disagree, ..."."""
    return bare[max(0, begin - 6) : begin].rstrip().endswith((" and", " but", ";", ")"))
