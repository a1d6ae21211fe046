"""What agencies write, and what it means: the table that reading help goes by.

A rule holds where its pattern is found in the bare form of a sentence, none of its `unless` is, and what it `needs` is
there: a sum, a last day, a span of time, files with the mail. `hints` are looked for first, because that costs least.
Rules say nothing of conditions and denials: that is for `guards`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from requests_app.correspondence.incoming.suggesting.found import Kind, Level

_RECORDS: Final = (
    r"(?:records?|documents?|documentation|information|data|materials?|files?|logs?|reports?|statistics|counts?|lists?"
    r"|agreements?|e-?mails?|policies|audits?|figures|numbers|items|responsive|spreadsheets?|pages)"
)
_REQUEST: Final = r"(?:request|inquiry|letter|e-?mail|submission|correspondence|application)"
_WE: Final = (
    r"(?:\bwe|\bi|\b(?:this|our|the|your) (?:[\w-]+ ){0,4}(?:office|agency|department|division|bureau|commission"
    r"|custodian|unit|section|administration|authority|board|police|patrol|counsel|staff|coordinator|clerk|state|city"
    r"|county|court)|\b(?:msp|dmv|dps|mva|mvd|bmv|dor|dot|dol|doc|agency|department|office|custodian))\b"
)
_ADVERBS: Final = (
    r"(?: (?:is|are|am|was|were|has|have|had|must|will|shall|hereby|therefore|accordingly|respectfully|also|now|being"
    r"|been|be|regretfully|regrettably|unfortunately|partially|in part|only|formally|herewith|currently|still|already"
    r"|decided to|elected to|determined to|chosen to|required to|forced to|obliged to|going to|regret to|legally"
    r"|compelled to|to|necessarily|do|does|thus|need to|needs to|each|both))*"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of saying one thing."""

    kind: Kind
    level: Level
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    needs: frozenset[str] = frozenset()
    marks: str = ""
    guarded: bool = True


def _rule(
    kind: Kind, level: Level, hints: str, pattern: str, *, unless: str = "", needs: str = "", marks: str = "",
    guarded: bool = True,
) -> Rule:  # fmt: skip
    return Rule(
        kind, level, tuple(hints.split("|")), re.compile(pattern), re.compile(unless) if unless else None,
        frozenset(needs.split()), marks, guarded,
    )  # fmt: skip


_CLEAR, _LIKELY, _DOUBTFUL = Level.CLEAR, Level.LIKELY, Level.DOUBTFUL
_NOT_OF_REQUEST: Final = (
    r"\bwaiver|\bwaive\b|\bexpedit|\bappeal (?:is|was|has)|\bpayment|\bextension (?:is|was|has)|\bmotion\b"
)

RULES: Final[tuple[Rule, ...]] = (
    # --- They have our letter -----------------------------------------------------------------------------------------
    _rule(
        Kind.ACKNOWLEDGMENT,
        _CLEAR,
        "receiv|receipt",
        rf"{_WE}{_ADVERBS} (?:received|in receipt of|confirms? (?:the )?receipt of)\b.{{0,100}}\b{_REQUEST}",
        unless=r"\breceived (?:your|the|a) (?:payment|check|deposit|clarification|signed|appeal|completed)",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _CLEAR,
        "acknowledg",
        rf"\backnowledg(?:es?|ing|ement of|ment of|ed)\b.{{0,60}}\b(?:receipt|received|receiving|{_REQUEST})",
        unless=r"\bpayment|\bcheck\b",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _CLEAR,
        "receiv|logged|submitted|opened|assigned",
        rf"\b(?:your|this|the) (?:[\w-]+ ){{0,6}}{_REQUEST}\b.{{0,60}}\b(?:has been|was|is|were"
        rf"|have been) (?:successfully |duly"
        r" |hereby )?(?:received|logged|submitted|opened|entered|assigned)\b",
        unless=r"\bassigned to a (?:closed|withdrawn)",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _CLEAR,
        "confirm",
        r"\b(?:confirms?|confirming|confirmation of|confirmation that)\b.{0,40}\b(?:receipt|received|receiving)\b",
        unless=r"\bpayment|please confirm",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _LIKELY,
        "thank",
        rf"\bthank(?:s| you) for (?:your|submitting|sending|contacting)\b.{{0,80}}\b{_REQUEST}",
        unless=r"\bpayment|\bpatience|\bresponse to\b|\bclarif|\bwithdraw|\bwill (?:not|be closed)",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _LIKELY,
        "process|review|progress",
        rf"\b(?:your|this|the) (?:[\w-]+ ){{0,4}}{_REQUEST}\b.{{0,40}}\b(?:is|is now|is currently) (?:being "
        rf"|under |in )(?:process\w*|review\w*"
        r"|progress|worked on|researched|handled)",
    ),
    _rule(
        Kind.ACKNOWLEDGMENT,
        _CLEAR,
        "acknowledged",
        r"\breceipt of (?:your|the|this)\b.{0,60}\b(?:is|was)(?: hereby)? acknowledged",
        unless=r"\bpayment|\bcheck\b",
    ),
    # --- They claim more time -----------------------------------------------------------------------------------------
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "additional|more time|further|extra|another|extension",
        rf"(?:{_WE}|\brequest){_ADVERBS} (?:needs?|requires?|requiring|needing|invok\w+|claim\w*|tak\w+"
        rf"|request\w*|seek\w*|assert\w*|exercis\w+|us\w+|ask\w*"
        r" for)\b.{0,60}\b(?:additional|more|further|extra|another)(?: [\w()-]+){0,4} (?:time|days?|weeks?|months?)\b",
        unless=r"\byou (?:may|can|might|wish to) (?:need|request|take)|\bmore time to (?:pay|respond to us"
        r"|reply to us)",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "extension",
        rf"(?:{_WE}{_ADVERBS} (?:\w+ ){{0,4}}|\b(?:this|it) (?:letter |notice |email |e-mail |message )?(?:is"
        rf"|serves as|constitutes)\b.{{0,40}}|\bnotice of (?:an )?|\bnotify you of (?:an |our )?)"
        r"(?:an? |the |its |our |one |first |second |statutory |automatic |permitted |\w+[- ](?:business[- ]"
        r"|working[- ]|calendar[- ])?days? ){0,4}(?:time )?extension\b",
        unless=r"\byour (?:request for an )?extension|\bfile extension|\bextension of (?:the )?(?:contract"
        r"|agreement|memorandum|mou)|\bextension [0-9]{3}|telephone|\bden(?:y|ied|ying) (?:\w+ ){0,3}extension",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "extend",
        rf"(?:{_WE}{_ADVERBS}|\b(?:time|deadline|period|due date|date|limit)\b.{{0,60}}\b(?:is|are|was|has been"
        rf"|have been|will be|be)(?: being| hereby)*) extend(?:s|ed|ing)?\b",
        unless=r"\bextend (?:our|my) (?:thanks|apolog|appreciation)|\byour (?:deadline|time) to",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "extension",
        r"\b(?:an? |the )?(?:[\w()-]+[- ]){0,3}extension (?:of (?:time|[\w()-]+ (?:\([0-9]+\) )?(?:business "
        r"|working |calendar )?(?:days|weeks)) )?(?:of [\w ]{3,30}? )?(?:is|was|has been|will be)"
        r" (?:necessary|needed|required|taken|invoked|claimed|being taken|hereby)",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "unable|cannot|not be able|not able|can not",
        r"\b(?:unable|not able|not be able|cannot|can not|can't)\b(?: to)? (?:\w+ ){0,2}(?:respond|complete"
        r"|process|provide|fulfil\w*|produce|comply|answer|finish|meet|make)\b.{0,80}"
        r"\b(?:within (?:the|that|this|those|\w+ (?:\(\d+\) )?(?:business|working|calendar)? ?days)"
        r"|by the (?:deadline|due date|statutory)|(?:statutory|legal|original|initial|prescribed"
        r"|required) (?:time|deadline|period|\w+[- ]day)|deadline|by (?:that|this) date|in a timely|in time)",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "new|revised|updated|delay|postpon",
        r"\b(?:(?:new|revised|updated|extended|adjusted) (?:estimated |target |anticipated |expected )?(?:due"
        r"|response|completion|deadline|production|delivery)\w*(?: date)?|delayed|postponed"
        r"|pushed back)\b.{0,50}",
        needs="last_day",
    ),
    _rule(
        Kind.EXTENSION,
        _LIKELY,
        "expect|anticipat|estimat|intend|plan|hope|aim|project",
        r"\b(?:expects?|expected|anticipates?|anticipated|estimates?|estimated|intends?|plans?|hopes?|aims?"
        r"|projected?)\b.{0,90}",
        needs="last_day",
        unless=r"\$|\byou (?:can|may) pick|\bpublish|\byou (?:intend|plan|expect|anticipate) ",
    ),
    _rule(
        Kind.EXTENSION,
        _LIKELY,
        "will|shall",
        rf"{_WE}{_ADVERBS} (?:respond|reply|provide|produce|issue|complete|send|have|release|make|finish"
        rf"|determine|answer|get back|follow up|update)\b.{{0,80}}",
        needs="last_day",
        unless=r"\bclose|\bif (?:we|i) do not|\bpay|\$",
    ),
    _rule(
        Kind.EXTENSION,
        _DOUBTFUL,
        "expect|anticipat|estimat|will",
        rf"(?:{_WE}{_ADVERBS}|\byou can) (?:respond|reply|complete|issue|anticipates?|expects?|estimates?)\b.{{0,80}}",
        needs="period",
        unless=r"\$|\bclose|\bpay",
    ),
    _rule(
        Kind.EXTENSION,
        _LIKELY,
        "take|taking|longer|backlog",
        r"\b(?:will|is expected to|are expected to|is likely to|is estimated to|is going to)(?: likely)? take\b.{0,60}",
        needs="period",
    ),
    _rule(
        Kind.EXTENSION,
        _CLEAR,
        "need|require",
        rf"{_WE}{_ADVERBS} (?:needs?|requires?) (?:until|till)\b",
        needs="last_day",
    ),
    # --- They ask for money -------------------------------------------------------------------------------------------
    _rule(
        Kind.FEE,
        _CLEAR,
        "$|dollar|usd",
        r"\b(?:estimate[ds]?|estimated|invoice[ds]?|totals?|totall?ing|amount due|balance|remit|fees? (?:is"
        r"|are|of|will|for|to|in|totals?|comes?|:)|costs? (?:is|are|of|will|for|to|you|in|totals?|comes?|:)"
        r"|charges? (?:is|are|of|will|for|to|in|totals?|comes?)|pay|payable|payment of|payment in"
        r"|in the amount of|will be charged|will charge|charging|owe[ds]?|bill)\b",
        needs="amount",
        unless=r"\b(?:free of charge|usual|normally|ordinarily|otherwise|no (?:charge|fee|cost)s?\b"
        r"|has been waived|have been waived|are waived|is waived|was waived|waiving|refund|already paid"
        r"|your payment|you (?:have )?(?:paid|agreed|authori[sz]ed|offered|indicated|stated)|budget|contract"
        r"|grant award|civil penalt|fine of|annual subscription)",
    ),
    _rule(
        Kind.FEE,
        _LIKELY,
        "$|dollar|usd",
        r"\b(?:fees?|costs?|charges?|charged|price|due|money order|check payable|payment)\b",
        needs="amount",
        unless=r"\b(?:free of charge|usual|normally|ordinarily|otherwise|no (?:charge|fee|cost)s?\b|waived"
        r"|waiving|refund|already paid|your payment|you (?:have )?(?:paid|agreed|authori[sz]ed|offered"
        r"|indicated|stated)|budget|contract|grant award|civil penalt|fine of|annual subscription)",
    ),
    _rule(
        Kind.FEE,
        _LIKELY,
        "pay|remit|fee|invoice|cost",
        r"\b(?:please (?:remit|pay|submit payment|send payment)|payment (?:is required|must be received"
        r"|is due)|upon receipt of (?:your )?payment|invoice is (?:attached|enclosed)"
        r"|(?:attached|enclosed)(?: (?:is|please find|you will find))? (?:an? |the |our )?(?:invoice"
        r"|fee estimate|cost estimate|estimate of (?:the )?(?:cost|fee))|agree(?:ment)? to pay the)\b",
        unless=r"\bno (?:fee|charge|cost|payment)|\bwaived|\bwithout (?:charge|payment)"
        r"|thank you for your payment|received your payment",
    ),
    _rule(
        Kind.FEE,
        _DOUBTFUL,
        "fee|charge|cost|payment",
        r"\b(?:once|after|when|until) (?:we (?:have )?receiv\w+ )?(?:your )?payment|\b(?:fees?|charges?"
        r"|costs?) (?:will|do|does|shall|must) (?:be|apply|assessed|due|paid)|\bthere (?:is"
        r"|will be|are) (?:a|some) (?:fees?|charges?|costs?)\b",
        unless=r"\bno (?:fee|charge|cost)|\bwaived|\bnot be\b",
    ),
    _rule(
        Kind.DEPOSIT,
        _CLEAR,
        "deposit|prepay|pre-pay|advance",
        r"\b(?:deposit|prepay(?:ment)?|pre-payment|advance payment|payment in advance|paid in advance)\b",
        needs="deposit",
        unless=r"\b(?:refund|received your|thank you for (?:your|the) deposit|already paid|has been received"
        r"|direct deposit)",
    ),
    _rule(
        Kind.DEPOSIT,
        _LIKELY,
        "deposit|prepay|pre-pay|advance",
        r"\b(?:deposit|prepayment|pre-payment|advance payment|payment in advance)\b.{0,60}\b(?:required?"
        r"|requires?|must|needed|due|request\w*|before)\b|\b(?:require[sd]?|request|need|must pay"
        r"|due)\b.{0,60}\b(?:deposit|prepayment|pre-payment|advance payment|payment in advance)\b",
        unless=r"\b(?:refund|received your|thank you for|no deposit|already paid|direct deposit|has been received)",
    ),
    # --- They decide on the waiver ------------------------------------------------------------------------------------
    _rule(
        Kind.WAIVER,
        _CLEAR,
        "waiv",
        rf"\b(?:(?:fee )?waiver(?: of (?:the |all )?(?:fees?|costs?|charges?))?(?: request)?|request (?:for"
        rf"|that we) (?:an? )?(?:fee )?waive?r?\b[\w ]{{0,40}}?)\b.{{0,40}}\b(?:is|has been|was|are)(?: hereby"
        rf"| therefore| being)* (?:denied|declined|refused|rejected)"
        rf"|{_WE}{_ADVERBS} (?:den(?:y|ies|ied|ying)|declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)|cannot grant"
        rf"|not grant)\b.{{0,50}}\bwaive"
        r"|\b(?:unable to|cannot|can not|not able to) (?:grant|approve|offer|provide)\b.{0,40}\bwaive",
        marks="refused",
        guarded=True,
    ),
    _rule(
        Kind.WAIVER,
        _CLEAR,
        "waiv",
        rf"\b(?:fee )?waiver\b.{{0,60}}\b(?:is|has been|was)(?: hereby| therefore)* (?:granted|approved|allowed)"
        rf"|{_WE}{_ADVERBS} (?:grant|grants|granted|granting|approv\w+) (?:your |the "
        rf"|a )?(?:request for (?:a )?)?(?:fee )?waiver"
        rf"|{_WE}{_ADVERBS} waiv(?:e|es|ed|ing)\b.{{0,40}}\b(?:fees?|costs?|charges?)"
        r"|\b(?:fees?|costs?|charges?)\b.{0,60}\b(?:are|is|have been|has been|will be)(?: hereby| being)* waived",
        marks="granted",
        unless=r"\bif |\bden(?:y|ied)",
    ),
    # --- They ask us something ----------------------------------------------------------------------------------------
    _rule(
        Kind.CLARIFICATION,
        _CLEAR,
        "clarif|specify|narrow|refine|limit",
        r"\b(?:please|kindly|you to|need to|must|asking you to|could you|can you|would you|invite you to"
        r"|ask that you|request that you|pls)\b(?: \w+){0,3} (?:clarify|specify|narrow|refine|limit"
        r"|reduce the scope)\b",
        unless=r"\byou (?:may|can|might) (?:also )?(?:narrow|clarify|limit|refine)|please (?:limit"
        r"|specify) (?:any|your (?:e-?mails?|calls|questions))|narrowly (?:construed|tailored)",
    ),
    _rule(
        Kind.CLARIFICATION,
        _CLEAR,
        "clarif|more information|additional information|further information|additional detail|"
        "more detail|more specific",
        rf"(?:{_WE}{_ADVERBS} (?:needs?|requires?|request\w*|seek\w*|ask\w*(?: for)?|await\w*|waiting (?:for"
        rf"|on)|unable to proceed without)|\bplease (?:provide|send|supply|submit)|\bawaiting|\bto (?:process"
        rf"|complete|fulfill) (?:your|this) request,? (?:we|i) need)\b.{{0,60}}"
        r"\b(?:clarification|(?:more|additional|further) (?:information|details?|specifics?)|more specific)",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "broad|vague|unclear|ambiguous|not clear|specific|described|describe|burdensome",
        r"\brequest\b.{0,60}\b(?:is|was|appears|seems)(?: \w+){0,2} (?:too (?:broad|vague)|overly broad"
        r"|overbroad|vague|unclear|ambiguous|not (?:sufficiently )?(?:clear|specific)|insufficiently specific"
        r"|not reasonably describe)"
        r"|\b(?:does|did) not (?:reasonably|sufficiently|adequately) (?:describe|identify|specify)",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "unclear|not clear|determine|understand|not sure|uncertain",
        rf"\b(?:it is (?:unclear|not clear)|{_WE}{_ADVERBS} (?:unclear|unsure|not sure|uncertain"
        rf"|unable to determine|not understand|cannot determine|cannot tell)|(?:cannot|could not) determine"
        rf"|do not understand)\b.{{0,60}}\b(?:what (?:you|is meant|records|time)|which|whether you|how (?:you|far))\b",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "please|let us|let me|kindly",
        r"\b(?:please|kindly)(?: \w+){0,2} (?:confirm|let (?:us|me) know|advise(?: us)?|tell us|indicate|state"
        r"|identify|inform us)\b.{0,20}\b(?:whether|which|what|if you (?:are|want|would|mean|seek|need|prefer"
        r"|accept)|how (?:you|far)|the (?:time|date|period|dates|years|format|name))",
        unless=r"\bquestions\b|\bconcerns\b",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "need to know|like to know",
        rf"{_WE}{_ADVERBS} (?:need|would like|needs)(?: to)? (?:know|understand)\b.{{0,40}}\b(?:what|which"
        rf"|whether|how|the (?:time|dates?|period|years?|format|name|names))\b",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "?",
        r"\b(?:do you (?:want|need|have|mean|seek|prefer)|are you (?:seeking|asking|requesting|looking"
        r"|interested|willing|only)|would you (?:like|prefer|accept|be willing)|which (?:records|years?|time"
        r"|dates?|period|format|agency|of these)|what (?:time|dates?|period|format|years?|records|type|kind)"
        r"|can you|could you|did you mean|is your request)\b[^?]{0,200}\?",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "form|identification|proof|sign|residen|id ",
        r"\b(?:please|must|need you to|required to|you will need to|kindly)\b.{0,30}\b(?:complete|fill (?:out"
        r"|in)|sign|return|submit|provide|send|use)\b.{0,40}\b(?:(?:attached|enclosed|following|request"
        r"|certification|records|required|official|online)(?: \w+){0,2} form|proof of (?:residen\w+|identity"
        r"|citizenship|address)|copy of your (?:id|identification|driver|photo)|photo identification)",
    ),
    _rule(
        Kind.CLARIFICATION,
        _LIKELY,
        "not specify|not state|not say|not indicate|not identify|not include",
        r"\brequest (?:does|did) not (?:specify|state|say|indicate|identify|include)\b",
    ),
    # --- They say yes -------------------------------------------------------------------------------------------------
    _rule(
        Kind.GRANTED,
        _CLEAR,
        "grant|approv",
        rf"\b(?:your|this|the) (?:[\w-]+ ){{0,4}}request\b.{{0,50}}\b(?:is|has been|was|will be)(?: hereby"
        rf"| being)* (?:granted|approved)|{_WE}{_ADVERBS} (?:grants?|granted|granting"
        rf"|approv\w+)\b.{{0,30}}\brequest",
        unless=_NOT_OF_REQUEST + r"|\bextension|granted more time|granted in part|partially granted|granted, in part",
    ),
    _rule(
        Kind.GRANTED,
        _CLEAR,
        "in part|partial",
        r"\brequest\b.{0,60}\b(?:granted|approved)(?:,)? in part|\bpartially (?:granted|approved)"
        r"|\bgrant\w*(?:,)? in part",
        marks="part",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.GRANTED,
        _LIKELY,
        "will|ready|available",
        rf"{_WE} (?:will|shall|can|are going to)(?: \w+)? (?:provide|produce|release|send|mail|e-?mail|disclose"
        rf"|make available|make (?=(?:the |these |those |any |all )?(?:responsive |requested )?(?:records"
        rf"|documents|files)\b.{{0,20}}\bavailable)|be (?:providing|releasing|producing"
        rf"|sending))\b.{{0,60}}\b{_RECORDS}",
        unless=r"\bestimate|\bnotif|\binvoice|\bupdate|\backnowledg|\bdetermination|\bresponse\b|\bstatus"
        r"|\bno later\b.{0,20}\bwhether|\bif any\b|\bwhether\b|\bfurther information|\bmore information"
        r"|\binformation (?:about|on|regarding) (?:the|your) (?:status|appeal)|\bcontact information",
    ),
    _rule(
        Kind.GRANTED,
        _LIKELY,
        "inspect|pick|pickup",
        rf"\b{_RECORDS}\b.{{0,60}}\b(?:available|ready) (?:for|to be) (?:inspect\w*|review\w*|viewing|pick\w*"
        rf"|collect\w*)",
    ),
    # --- Records come -------------------------------------------------------------------------------------------------
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "attach|enclos|accompany",
        rf"(?<!your )\b(?:attached|enclosed|accompanying|included (?:with|in) this)\b.{{0,80}}\b{_RECORDS}"
        rf"|\b{_RECORDS}\b.{{0,80}}\b(?:are|is|have been|has been)(?: hereby| also)? (?:attached|enclosed"
        rf"|included (?:with|in) this)"
        rf"|{_WE}{_ADVERBS} (?:attach|attaching|enclose|enclosing|attached|enclosed)\b.{{0,60}}\b{_RECORDS}",
        needs="files",
        unless=r"\b(?:invoice|fee estimate|cost estimate|estimate of|your request\b.{0,20}\bis attached|form\b"
        r"|acknowledg\w+|denial|exemption log|privilege log|vaughn|fee schedule|extension|brochure|flyer"
        r"|policy on fees|frequently asked|instructions|letterhead|our (?:records )?retention schedule"
        r"|more information (?:about|on))",
        marks="files",
    ),
    _rule(
        Kind.PRODUCTION,
        _DOUBTFUL,
        "attach|enclos",
        r"(?<!your )\b(?:attached|enclosed)\b.{0,60}\b(?:response|reply|letter|determination)\b",
        needs="files",
        unless=r"\b(?:invoice|estimate|form\b|acknowledg\w+|denial|extension)",
        marks="files",
    ),
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "provid|produc|releas|sending|sent",
        rf"{_WE} (?:are|am|is|have|has)(?: now| hereby| also| herewith| today)? (?:providing|producing"
        rf"|releasing|sending|uploading|provided|produced|released|sent|uploaded|posted|emailed|mailed|shared"
        rf"|sharing)\b.{{0,80}}\b{_RECORDS}",
        unless=r"\b(?:an? |the |our )?(?:fee|cost)? ?(?:estimate|invoice|notice|acknowledg\w+|reminder)\b"
        r"|\bto (?:the|another|our) (?:department|agency|division|custodian|legal)|\bwill be\b|\bnot\b"
        r"|\bsent (?:you )?a (?:request|letter|form)",
    ),
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "download|access|retriev|view|available|ready|upload|posted|releas",
        rf"\b(?:{_RECORDS}|response|production|installment|installments)\b.{{0,80}}\b(?:are|is|have been"
        rf"|has been|were)(?: now| also)? (?:available|uploaded|posted|released|ready|shared|published"
        rf"|accessible|viewable)\b(?!.{{0,20}}\b(?:inspect|pick|viewing|review at|in person|in our office))",
        unless=r"\bnot (?:yet )?(?:available|ready|released)|\bwill be\b|\bpublicly available (?:on|at) our"
        r"|\bno longer\b|\b(?:once|when|after|until|as soon as)\b.{0,60}\b(?:available|ready|released|uploaded"
        r"|posted)|\bavailable (?:if|upon|after|once|only)\b",
    ),
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "download|retriev|access|view",
        rf"\b(?:(?:you )?(?:may|can) (?:now )?|please |to |click (?:here|below|the link) to |use the (?:link"
        rf"|following link)(?: below)? to )(?:download|retrieve|access|view|obtain|get"
        rf"|open)\b.{{0,60}}\b{_RECORDS}",
        unless=r"\b(?:download|access|view|open|obtain|get) (?:the|a|our|your) (?:request )?form|\bstatus\b"
        r"|\bto get (?:more|further) information|\bto obtain (?:more|further|these|the|such|this"
        r"|your)? ?(?:information|records) from\b|\baccount information|\bmore information"
        r"|\baccess to public (?:records|information)|\bview (?:our|the) (?:faq|policy|policies|retention)"
        r"|\bdrivers? records?\b.{0,20}\bonline|\bif\b",
        marks="link",
        needs="link",
    ),
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "downloaded|accessed|retrieved|viewed|found at|found here",
        rf"\b(?:{_RECORDS}|response)\b.{{0,60}}\b(?:can|may)(?: now)? be (?:downloaded|accessed|retrieved"
        rf"|viewed|found (?:at|here))",
        needs="link",
        unless=r"\bonce\b|\bafter\b|\bwhen\b|\bpolicy|\bform\b",
    ),
    _rule(
        Kind.PRODUCTION,
        _CLEAR,
        "installment|instalment|partial|rolling|interim|final",
        r"\b(?:(?:first|second|third|fourth|fifth|next|another|final|last|partial|interim"
        r"|initial) (?:installment|instalment|production|release|partial response|interim response|batch"
        r"|set of (?:records|documents)))\b",
        needs="files_or_link",
        unless=r"\bwill (?:be|follow|send|provide|receive)|\bexpect|\banticipat",
    ),
    # --- They have none -----------------------------------------------------------------------------------------------
    _rule(
        Kind.NO_RECORDS,
        _CLEAR,
        "no |zero|nothing|none",
        rf"\b(?:no|zero|0) (?:such |responsive |additional |further |other |relevant |public |existing "
        rf"|matching |such responsive )*{_RECORDS}\b.{{0,70}}\b(?:exists?|existed|found|located|identified"
        rf"|available|on file|responsive|in (?:our|its|the) (?:possession|custody|files)|maintained"
        rf"|were (?:found|located)|match\w*|pertain\w*|relat\w+ to your)",
        unless=r"\bno (?:information|data|records?) (?:was|were|is|are|has been|have been|will be) (?:redacted"
        r"|withheld|destroyed|deleted)|\bno longer\b.{0,20}\bneed|\b(?:not|never) (?:mean|suggest|imply)"
        r"|\bno (?:additional|further|other) ",
    ),
    _rule(
        Kind.NO_RECORDS,
        _LIKELY,
        "no additional|no further|no other",
        rf"\bno (?:additional|further|other) (?:responsive )?{_RECORDS}\b.{{0,70}}\b(?:exists?|found|located"
        rf"|identified|responsive)",
        unless=r"\b(?:attached|enclosed|provided|produced|released)\b|\bfees?\b",
    ),
    _rule(
        Kind.NO_RECORDS,
        _CLEAR,
        "search|review|inquir|query",
        r"\b(?:search\w*|review|inquir\w+|query|queries)\b.{0,120}\b(?:yielded|returned|produced|revealed"
        r"|located|found|resulted in|turned up|identified|disclosed|came back)(?: with)? (?:no|zero|0|nothing"
        r"|negative)\b",
    ),
    _rule(
        Kind.NO_RECORDS,
        _CLEAR,
        "not|n't|unable|no |never|none|cannot",
        rf"(?:{_WE}|\band|\bbut|\btherefore|\bthat)?{_ADVERBS} ?\b(?:not|never|don't|doesn't|didn't|cannot"
        rf"|could not|couldn't|unable to|has no|have no|had no|possess(?:es)? no|maintain(?:s)? no|found no"
        rf"|find no|locate[ds]? no|identified no|hold(?:s)? no|keep(?:s)? no)\b"
        rf"(?: (?:currently|have|has|been able to|been|able to|to|ever|also|itself|create|or|and|possess"
        rf"|maintain|keep|hold|retain|collect|compile|track|generate|produce|find|locate|identify|receive|own"
        rf"|discover|in the ordinary course|any|such|responsive|the|a|an|these|those|this|requested|kind of"
        rf"|type of|type|public|additional|copies of|further|specific|separate|aggregate|summary|written"
        rf"|relevant|formal|single)){{0,9}} (?:{_RECORDS})\b",
        unless=r"\b(?:enough|sufficient) |\b(?:more|additional|further|contact|your|payment|billing|mailing"
        r"|fee) information|\bprovide (?:you )?(?:with )?(?:the|these|any|such|those|copies|requested)"
        r"|\b(?:releas|disclos)\w*\b|\bwithin (?:the|that|\w+ (?:\(\d+\) )?(?:business|working"
        r"|calendar)? ?days)|\brequired to\b.{0,40}\bcreate|\bobligat\w+\b.{0,40}\bcreate|\bnot (?:have to"
        r"|need to) create|\bnot (?:yet|able to (?:produce|provide))|\byet\b|\bnot (?:receive"
        r"|received) (?:your|any|the)\b|\bprevious(?:ly)? (?:provided|released)|\bunable to (?:produce"
        r"|receive)|\bcannot (?:produce|receive)|\bcould not (?:produce|receive)|\bnot been able to (?:produce"
        r"|complete)|\bnot (?:the |an? )?(?:public )?(?:records?|information)\b|\bwithout\b|\buntil\b",
        guarded=True,
    ),
    _rule(
        Kind.NO_RECORDS,
        _CLEAR,
        "exist|maintain|kept|possession|custody|on file|held",
        rf"\b{_RECORDS}\b.{{0,80}}\b(?:do|does|did) not exist\b|\b{_RECORDS}\b.{{0,80}}\b(?:are|is) not (?:kept"
        rf"|maintained|held|created|generated|collected|tracked|in (?:our|its|the (?:agency|department|division"
        rf"|office)'s) (?:possession|custody|files))",
        unless=r"\b(?:required|obligat\w+|duty)\b.{0,40}\bcreate|\bcreate (?:a "
        r"|any )?(?:new )?records?\b.{0,40}\bdo(?:es)? not exist|\bwhether\b",
    ),
    _rule(
        Kind.NO_RECORDS,
        _LIKELY,
        "not the custodian|no responsive|no records|not in possession|not have any|nonexistent|non-existent",
        r"\b(?:not (?:the|a) (?:legal |official |proper )?custodian|no (?:responsive )?records(?: response"
        r"| determination)?\.?$|not in possession)\b",
    ),
    # --- They refuse --------------------------------------------------------------------------------------------------
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "den|declin|refus|reject",
        rf"{_WE}{_ADVERBS} (?:den(?:y|ies|ying|ied)|declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)|reject(?:s|ed"
        rf"|ing)?)\b.{{0,90}}\b(?:request|access|disclosure|inspection|release|records?|documents?|information"
        rf"|portion|it|them|items?|in full|entirety|to (?:disclose|release|provide|produce|comply|furnish|share"
        rf"|confirm)|(?<=deny)[.!]?$|(?<=denying)[.!]?$|(?<=denied)[.!]?$)",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "denied|rejected|declined|refused|denying",
        r"\b(?:your|this|the|such|item|items|part|portion)(?: [\w#-]+){0,7} (?:request|requests|portion"
        r"|items?|access|application|part|inspection|[0-9]+)\b[^;]{0,70}?\b(?:is|are|has been|have been|was"
        r"|were|must be|will be|must respectfully be|is being)(?: hereby| therefore| respectfully| accordingly"
        r"| being| thus| partially)* (?:denied|rejected|declined|refused)",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "denied|refused",
        r"\b(?:access|inspection|disclosure|release|copies)\b.{0,70}\b(?:is|are|has been|must be"
        r"|was)(?: hereby| therefore| respectfully)* (?:denied|refused)",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "denial|deny",
        r"\b(?:this|the|our)(?: (?:letter|e-?mail|response|notice|message|correspondence"
        r"|determination))? (?:is|constitutes|serves as|shall serve as|represents|should be considered"
        r"|is to be considered) (?:as |to |our |the |notice of (?:the |our )?|written notice of (?:the "
        r"|our )?)*(?:an? |the )?(?:final |formal |written |partial |official |agency'?s? )*(?:denial|refusal"
        r"|decision to deny|determination to deny)",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "confirm nor deny|confirm or deny",
        r"\b(?:neither confirm(?:s)? nor den(?:y|ies)|(?:cannot|can not|will not|unable to|declines? to"
        r"|can neither) (?:neither )?confirm (?:n?or) deny)\b",
        guarded=False,
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "withh",
        rf"{_WE}{_ADVERBS} (?:withhold(?:s|ing)?|withheld)\b|\b{_RECORDS}\b.{{0,80}}\b(?:are|is|were|was"
        rf"|have been|has been|must be|will be)(?: being| hereby)* withheld",
        unless=_NOT_OF_REQUEST
        + r"|\bdo(?:es)? not withh|\bno (?:\w+ ){1,4}(?:was|were|has been|have been|is|are|being) (?:being )?withheld",
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "exempt|confidential|privileged|protected|not subject|prohibited|nonpublic|not public|closed record",
        rf"\b(?:{_RECORDS}|they|these|it|request|requests|which|that)\b.{{0,90}}\b(?:is|are|be|constitute"
        rf"|as)(?: considered| deemed| therefore| also| statutorily| strictly| all| specifically"
        rf"| by law)* (?:exempt(?:ed)?\b|confidential|privileged|protected (?:from|by|under)"
        rf"|not subject to (?:disclosure|inspection|release|public)|prohibited from (?:disclosure|release)"
        rf"|nonpublic|non-public|not (?:a )?public records?|closed records?|law enforcement sensitive)",
        marks="exempt",
        unless=_NOT_OF_REQUEST
        + r"|\btax[- ]exempt|\bexempt from (?:fees?|payment|charges?|sales|tax)|this (?:e-?mail|message"
        r"|communication|transmission)|intended (?:only )?(?:for|recipient)"
        r"|\battachments?\b.{0,40}\bconfidential|\bno\b.{0,30}\bexempt",
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "cannot|can not|can't|unable|not able|prohibit|not permitted|not authorized|"
        "not allowed|forbid|barred|precluded|will not",
        rf"(?:{_WE}|\blaw|\bstatute|\bact|\bcode|\bsection|§|\bpolicy|\bdppa){_ADVERBS}\b.{{0,60}}\b(?:cannot"
        rf"|can not|can't|unable to|not able to|prohibit\w*|not permitted to|not authorized to|not allowed to"
        rf"|forbid\w*|barred from|precluded from|will not(?: be)?)\b.{{0,40}}\b(?:releas\w*|disclos\w*"
        rf"|dissemin\w*|shar(?:e|ing)|furnish\w*|divulg\w*|grant)\b",
        unless=_NOT_OF_REQUEST
        + r"|\buntil\b|\bunless\b|\bestimate|\blegal advice|\bwithin (?:the|that|\w+ (?:business|working"
        r"|calendar)? ?days)|\bby (?:the|that) (?:deadline|date)|\bwithout (?:payment|a deposit|your|further"
        r"|more)|\bextension|\bprior to (?:payment|receiving)",
    ),
    _rule(
        Kind.DENIAL,
        _LIKELY,
        "cannot|can not|can't|unable|not able|will not|not be able",
        rf"{_WE}{_ADVERBS} (?:cannot|can not|can't|unable to|not able to|not be able to"
        rf"|not)(?: be able to)? (?:provid\w*|produc\w*|fulfil\w*|comply|honor|accommodate|process|give|send"
        rf"|make available|respond to)\b.{{0,60}}\b(?:{_RECORDS}|request|these|them|it|copies|access)\b",
        unless=_NOT_OF_REQUEST + r"|\buntil\b|\bunless\b|\bestimate|\blegal advice|\bwithin (?:the|that|this|those"
        r"|\w+ (?:\(\d+\) )?(?:business|working|calendar)? ?days)|\bdeadline|\bby (?:the|that)\b|\bwithout\b"
        r"|\bat this time\b|\byet\b|\bprior to\b|\bby (?:telephone|phone|e-?mail)|\bexact|\btimeline"
        r"|\btimeframe|\bupdates?\b|\bin time\b|\bbefore\b",
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "denied in part|denied, in part|partially den|partial denial|deny in part|"
        "denies in part|denying in part|denied as to|withheld in part|part and denied|part, and denied",
        r"\b(?:den(?:ied|y|ies|ying),? in part|partially den(?:ied|y|ying)|partial denial|denied as to"
        r"|withheld in part|in part,? and den(?:ied|y))",
        marks="part",
        unless=_NOT_OF_REQUEST,
    ),
    _rule(
        Kind.DENIAL,
        _LIKELY,
        "redact",
        rf"(?:{_WE}{_ADVERBS} redact(?:ed|ing)?|\b(?:has|have) been redacted|\b(?:is|are|was"
        rf"|were)(?: being)? redacted|\bredactions? (?:have been|were|has been|was|are) (?:made|applied"
        rf"|necessary|required)|\bwith redactions|\bredacted (?:copies|copy|version|records?|documents?))\b",
        marks="part",
        unless=r"\bno (?:\w+ ){1,3}(?:was|were|has been|have been|is|are) redacted|\bno redactions"
        r"|\bnothing (?:was|has been) redacted|\bnot (?:been )?redact|\bunredacted|\bwill (?:need to )?review",
    ),
    _rule(
        Kind.DENIAL,
        _CLEAR,
        "prohibit|forbid|barred|restrict",
        r"\b(?:release|disclosure|dissemination|sharing|inspection) of\b.{0,60}\b(?:is|are)(?: strictly"
        r"| expressly| therefore)?"
        r" (?:prohibited|forbidden|barred|restricted)\b",
        unless=_NOT_OF_REQUEST,
    ),
    # --- They send us elsewhere ---------------------------------------------------------------------------------------
    _rule(
        Kind.REFERRAL,
        _CLEAR,
        "forward|refer|transfer|rout|redirect",
        rf"{_WE}{_ADVERBS} (?:forward(?:ed|ing)|referr(?:ed|ing)|transferr(?:ed|ing)|rout(?:ed|ing)"
        rf"|redirect(?:ed|ing))\b.{{0,60}}\b(?:request|inquiry|letter|e-?mail|it)\b.{{0,20}}\bto\b"
        rf"|\brequest\b.{{0,30}}\b(?:has been|was|is being) (?:forwarded|referred|transferred|routed"
        rf"|redirected) to\b",
        needs="other_body",
        unless=r"\bto (?:our|the appropriate (?:staff|person|unit|division|personnel)|my|the records (?:unit"
        r"|division|section)|the legal)\b",
    ),
    _rule(
        Kind.REFERRAL,
        _LIKELY,
        "contact|direct|submit|send|forward|reach",
        r"\b(?:please|you (?:may|should|can|will need to|must|might|would need to)|we (?:suggest|recommend"
        r"|encourage|advise|refer)|may wish to|need to)\b.{0,40}\b(?:contact|direct|submit|send|forward"
        r"|redirect|address|refer you to|resubmit|re-submit|reach out to|try|you to)\b.{0,80}",
        needs="other_body",
        unless=r"\b(?:contact|call|e-?mail|reach) (?:me|us|our|this office|the undersigned)\b|\bquestions\b"
        r"|\bappeal|\bpayment|\bchecks?\b|\bpayable|\breview of (?:this|our)|\bcomplaint|\bdispute|\bmediation"
        r"|\bfees?\b|\bpublic access counselor|\bombuds",
    ),
    _rule(
        Kind.REFERRAL,
        _LIKELY,
        "maintained by|held by|kept by|custod|possession of|belong|jurisdiction of",
        rf"\b(?:{_RECORDS}|request)\b.{{0,80}}\b(?:maintained|held|kept|owned|managed|created|generated) by\b"
        rf"|\b(?:is|are) the (?:legal |official |proper )?custodian of\b|\b(?:in the (?:custody|possession) of"
        rf"|custodian of (?:these|those|such|the requested) records is|belongs? to)\b",
        needs="other_body",
        unless=r"\b(?:by|of) (?:our|this) ",
    ),
    _rule(
        Kind.REFERRAL,
        _LIKELY,
        "different agency|another agency|other agency|appropriate agency|correct agency|"
        "another department|different department|wrong agency",
        r"\b(?:a different|another|the (?:appropriate|correct|proper)|the wrong|some other) (?:state |federal "
        r"|local |public )?(?:agency|department|custodian|office)\b",
        unless=r"\bif\b|\bfrom another agency.{0,20}consult|\bconsult",
    ),
    _rule(
        Kind.REFERRAL,
        _LIKELY,
        "be directed|be sent|be submitted|be addressed|be made to",
        r"\brequests?\b.{0,40}\b(?:should|must|needs? to|has to|have to) be (?:directed|sent|submitted"
        r"|addressed|made) to\b",
        needs="other_body",
        unless=r"\bappeal|\bpayment|\bto (?:our|this|us|me)\b",
    ),
    _rule(
        Kind.REFERRAL,
        _LIKELY,
        "maintains|holds|keeps",
        r"\b(?:maintains|holds|keeps) (?:these|those|such|the requested|the responsive|that|this)\b",
        needs="other_body",
    ),
    # --- The portal speaks --------------------------------------------------------------------------------------------
    _rule(
        Kind.PORTAL,
        _CLEAR,
        "message|document|response|note|update|status|comment|file",
        r"\b(?:a |an )?(?:new )?(?:message|documents?|response|note|update|comment|files?|staff message"
        r"|external message|correspondence)\b.{0,40}\b(?:has|have) been (?:posted|added|sent|published|left"
        r"|uploaded|attached)\b.{0,60}\b(?:to|on|in|regarding|for|about)\b.{0,20}\b(?:your|the"
        r"|this)\b.{0,30}\b(?:request|portal|case|account)",
    ),
    _rule(
        Kind.PORTAL,
        _LIKELY,
        "log in|login|log into|portal|records center|view your request|track",
        r"\b(?:log ?in(?:to)?|log into|sign in to|visit|check|view|track|access|monitor"
        r"|follow)\b.{0,40}\b(?:portal|records center|your (?:request|account|case)|request (?:status|online)"
        r"|status of (?:your|the|this) request)",
    ),
    _rule(
        Kind.PORTAL,
        _LIKELY,
        "status",
        r"\b(?:status of )?(?:your|the"
        r"|this) (?:[\w-]+ ){0,5}request\b.{0,60}\bstatus\b.{0,20}\b(?:has (?:been )?changed|is now|changed to"
        r"|has been (?:set|updated))|\bstatus of (?:your|the|this)\b.{0,40}\b(?:has (?:been )?(?:changed"
        r"|updated)|is now)",
    ),
    # --- They close it ------------------------------------------------------------------------------------------------
    _rule(
        Kind.CLOSED,
        _CLEAR,
        "clos|withdrawn|abandon|concluded",
        rf"\b(?:your|this|the) (?:[\w-]+ ){{0,4}}(?:request|matter|file|case)\b.{{0,60}}\b(?:is|has been|was"
        rf"|are)(?: now| hereby| therefore| being| considered| deemed)* (?:closed|withdrawn|abandoned"
        rf"|concluded)|{_WE}{_ADVERBS} (?:closed|closing|consider\w*)\b.{{0,30}}\b(?:request|matter|file|case"
        rf"|it)\b(?:.{{0,20}}(?:closed|withdrawn|abandoned))?",
        unless=r"\bwill be closed|\bwill close|\bnot (?:be )?(?:closed|closing)|\bmay be|\bconsider(?:s|ed"
        r"|ing)? (?:your|the) request(?! (?:to be )?(?:closed|withdrawn|abandoned))|\boffice (?:is"
        r"|will be) closed",
    ),
)

# That what came is all that will come, said in a sentence of its own: "This completes our response."
COMPLETES: Final = re.compile(
    r"\b(?:this|that|which|it|(?:the )?(?:attached|enclosed|above)(?: \w+){0,2})(?: \w+){0,3}? "
    r"(?:completes|concludes|fulfills|satisfies)\b[\w' ]{0,40}\b(?:response|request|production|release|disclosure"
    r"|obligations?)\b"
    r"|\b(?:this|it|the (?:attached|enclosed)(?: \w+)?) (?:is|constitutes) (?:our|the|its|a) (?:\w+ ){0,3}?"
    r"(?:complete|final|full)(?: and (?:complete|final|full))? (?:response|production|release)\b"
    r"|\b(?:our|the|this) (?:[\w']+ ){0,3}(?:response|production)(?: to your request)? is(?: now)? "
    r"(?:complete|concluded)\b"
)
ONLY_PART: Final = re.compile(
    r"\b(?:first|second|third|initial|interim|partial|portion|part|parts|items?|installment|instalment|phase|batch|will"
    r"|would|once|until|when|after|review|search)\b"
)
