"""The law book's facts: every reviewed number is there, and nothing that was unknown became a number.

The tables are pinned from the reviewed facts of 2026-11-21 (50 states, DC, US). A changed fact changes its row here, in
the same commit, with its source in the statute file: so nobody edits a number of law by accident.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import msgspec
import pytest

from requests_app.law.book import CODES, open_book
from requests_app.law.deadlines import project
from requests_app.law.rows import Deadline
from requests_app.law.schema import Period, Rule, Statute
from requests_app.law.timeline import Event, Timeline

BOOK = open_book()
DUTY_KINDS = frozenset({"acknowledgment", "determination", "production"})


def statute(code: str) -> Statute:
    return BOOK.statute(code)


@cache
def rule(rule_id: str) -> Rule:
    return statute(rule_id[:2]).rule(rule_id)


def words(period: Period | None) -> str:
    return "-" if period is None else f"{period.amount} {period.unit}"


def table(text: str, separator: str = " | ") -> list[list[str]]:
    """Read a pinned table: one fact a line."""
    return [line.split(separator) for line in text.strip().splitlines()]


# --- what was carried over ------------------------------------------------------------------------------------------

# Code, confidence, then how many: duties, extensions, appeal steps, contents of a denial, exemptions, oversight bodies,
# recent changes, sources, doubts.
COUNTS = """
AK medium 2 1 3 4 3 1 0 9 5
AL medium 2 2 1 1 3 0 1 8 4
AR medium 2 0 1 3 3 0 3 6 4
AZ medium 1 0 2 1 3 1 1 8 4
CA high 1 1 1 3 4 0 2 9 3
CO medium 3 1 2 3 3 0 3 11 4
CT high 1 0 2 1 3 1 1 8 4
DC high 1 1 2 3 4 2 2 8 3
DE medium 1 1 3 1 3 1 0 9 4
FL medium 0 0 2 2 3 1 0 7 3
GA medium 2 0 2 3 3 1 1 7 4
HI high 3 1 2 3 4 1 0 12 4
IA medium 1 0 2 0 3 1 2 11 5
ID medium 2 2 1 4 3 0 1 13 3
IL high 1 1 2 5 4 1 1 9 5
IN medium 1 0 2 3 3 1 1 7 6
KS high 1 0 3 3 4 1 1 7 4
KY high 1 0 3 4 3 1 2 7 4
LA medium 2 0 1 3 3 2 2 7 3
MA high 2 1 3 4 3 2 1 8 4
MD high 3 1 3 5 3 2 3 13 5
ME medium 2 0 2 4 4 2 4 9 3
MI high 1 1 3 5 4 1 2 9 2
MN medium 0 0 3 3 3 1 0 7 4
MO high 1 0 2 3 3 1 1 11 3
MS high 2 1 2 3 3 1 2 11 2
MT medium 3 2 1 1 4 1 2 9 4
NC high 0 0 2 2 3 1 2 7 3
ND high 0 0 2 2 3 1 1 7 3
NE high 1 1 2 5 3 1 1 11 1
NH medium 1 1 3 3 3 1 3 10 4
NJ medium 1 2 2 2 5 1 1 9 4
NM high 2 1 2 4 4 1 2 16 1
NV high 1 1 1 2 3 0 2 8 4
NY high 2 1 2 3 4 1 2 9 4
OH medium 0 0 3 3 4 2 2 7 4
OK medium 0 0 2 0 3 1 3 10 4
OR high 2 3 2 3 4 2 1 9 3
PA high 1 1 2 6 4 1 1 10 4
RI high 2 1 3 6 3 1 1 10 3
SC high 6 1 1 2 3 0 1 11 3
SD medium 1 1 3 2 3 1 1 15 4
TN medium 1 1 2 2 4 1 2 13 5
TX high 6 2 3 4 3 1 2 10 3
US high 2 1 3 6 4 2 2 5 4
UT medium 3 3 4 4 3 2 3 12 4
VA medium 1 3 2 3 3 1 2 13 4
VT high 3 1 2 5 3 1 1 8 5
WA high 1 1 3 3 3 1 1 10 3
WI high 0 0 2 3 3 1 2 9 4
WV high 1 0 1 3 3 1 1 9 3
WY medium 3 1 2 2 3 1 2 8 5
"""


@pytest.mark.parametrize("row", table(COUNTS, " "), ids=lambda row: row[0])
def test_nothing_reviewed_was_lost(row: list[str]) -> None:
    law = statute(row[0])
    duties, extensions, steps, denial, exemptions, bodies, changes, sources, doubts = map(int, row[2:])
    tolled = {"MT": 1, "OR": 1}.get(law.code, 0)  # two rows among the facts' extensions are pauses of the clock
    provisions = {(found.citation, found.duty) for found in law.rules if found.kind == "extension"}

    assert law.confidence == row[1]
    assert len(law.denial_must) == denial
    assert len(law.likely_exemptions) == exemptions
    assert len(law.oversight) == bodies
    assert len(law.recent_changes) == changes
    assert len(law.sources) == sources
    assert len(law.doubts) >= doubts
    assert len([found for found in law.rules if found.kind in DUTY_KINDS]) >= duties
    assert len(provisions) + tolled == extensions
    assert len({found.body for found in law.rules if found.kind in ("appeal", "court")}) == steps


# Code, kind, period, trigger, citation: each of the 83 duties of an agency.
DUTIES = """
AK | production | 10 business_days | receipt | 2 AAC 96.325(a)
AK | determination | 10 business_days | receipt | 2 AAC 96.325(b)
AL | acknowledgment | 10 calendar_days | receipt | Ala. Code § 36-12-44(a)(3)
AL | determination | 15 business_days | acknowledgment | Ala. Code § 36-12-44(a)(4)
AR | production | 3 business_days | receipt | Ark. Code Ann. § 25-19-105(a)(6), (e)
AR | determination | 3 business_days | receipt | Ark. Code Ann. § 25-19-105(a)(3)-(5)
AZ | acknowledgment | 5 business_days | receipt | A.R.S. § 39-171(B)
CA | determination | 10 calendar_days | receipt | Gov. Code § 7922.535(a)
CO | production | 3 business_days | receipt | C.R.S. § 24-72-203(3)(b)
CO | production | 3 business_days | receipt | C.R.S. § 24-72-303(3)
CO | determination | 72 hours | other | C.R.S. § 24-72-305(6)
CT | determination | 4 business_days | receipt | Conn. Gen. Stat. § 1-206(a)
DC | determination | 15 business_days | receipt | D.C. Code § 2-532(c)(1)
DE | determination | 15 business_days | receipt | 29 Del. C. § 10003(h)(1)
GA | production | 3 business_days | receipt | O.C.G.A. § 50-18-71(b)(1)(A)
GA | determination | 3 business_days | receipt | O.C.G.A. § 50-18-71(d)
HI | production | 10 business_days | receipt | HAR § 2-71-13(a)
HI | determination | 10 business_days | receipt | HAR § 2-71-13(b)
HI | production | 5 business_days | determination | HAR § 2-71-13(b)
IA | determination | 20 calendar_days | receipt | Iowa Code § 22.8(4)(d)
ID | determination | 3 business_days | receipt | Idaho Code § 74-103(2)
ID | determination | 21 calendar_days | receipt | Idaho Code § 74-103(2)
IL | determination | 5 business_days | receipt | 5 ILCS 140/3(d)
IN | acknowledgment | 7 calendar_days | receipt | Ind. Code § 5-14-3-9(c)
KS | determination | 3 business_days | receipt | K.S.A. 45-218(d)
KY | determination | 5 business_days | receipt | KRS 61.880(1)
LA | determination | 5 business_days | sending | La. R.S. 44:35(A); see also 44:32(D)
LA | production | 3 business_days | receipt | La. R.S. 44:33(B)(1)
MA | determination | 10 business_days | receipt | G.L. c. 66, § 10(a)-(b); 950 CMR 32.06(2)(b)
MA | production | 15 business_days | receipt | G.L. c. 66, § 10(b)(vi)
MD | acknowledgment | 10 business_days | receipt | Md. Gen. Prov. § 4-203(b)(2)
MD | determination | 30 calendar_days | receipt | Md. Gen. Prov. § 4-203(a)(1)
MD | production | 30 calendar_days | receipt | Md. Gen. Prov. § 4-203(b)(1)
ME | acknowledgment | 5 business_days | receipt | 1 M.R.S. § 408-A(3)
ME | determination | 5 business_days | receipt | 1 M.R.S. § 408-A(4)
MI | determination | 5 business_days | receipt | MCL 15.235(2)
MO | determination | 3 business_days | receipt | RSMo § 610.023.3
MS | determination | 7 business_days | receipt | Miss. Code Ann. § 25-61-5(1)(a)-(b)
MS | production | 14 business_days | receipt | Miss. Code Ann. § 25-61-5(1)(b)
MT | acknowledgment | 5 business_days | receipt | Mont. Code Ann. § 2-6-1006(3)
MT | production | 5 business_days | acknowledgment | Mont. Code Ann. § 2-6-1006(3)
MT | production | 90 calendar_days | acknowledgment | Mont. Code Ann. § 2-6-1006(3)
NE | determination | 4 business_days | receipt | Neb. Rev. Stat. § 84-712(4)
NH | determination | 5 business_days | receipt | RSA 91-A:4, IV(b)
NJ | determination | 7 business_days | receipt | N.J.S.A. 47:1A-5(i)
NM | acknowledgment | 3 business_days | receipt | NMSA 1978, § 14-2-8(D)
NM | production | 15 calendar_days | receipt | NMSA 1978, §§ 14-2-8(D), 14-2-11
NV | determination | 5 business_days | receipt | NRS 239.0107(1)
NY | acknowledgment | 5 business_days | receipt | N.Y. Pub. Off. Law § 89(3)(a); 21 NYCRR 1401.5(c)
NY | determination | 20 business_days | acknowledgment | N.Y. Pub. Off. Law § 89(3)(a); 21 NYCRR 1401.5(c)-(d)
OR | acknowledgment | 5 business_days | receipt | Or. Rev. Stat. § 192.324(2)
OR | determination | 15 business_days | receipt | Or. Rev. Stat. § 192.329(5)
PA | determination | 5 business_days | receipt | 65 P.S. § 67.901
RI | determination | 10 business_days | receipt | R.I. Gen. Laws § 38-2-7(a)
RI | production | 10 business_days | receipt | R.I. Gen. Laws § 38-2-3(e); § 38-2-7(b)
SC | determination | 10 business_days | receipt | S.C. Code Ann. § 30-4-30(C)
SC | determination | 20 business_days | receipt | S.C. Code Ann. § 30-4-30(C)
SC | production | 30 calendar_days | determination | S.C. Code Ann. § 30-4-30(C)
SC | production | 35 calendar_days | determination | S.C. Code Ann. § 30-4-30(C)
SC | production | 30 calendar_days | payment | S.C. Code Ann. § 30-4-30(C)
SC | production | 35 calendar_days | payment | S.C. Code Ann. § 30-4-30(C)
SD | determination | 10 business_days | receipt | SDCL § 1-27-37(1)
TN | determination | 7 business_days | receipt | Tenn. Code Ann. § 10-7-503(a)(2)(B)
TX | production | 10 business_days | receipt | Tex. Gov't Code § 552.221(a), (d)
TX | determination | 10 business_days | receipt | Tex. Gov't Code § 552.301(b), (d)
TX | determination | 15 business_days | receipt | Tex. Gov't Code § 552.301(e), (e-1)
TX | determination | 10 business_days | receipt | Tex. Gov't Code § 552.221(f)
TX | determination | 10 business_days | receipt | Tex. Gov't Code § 552.221(g)
TX | determination | 20 calendar_days | receipt | Tex. Gov't Code § 552.231(a)-(c)
US | determination | 20 business_days | receipt | 5 U.S.C. § 552(a)(6)(A)(i)
US | determination | 10 calendar_days | sending | 5 U.S.C. § 552(a)(6)(E)(ii)(I)
UT | determination | 10 business_days | receipt | Utah Code § 63G-2-204(4)(b)
UT | determination | 5 business_days | receipt | Utah Code § 63G-2-204(4)(b), (5)
UT | acknowledgment | 5 business_days | receipt | Utah Code § 63G-2-204(4)(a)
VA | determination | 5 business_days | receipt | Va. Code Ann. § 2.2-3704(B)
VT | production | 3 business_days | receipt | 1 V.S.A. § 318(a)(1), (b)
VT | determination | 3 business_days | receipt | 1 V.S.A. § 318(b)(2)
VT | production | 7 calendar_days | receipt | 1 V.S.A. § 318(b)(1)
WA | acknowledgment | 5 business_days | receipt | RCW 42.56.520(1)
WV | determination | 5 business_days | receipt | W. Va. Code § 29B-1-3(d)
WY | determination | 7 business_days | acknowledgment | Wyo. Stat. § 16-4-202(b)
WY | acknowledgment | 7 business_days | acknowledgment | Wyo. Stat. § 16-4-202(c)(i)
WY | production | 30 calendar_days | acknowledgment | Wyo. Stat. § 16-4-202(c)(ii)-(iii)
"""


@pytest.mark.parametrize("row", table(DUTIES), ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}-{row[4]}")
def test_every_duty_of_an_agency_is_in_the_book(row: list[str]) -> None:
    code, kind, period, trigger, citation = row

    found = [
        duty
        for duty in statute(code).rules
        if (duty.kind, words(duty.period), duty.trigger, duty.citation) == (kind, period, trigger, citation)
    ]

    assert found, f"no such duty: {row}"
    assert all(duty.duty_of == "agency" and not duty.first_day_counts for duty in found)


# Rule, period (- where the law sets none), whether it is added to the due date or a total from the trigger, and which
# duty it extends.
EXTENSIONS = """
AK.extension.2-aac-96.325-d | 10 business_days | due_date | production.2-aac-96.325-a
AL.extension.36-12-44-a-4 | 15 business_days | due_date | determination.36-12-44-a-4
AL.extension.36-12-44-b | 45 business_days | trigger | determination.36-12-44-a-4
CA.extension.7922.535-b | 14 calendar_days | due_date | determination.7922.535-a
CO.extension.24-72-203-3-b | 7 business_days | due_date | production.24-72-203-3-b
DC.extension.2-532-d | 10 business_days | due_date | determination.2-532-c-1
DE.extension.10003-h-1 | - | - | determination.10003-h-1
HI.extension.2-71-13-c | 20 business_days | trigger | determination.2-71-13-b
ID.extension.74-103-2.resident | 10 business_days | trigger | determination.74-103-2.resident
ID.extension.74-103-2.nonresident | 35 calendar_days | trigger | determination.74-103-2.nonresident
IL.extension.3-e | 5 business_days | due_date | determination.3-d
MA.extension.66-10-c | 20 business_days | due_date | production.66-10-b-vi
MD.extension.4-203-d-1.acknowledgment | 30 calendar_days | due_date | acknowledgment.4-203-b-2
MD.extension.4-203-d-1.determination | 30 calendar_days | due_date | determination.4-203-a-1
MD.extension.4-203-d-1.production | 30 calendar_days | due_date | production.4-203-b-1
MI.extension.15.235-7 | 10 business_days | due_date | determination.15.235-2
MS.extension.25-61-5-1-b | - | - | production.25-61-5-1-b
MT.extension.2-6-1006-3 | 6 months | trigger | production.2-6-1006-3
NE.extension.84-712-4 | - | - | determination.84-712-4
NH.extension.91-a-4-iv-b-3 | - | - | determination.91-a-4-iv-b
NJ.extension.47-1a-5-i.commercial-or-daniels-law | 7 business_days | due_date | determination.47-1a-5-i
NJ.extension.47-1a-5-i.more-time | - | - | determination.47-1a-5-i
NM.extension.14-2-10 | - | - | production.14-2-8-d
NV.extension.239.0107-1-c | - | - | determination.239.0107-1
NY.extension.89-3-a | - | - | determination.89-3-a
OR.extension.192.329-5 | - | - | determination.192.329-5
OR.extension.192.329-6 | - | - | determination.192.329-5
PA.extension.67.902 | 30 calendar_days | due_date | determination.67.901
RI.extension.38-2-3-e.production | 20 business_days | due_date | production.38-2-3-e
RI.extension.38-2-3-e.determination | 20 business_days | due_date | determination.38-2-7-a
SC.extension.30-4-30-c.determination.recent | - | - | determination.30-4-30-c.recent
SC.extension.30-4-30-c.determination.older | - | - | determination.30-4-30-c.older
SC.extension.30-4-30-c.production.recent | - | - | production.30-4-30-c.recent
SC.extension.30-4-30-c.production.older | - | - | production.30-4-30-c.older
SC.extension.30-4-30-c.production.recent.after-deposit | - | - | production.30-4-30-c.recent.after-deposit
SC.extension.30-4-30-c.production.older.after-deposit | - | - | production.30-4-30-c.older.after-deposit
SD.extension.1-27-37-1-c | - | - | determination.1-27-37-1
TN.extension.10-7-503-a-2-b-iii | - | - | determination.10-7-503-a-2-b
TX.extension.552.231-c | 10 calendar_days | due_date | determination.552.231-c
TX.extension.552.221-d | - | - | production.552.221
US.extension.552-a-6-b | 10 business_days | due_date | determination.552-a-6-a-i
UT.extension.63g-2-204.legal-advice | 5 business_days | due_date | determination.63g-2-204-4-b
UT.extension.63g-2-204.editing | 15 business_days | trigger | determination.63g-2-204-4-b
UT.extension.63g-2-204.volume | - | - | determination.63g-2-204-4-b
UT.extension.63g-2-204.legal-advice.expedited | 5 business_days | due_date | determination.63g-2-204-4-b.expedited
UT.extension.63g-2-204.editing.expedited | 15 business_days | trigger | determination.63g-2-204-4-b.expedited
UT.extension.63g-2-204.volume.expedited | - | - | determination.63g-2-204-4-b.expedited
VA.extension.2.2-3704-b-4 | 7 business_days | due_date | determination.2.2-3704-b
VA.extension.2.2-3706.1 | 60 business_days | due_date | determination.2.2-3704-b
VA.extension.2.2-3704-c | - | - | determination.2.2-3704-b
VT.extension.318-b-5.determination | 10 business_days | trigger | determination.318-b-2
VT.extension.318-b-5.production | 10 business_days | trigger | production.318-b
VT.extension.318-b-5.active-use | 10 business_days | trigger | production.318-b-1
WA.extension.42.56.520-2 | - | - | production.42.56.520
WY.extension.16-4-202-c-iv | - | - | production.16-4-202-c-ii
"""


def test_every_extension_is_in_the_book_and_no_other() -> None:
    found = {
        (
            extension.id,
            words(extension.period),
            extension.counted_from or "-",
            (extension.extends or "").removeprefix(f"{code}."),
        )
        for code in CODES
        for extension in statute(code).rules
        if extension.kind == "extension"
    }

    assert found == {tuple(row) for row in table(EXTENSIONS)}


# Rule, whose duty, level, period (- where the statute sets none), triggers, which level's decision comes before.
STEPS = """
AK.appeal.2-aac-96.340 | requester | administrative | 60 business_days | denial | -
AK.appeal.2-aac-96.340.decision | agency | administrative | 10 business_days | appeal_filing | -
AK.court.40.25.125 | requester | court | - | denial | -
AK.court.40.25.124 | requester | court | 30 calendar_days | appeal_decision | administrative
AL.court.36-12-44 | requester | court | - | denial deemed_denial | -
AR.court.25-19-107 | requester | court | - | denial | -
AZ.appeal.41-1376.01 | requester | ombudsman | - | denial | -
AZ.court.39-121.02-a | requester | court | - | denial deemed_denial | -
CA.court.7923.000 | requester | court | - | denial | -
CO.court.24-72-204-5 | requester | court | - | denial | -
CO.court.24-72-305-7 | requester | court | - | denial | -
CT.appeal.1-206-b-1 | requester | commission | 30 calendar_days | denial deemed_denial | -
CT.appeal.1-206-b-1.decision | agency | commission | 12 months | appeal_filing | -
CT.court.4-183-c | requester | court | 45 calendar_days | appeal_decision | commission
DC.appeal.2-537-a | requester | administrative | - | denial | -
DC.appeal.2-537-a.decision | agency | administrative | 10 business_days | appeal_filing | -
DC.court.2-537 | requester | court | - | appeal_decision deemed_denial | administrative
DE.appeal.10005-e | requester | attorney_general | - | denial | -
DE.appeal.10005-e.decision | agency | attorney_general | 20 calendar_days | appeal_filing | -
DE.court.10005-b | requester | court | 60 calendar_days | denial | -
DE.court.10005-e.after-attorney-general | requester | court | 60 calendar_days | appeal_decision | attorney_general
FL.appeal.16.60 | requester | attorney_general | - | denial | -
FL.court.119.11 | requester | court | - | denial | -
GA.appeal.50-18-73-a.attorney-general | requester | attorney_general | - | denial | -
GA.court.50-18-73-a | requester | court | - | denial | -
HI.appeal.2-73-12 | requester | commission | 12 months | denial deemed_denial | -
HI.court.92f-15 | requester | court | 24 months | denial | -
IA.appeal.23.7-1 | requester | commission | 60 calendar_days | denial | -
IA.court.22.10 | requester | court | - | denial | -
ID.court.74-115-1 | requester | court | 180 calendar_days | denial deemed_denial | -
IL.appeal.9.5-a | requester | attorney_general | 60 calendar_days | denial deemed_denial | -
IL.appeal.9.5-a.decision | agency | attorney_general | 60 calendar_days | appeal_filing | -
IL.court.11-a | requester | court | - | denial deemed_denial | -
IN.appeal.5-14-5-7 | requester | ombudsman | 30 calendar_days | denial deemed_denial | -
IN.appeal.5-14-5-7.decision | agency | ombudsman | 30 calendar_days | appeal_filing | -
IN.court.5-14-3-9-e | requester | court | - | denial deemed_denial | -
KS.appeal.45-251 | requester | attorney_general | - | denial | -
KS.appeal.45-219 | requester | administrative | - | fee_estimate | -
KS.court.45-222 | requester | court | - | denial | -
KY.appeal.61.880-2 | requester | attorney_general | - | denial deemed_denial | -
KY.appeal.61.880-2.decision | agency | attorney_general | 20 business_days | appeal_filing | -
KY.court.61.880-5 | requester | court | 30 calendar_days | appeal_decision | attorney_general
KY.court.61.882 | requester | court | - | denial deemed_denial | -
LA.court.44-35 | requester | court | - | denial deemed_denial | -
MA.appeal.66-10a-a | requester | administrative | 90 calendar_days | denial determination | -
MA.appeal.66-10a-a.decision | agency | administrative | 10 business_days | appeal_filing | -
MA.appeal.66-10a-a.no-response | requester | administrative | 90 calendar_days | sending | -
MA.court.66-10a-c | requester | court | - | denial | -
MA.court.66-10a-a | requester | court | 60 calendar_days | appeal_decision | administrative
MD.appeal.4-1b-04 | requester | ombudsman | - | denial deemed_denial | -
MD.appeal.4-1b-04.decision | agency | ombudsman | 90 calendar_days | appeal_filing | -
MD.appeal.4-1a-04 | requester | commission | 30 calendar_days | appeal_decision | ombudsman
MD.appeal.4-1a-04.decision | agency | commission | 30 calendar_days | appeal_filing | -
MD.appeal.4-1a-07.outer-limit | agency | commission | 120 calendar_days | appeal_filing | -
MD.court.4-362 | requester | court | - | denial deemed_denial | -
ME.appeal.200-i | requester | ombudsman | - | denial | -
ME.court.409-1 | requester | court | 30 calendar_days | denial | -
MI.appeal.15.240-1-a | requester | administrative | - | denial deemed_denial | -
MI.appeal.15.240-1-a.decision | agency | administrative | 10 business_days | appeal_filing | -
MI.court.15.240-1-b | requester | court | 180 calendar_days | denial deemed_denial | -
MI.court.15.240a | requester | court | 45 calendar_days | fee_estimate appeal_decision | administrative
MN.appeal.13.072 | requester | administrative | - | denial | -
MN.appeal.13.072.decision | agency | administrative | 20 calendar_days | appeal_filing | -
MN.appeal.13.085 | requester | administrative | 24 months | denial | -
MN.court.13.08 | requester | court | - | denial | -
MO.appeal.610.027-1.attorney-general | requester | attorney_general | - | denial | -
MO.court.610.027-5 | requester | court | 12 months | denial | -
MS.appeal.25-61-13.ethics-commission | requester | commission | - | denial | -
MS.court.25-61-13 | requester | court | - | denial appeal_decision | commission
MT.court.2-6-1009 | requester | court | - | denial | -
NC.court.132-9-a | requester | court | - | denial | -
NC.court.7a-38.3e | requester | court | 30 calendar_days | other | -
ND.appeal.44-04-21.1 | requester | attorney_general | 30 calendar_days | denial | -
ND.court.44-04-21.2 | requester | court | 60 calendar_days | denial | -
ND.court.44-04-21.2.after-opinion | requester | court | 30 calendar_days | appeal_decision | attorney_general
NE.appeal.84-712.03-1-b | requester | attorney_general | - | denial | -
NE.appeal.84-712.03-1-b.decision | agency | attorney_general | 15 calendar_days | appeal_filing | -
NE.court.84-712.03-1-a | requester | court | - | denial | -
NH.appeal.91-a-7-ii | requester | ombudsman | - | denial | -
NH.court.91-a-7-i | requester | court | - | denial | -
NH.court.91-a-7-c | requester | court | 30 calendar_days | appeal_decision | ombudsman
NJ.appeal.47-1a-6.council | requester | commission | 45 calendar_days | denial deemed_denial | -
NJ.court.47-1a-6 | requester | court | 45 calendar_days | denial deemed_denial | -
NM.appeal.14-2-12-a-1 | requester | attorney_general | - | denial deemed_denial | -
NM.court.14-2-12 | requester | court | - | denial deemed_denial | -
NV.court.239.011 | requester | court | - | denial | -
NY.appeal.89-4-a | requester | administrative | 30 calendar_days | denial deemed_denial | -
NY.appeal.89-4-a.decision | agency | administrative | 10 business_days | appeal_filing | -
NY.court.89-4-b | requester | court | 4 months | appeal_decision | administrative
OH.appeal.149.43-c-1.pre-suit | requester | administrative | - | denial | -
OH.appeal.149.43-c-1.pre-suit.decision | agency | administrative | 3 business_days | appeal_filing | -
OH.court.2743.75 | requester | court | - | denial | -
OH.court.149.43-c-1 | requester | court | - | denial | -
OK.appeal.24a.40 | requester | attorney_general | 30 calendar_days | denial | -
OK.appeal.24a.40.decision | agency | attorney_general | 60 calendar_days | appeal_filing | -
OK.court.24a.17-b | requester | court | - | denial | -
OR.appeal.192.411 | requester | attorney_general | - | denial deemed_denial fee_estimate | -
OR.appeal.192.411.decision | agency | attorney_general | 7 calendar_days | appeal_filing | -
OR.court.192.431 | requester | court | - | appeal_decision | attorney_general
PA.appeal.67.1101 | requester | commission | 15 business_days | denial deemed_denial | -
PA.appeal.67.1101.decision | agency | commission | 30 calendar_days | appeal_filing | -
PA.court.67.1301 | requester | court | 30 calendar_days | appeal_decision | commission
RI.appeal.38-2-8-a | requester | administrative | - | denial deemed_denial | -
RI.appeal.38-2-8-a.decision | agency | administrative | 10 business_days | appeal_filing | -
RI.appeal.38-2-8-b | requester | attorney_general | - | denial deemed_denial | -
RI.court.38-2-8-b | requester | court | - | denial deemed_denial | -
SC.court.30-4-100-a | requester | court | 12 months | denial | -
SD.appeal.1-27-38 | requester | administrative | 90 calendar_days | denial deemed_denial | -
SD.appeal.1-27-38.estimate | requester | administrative | 90 calendar_days | fee_estimate | -
SD.court.1-27-38 | requester | court | 90 calendar_days | denial deemed_denial | -
SD.court.1-26-31 | requester | court | 30 calendar_days | appeal_decision | administrative
TN.appeal.8-4-601 | requester | ombudsman | - | denial deemed_denial | -
TN.court.10-7-505 | requester | court | - | denial deemed_denial | -
TX.appeal.552.306.decision | agency | attorney_general | 45 business_days | other | -
TX.appeal.552.328 | requester | attorney_general | - | other | -
TX.court.552.321 | requester | court | - | denial | -
US.appeal.552-a-6-a | requester | administrative | 90 business_days | denial | -
US.appeal.552-a-6-a.decision | agency | administrative | 20 business_days | appeal_filing | -
US.appeal.552-h | requester | ombudsman | - | denial | -
US.court.552-a-4-b | requester | court | - | appeal_decision | administrative
UT.appeal.63g-2-401 | requester | administrative | 30 calendar_days | denial deemed_denial | -
UT.appeal.63g-2-401.decision | agency | administrative | 10 business_days | appeal_filing | -
UT.appeal.63g-2-401.decision.expedited | agency | administrative | 5 business_days | appeal_filing | -
UT.appeal.63a-12-204 | requester | ombudsman | - | denial deemed_denial | -
UT.appeal.63g-2-402 | requester | commission | 30 calendar_days | appeal_decision | administrative
UT.appeal.63g-2-403.no-decision | requester | commission | 45 calendar_days | sending | administrative
UT.court.63g-2-404 | requester | court | 30 calendar_days | appeal_decision | -
VA.appeal.30-179 | requester | ombudsman | - | denial deemed_denial | -
VA.court.2.2-3713 | requester | court | - | denial deemed_denial | -
VA.appeal.2.2-3713.decision | agency | court | 7 calendar_days | appeal_filing | -
VT.appeal.318-c-1 | requester | administrative | - | denial deemed_denial | -
VT.appeal.318-c-1.decision | agency | administrative | 5 business_days | appeal_filing | -
VT.court.319 | requester | court | - | appeal_decision deemed_denial | administrative
WA.appeal.42.56.520-4 | requester | administrative | - | denial | -
WA.appeal.42.56.520-4.decision | agency | administrative | 2 business_days | appeal_filing | -
WA.appeal.42.56.530 | requester | attorney_general | - | denial | -
WA.court.42.56.550 | requester | court | 12 months | denial production | -
WI.appeal.19.37-1-b | requester | attorney_general | - | denial | -
WI.court.19.37-1-a | requester | court | - | denial | -
WV.court.29b-1-5 | requester | court | - | denial | -
WY.appeal.16-4-202-c.ombudsman | requester | ombudsman | - | denial | -
WY.court.16-4-203-f | requester | court | - | denial | -
"""


@pytest.mark.parametrize("row", table(STEPS), ids=lambda row: row[0])
def test_every_appeal_and_court_step_keeps_its_period_and_start(row: list[str]) -> None:
    rule_id, party, level, period, triggers, after = row

    step = rule(rule_id)

    assert (step.duty_of, step.level, words(step.period)) == (party, level, period)
    assert " ".join((step.trigger, *step.also_triggers)) == triggers
    assert (step.after_level or "-") == after
    assert step.body is not None
    assert step.required_before_court is not None


def test_there_is_no_appeal_or_court_step_besides_the_pinned_ones() -> None:
    found = {step.id for code in CODES for step in statute(code).rules if step.kind in ("appeal", "court")}

    assert found == {row[0] for row in table(STEPS)}


REQUIRED_BEFORE_COURT = frozenset({"CT", "DC", "NY", "OH", "OR", "PA", "US", "UT", "VT"})


def test_only_these_laws_want_an_appeal_before_court() -> None:
    found = {code for code in CODES for step in statute(code).rules if step.required_before_court}

    assert found == REQUIRED_BEFORE_COURT


# Code, then every field that the review left unknown. A null is a fact: it must not turn into a yes, a no or a number.
UNKNOWN = """
AK requester.notes submission.purpose_may_be_asked fees.inspection_free electronic_copies.right_to_electronic_format
AK remedies.civil_penalty
AL submission.email_allowed submission.purpose_may_be_asked fees.inspection_free fees.waiver_available
AL fees.waiver_standard fees.free_allowance segregability.required electronic_copies.right_to_electronic_format
AL remedies.civil_penalty
AR submission.identification_required remedies.civil_penalty
AZ requester.notes fees.waiver_available fees.waiver_standard fees.free_allowance fees.may_charge_labor
AZ electronic_copies.right_to_electronic_format remedies.civil_penalty day_counting.notes
CA requester.notes fees.waiver_available fees.free_allowance remedies.civil_penalty
CO requester.notes fees.inspection_free fees.waiver_available segregability.required
CT requester.notes fees.free_allowance electronic_copies.new_compilation_required
DC requester.notes submission.writing_required submission.identification_required submission.purpose_may_be_asked
DC fees.inspection_free fees.free_allowance electronic_copies.new_compilation_required standard_if_no_fixed_deadline
DE submission.identification_required fees.inspection_free fees.waiver_available segregability.required
DE electronic_copies.right_to_electronic_format remedies.civil_penalty standard_if_no_fixed_deadline
FL requester.notes fees.waiver_available fees.free_allowance
GA requester.notes submission.purpose_may_be_asked fees.inspection_free fees.waiver_available
HI requester.notes submission.purpose_may_be_asked fees.inspection_free electronic_copies.right_to_electronic_format
HI remedies.civil_penalty
IA requester.notes fees.waiver_available fees.waiver_standard segregability.required denial_citation
ID fees.inspection_free
IL standard_if_no_fixed_deadline
IN fees.waiver_available fees.waiver_standard
KS fees.waiver_standard fees.free_allowance electronic_copies.right_to_electronic_format
KY fees.waiver_standard fees.free_allowance
LA fees.free_allowance segregability.required electronic_copies.right_to_electronic_format
MA requester.notes standard_if_no_fixed_deadline
MD requester.notes fees.inspection_free standard_if_no_fixed_deadline
ME requester.notes segregability.required
MI requester.notes fees.free_allowance
MN fees.waiver_available fees.waiver_standard
MO requester.notes fees.inspection_free fees.free_allowance
MS requester.notes submission.email_allowed fees.inspection_free fees.waiver_standard fees.free_allowance
MS electronic_copies.right_to_electronic_format standard_if_no_fixed_deadline
MT submission.writing_required submission.email_allowed submission.identification_required fees.inspection_free
MT fees.waiver_available fees.waiver_standard electronic_copies.right_to_electronic_format remedies.civil_penalty
NC fees.waiver_available fees.waiver_standard fees.free_allowance remedies.civil_penalty day_counting.notes
ND fees.waiver_available fees.waiver_standard
NH requester.residents_only submission.email_allowed submission.identification_required
NH submission.purpose_may_be_asked electronic_copies.right_to_electronic_format
NJ fees.waiver_available fees.waiver_standard
NM fees.waiver_available fees.waiver_standard fees.free_allowance standard_if_no_fixed_deadline
NV submission.identification_required fees.free_allowance
NY fees.waiver_available fees.waiver_standard remedies.civil_penalty standard_if_no_fixed_deadline
OH fees.waiver_available fees.waiver_standard fees.free_allowance
OK submission.identification_required fees.waiver_available fees.free_allowance
OK electronic_copies.right_to_electronic_format denial_citation
OR fees.inspection_free fees.free_allowance
PA standard_if_no_fixed_deadline
RI fees.inspection_free standard_if_no_fixed_deadline
SC submission.email_allowed fees.inspection_free fees.free_allowance standard_if_no_fixed_deadline
SD submission.email_allowed submission.purpose_may_be_asked fees.inspection_free segregability.required
SD electronic_copies.right_to_electronic_format electronic_copies.new_compilation_required
TN submission.official_form_required submission.purpose_may_be_asked
US fees.inspection_free
UT requester.notes submission.purpose_may_be_asked
VA fees.inspection_free fees.waiver_standard fees.free_allowance
VT submission.purpose_may_be_asked fees.waiver_available fees.waiver_standard
WI electronic_copies.right_to_electronic_format
WV requester.notes submission.purpose_may_be_asked fees.waiver_available fees.waiver_standard
WY requester.notes submission.writing_required submission.email_allowed submission.purpose_may_be_asked
WY fees.inspection_free
"""


@pytest.mark.parametrize("row", table(UNKNOWN, " "), ids=lambda row: f"{row[0]}-{len(row) - 1}")
def test_what_is_unknown_stays_unknown(row: list[str]) -> None:
    file = msgspec.to_builtins(statute(row[0]))

    for field in row[1:]:
        value = file
        for name in field.split("."):
            value = value[name]
        assert value is None, f"{row[0]}: {field} was not established, and now says {value!r}"


# --- what a plain "N days" model gets wrong -------------------------------------------------------------------------

# Rule, the fact about the request on which it hangs ("not_" in front: the opposite). Every other rule is unconditional.
CONDITIONS = """
AK.determination.2-aac-96.325-b electronic_services
AK.appeal.2-aac-96.340.decision appeal_record_closed_at_filing
AL.extension.36-12-44-b time_intensive
AR.production.25-19-105-e active_use_or_storage
CO.production.24-72-203-3-b not_criminal_justice_record
CO.production.24-72-303-3 criminal_justice_record
CO.determination.24-72-305-6 criminal_justice_record
CO.court.24-72-204-5 not_criminal_justice_record
CO.court.24-72-305-7 criminal_justice_record
CT.determination.1-206-a.from-request counted_from_request
GA.determination.50-18-71-d access_refused
HI.production.2-71-13-a whole_record_public
HI.production.2-71-13-b.after-notice not_prepayment_required
HI.production.2-71-13-b.after-payment prepayment_required
HI.reply.2-71-16 notice_needs_answer
IA.determination.22.8-4-d confidentiality_review
ID.determination.74-103-2.resident not_nonresident
ID.determination.74-103-2.nonresident nonresident
IL.appeal.9.5-a.decision not_decision_extended
KS.appeal.45-219 fee_dispute
KY.appeal.61.880-2.decision not_decision_extended
LA.production.44-33-b-1 active_use
MA.appeal.66-10a-a.no-response no_timely_response
MD.appeal.4-1a-04.decision board_record_complete_at_filing
ME.determination.408-a-4 access_refused
MI.appeal.15.240-1-a.decision not_decision_extended
MI.court.15.240a fee_dispute
MN.appeal.13.072.decision not_decision_extended
MO.reply.610.026-2-2.fee not_fees_over_1000
MO.reply.610.026-2-2.fee-over-1000 fees_over_1000
MS.extension.25-61-5-1-b agreed_extension
MT.production.2-6-1006-3.readily-available readily_available
NJ.extension.47-1a-5-i.commercial-or-daniels-law commercial_or_daniels_law
NJ.reply.47-1a-5 pointed_to_web_site
OR.extension.192.329-6 limits_do_not_apply
SC.determination.30-4-30-c.recent not_older_than_24_months
SC.determination.30-4-30-c.older older_than_24_months
SC.production.30-4-30-c.recent not_older_than_24_months
SC.production.30-4-30-c.older older_than_24_months
SC.production.30-4-30-c.recent.after-deposit not_older_than_24_months
SC.production.30-4-30-c.older.after-deposit older_than_24_months
SD.determination.1-27-37-1 formal_request
SD.appeal.1-27-38.estimate estimate_disputed
TX.determination.552.301-b withholding
TX.determination.552.301-e withholding
TX.determination.552.221-f nothing_held
TX.determination.552.221-g previous_determination
TX.determination.552.231-c programming_needed
TX.reply.552.231-d programming_needed
US.determination.552-a-6-e-ii expedite_requested
UT.determination.63g-2-204-4-b.expedited expedited
UT.acknowledgment.63g-2-204-4-a expedite_requested
UT.extension.63g-2-204.legal-advice legal_advice_needed
UT.extension.63g-2-204.editing editing_needed
UT.extension.63g-2-204.volume volume_backlog_programming
UT.extension.63g-2-204.legal-advice.expedited legal_advice_needed
UT.extension.63g-2-204.editing.expedited editing_needed
UT.extension.63g-2-204.volume.expedited volume_backlog_programming
UT.appeal.63g-2-401.decision.expedited expedited
UT.appeal.63g-2-403.no-decision extraordinary_circumstances_no_decision
VA.extension.2.2-3706.1 criminal_investigative_files
VA.extension.2.2-3704-c court_extension
VA.appeal.2.2-3713.decision petition_copy_served
VT.determination.318-b-2 exemption_claimed
VT.production.318-b-1 active_use_or_storage
WY.determination.16-4-202-b nothing_held
WY.acknowledgment.16-4-202-c-i in_use_or_storage
"""


def test_rules_are_conditional_exactly_where_the_law_branches() -> None:
    found = {
        (branch.id, branch.condition_key) for code in CODES for branch in statute(code).rules if branch.condition_key
    }

    assert found == {tuple(row) for row in table(CONDITIONS, " ")}


def test_a_condition_always_has_words_and_a_key() -> None:
    for code in CODES:
        for branch in statute(code).rules:
            assert (branch.condition is None) == (branch.condition_key is None), branch.id


# The duties whose neglect is, in the words of the law, a (deemed, constructive) denial.
SILENCE = """
AL.determination.36-12-44-a-5
CT.determination.1-206-a
CT.determination.1-206-a.from-request
DC.determination.2-532-c-1
DC.appeal.2-537-a.decision
ID.determination.74-103-2.resident
ID.determination.74-103-2.nonresident
IL.determination.3-d
IN.acknowledgment.5-14-3-9-c
KY.determination.61.880-1
LA.determination.44-35-a
MD.production.4-203-b-1
MI.determination.15.235-2
NJ.determination.47-1a-5-i
NM.production.14-2-8-d
NY.acknowledgment.89-3-a
NY.determination.89-3-a
NY.appeal.89-4-a.decision
OR.determination.192.329-5
PA.determination.67.901
RI.determination.38-2-7-a
RI.production.38-2-3-e
SD.determination.1-27-37-1
TN.determination.10-7-503-a-2-b
UT.determination.63g-2-204-4-b
UT.determination.63g-2-204-4-b.expedited
VA.determination.2.2-3704-b
VT.production.318-b
VT.determination.318-b-2
VT.production.318-b-1
"""


def test_silence_is_a_denial_only_where_the_law_says_so() -> None:
    found = {duty.id for code in CODES for duty in statute(code).rules if duty.silence_is_denial}

    assert found == set(SILENCE.split())


# What the requester must answer in time, or the request lapses: rule, period, trigger.
REPLIES = """
HI.reply.2-71-16 | 20 business_days | determination
MO.reply.610.026-2-2.clarification | 90 calendar_days | clarification_request
MO.reply.610.026-2-2.fee | 90 calendar_days | fee_estimate
MO.reply.610.026-2-2.fee-over-1000 | 150 calendar_days | fee_estimate
MT.reply.2-6-1006-3.clarification | 30 calendar_days | clarification_request
MT.reply.2-6-1006-3.fee | 30 calendar_days | fee_estimate
NE.reply.84-712-4 | 10 business_days | fee_estimate
NJ.reply.47-1a-5 | 7 business_days | determination
OR.reply.192.329-4.clarification | 60 calendar_days | clarification_request
OR.reply.192.329-4.fee | 60 calendar_days | fee_estimate
SD.reply.1-27-37-2 | 10 business_days | clarification_request
TX.reply.552.222 | 61 calendar_days | clarification_request
TX.reply.552.231-d | 30 calendar_days | fee_estimate
TX.reply.552.2615 | 10 business_days | fee_estimate
VA.reply.2.2-3704-f | 30 calendar_days | fee_estimate
"""


def test_every_answer_that_keeps_a_request_alive_is_in_the_book() -> None:
    found = {
        (reply.id, words(reply.period), reply.trigger)
        for code in CODES
        for reply in statute(code).rules
        if reply.kind == "reply"
    }

    assert found == {tuple(row) for row in table(REPLIES)}


# Code, what stops the clock, pause or restart, whether the text leaves it open.
TOLLING = """
AK | fee_estimated | pause | certain
AL | fee_estimated | pause | disputed
GA | fee_estimated | pause | disputed
MT | clarification_requested | pause | certain
MT | fee_estimated | pause | certain
NE | fee_estimated | pause | disputed
NJ | fee_estimated | restart | disputed
OR | clarification_requested | pause | certain
OR | fee_estimated | pause | certain
RI | fee_estimated | pause | certain
SC | fee_estimated | restart | certain
SD | fee_estimated | pause | disputed
TX | clarification_requested | restart | certain
US | clarification_requested | pause | certain
US | fee_estimated | pause | certain
VA | fee_estimated | pause | certain
"""


def test_the_clock_stops_only_where_the_facts_say_so() -> None:
    found = {
        (code, toll.starts, toll.effect, "disputed" if toll.disputed else "certain")
        for code in CODES
        for toll in statute(code).tolling
    }

    assert found == {tuple(row) for row in table(TOLLING)}


def test_a_pause_never_stops_the_clock_of_an_appeal() -> None:
    for code in CODES:
        for toll in statute(code).tolling:
            assert toll.applies_to, f"{toll.id} would also stop decisions on appeals"
            assert {rule(target).kind for target in toll.applies_to} <= DUTY_KINDS
            assert toll.words


ALL = ("saturday", "sunday", "holiday")
# Where a last day moves for certain only on these days; the other days are disputed. Elsewhere all three move.
PARTLY_MOVES = {
    "AK": ("holiday",),
    "AL": ("sunday", "holiday"),
    "AZ": ("holiday",),
    "HI": ("sunday", "holiday"),
    "IA": ("sunday",),
    "ID": ("sunday", "holiday"),
    "MA": ("sunday", "holiday"),  # G.L. c. 4, § 9
    "MD": ("sunday", "holiday"),  # Gen. Prov. § 1-302
    "MO": ("sunday",),  # RSMo § 1.040
    "MT": ("holiday",),
    "ND": ("holiday",),
    "OH": ("sunday", "holiday"),
    "SD": (),
    **dict.fromkeys(("AR", "CT", "DE", "FL", "IN", "OK", "SC", "VT", "WY"), ()),  # no computation rule established
}


@pytest.mark.parametrize("code", CODES)
def test_a_last_day_moves_only_as_the_computation_rule_says(code: str) -> None:
    counting = statute(code).day_counting

    assert counting.rolls == PARTLY_MOVES.get(code, ALL)
    assert set(counting.rolls_disputed) == set(ALL) - set(counting.rolls)


def test_receipt_is_presumed_only_as_a_law_says() -> None:
    receipts = {code: statute(code).receipt for code in CODES}

    assert [code for code in CODES if receipts[code].email == "next_business_day"] == ["MI"]
    assert "MCL 15.235(1)" in (receipts["MI"].email_citation or "")
    assert {code: words(receipts[code].post) for code in CODES if receipts[code].post} == {"TX": "3 business_days"}
    assert "§ 552.301(a-1)" in (receipts["TX"].post_citation or "")
    assert "actual receipt" in (receipts["AL"].post_citation or "")
    assert {code for code in CODES if receipts[code].closed_day != "disputed"} == {"MA", "PA"}
    assert receipts["MA"].closed_day == "next_business_day"
    assert "950 CMR 32.06(2)(e)" in (receipts["MA"].citation or "")
    assert {code for code in CODES if receipts[code].after_hours == "disputed"} == {"CO", "KS"}


# The rest of the special rules: rule, field, value.
SPECIAL: list[tuple[str, str, object]] = [
    ("LA.determination.44-35-a", "trigger", "sending"),
    ("US.determination.552-a-6-e-ii", "trigger", "sending"),
    ("CT.determination.1-206-a.from-request", "trigger", "sending"),
    ("WY.determination.16-4-202-b", "also_triggers", ("receipt",)),
    ("WY.acknowledgment.16-4-202-c-i", "also_triggers", ("receipt",)),
    ("WY.production.16-4-202-c-ii", "also_triggers", ("receipt",)),
    ("NY.determination.89-3-a", "trigger", "acknowledgment"),
    ("MT.production.2-6-1006-3", "trigger", "acknowledgment"),
    ("AL.determination.36-12-44-a-4", "trigger", "acknowledgment"),
    ("AL.acknowledgment.36-12-44-a-3", "period_if_disputed", Period(amount=10, unit="business_days")),
    ("AL.determination.36-12-44-a-5", "or_earlier", Period(amount=60, unit="calendar_days")),
    ("AL.extension.36-12-44-a-4", "repeatable", True),
    ("AK.appeal.2-aac-96.340", "period_if_disputed", Period(amount=60, unit="calendar_days")),
    ("US.appeal.552-a-6-a", "period_if_disputed", Period(amount=90, unit="calendar_days")),
    ("AK.production.2-aac-96.325-a", "basis", "regulation"),
    ("HI.determination.2-71-13-b", "basis", "regulation"),
    ("HI.court.92f-15", "basis", "statute"),
    ("MT.extension.2-6-1006-3", "period", Period(amount=6, unit="months")),
    ("IA.determination.22.8-4-d", "title", "End of the confidentiality review"),
    ("OH.appeal.149.43-c-1.pre-suit", "required_before_court", True),
    ("KS.determination.45-218-d", "also_met_by", ("extension",)),
    ("MO.determination.610.023-3", "also_met_by", ("extension",)),
    ("LA.determination.44-35-a", "also_met_by", ("extension",)),
    ("KY.determination.61.880-1", "also_met_by", ("extension",)),
    ("GA.production.50-18-71-b-1-a", "also_met_by", ("extension",)),
    ("WA.acknowledgment.42.56.520-1", "also_met_by", ("extension", "clarification_requested")),
    ("AZ.acknowledgment.39-171-b", "consequence", "none stated"),
    ("TX.determination.552.221-f", "effective_from", date(2025, 9, 1)),
    ("TX.determination.552.221-g", "effective_from", date(2025, 9, 1)),
    ("ID.determination.74-103-2.nonresident", "effective_from", date(2025, 7, 1)),
    ("ID.determination.74-103-2.resident", "effective_from", date(2025, 7, 1)),
    ("AL.acknowledgment.36-12-44-a-3", "effective_from", date(2024, 10, 1)),
    ("MO.reply.610.026-2-2.fee", "effective_from", date(2025, 8, 28)),
    ("MT.production.2-6-1006-3", "effective_from", date(2025, 10, 1)),
    ("NJ.extension.47-1a-5-i.commercial-or-daniels-law", "effective_from", date(2024, 9, 3)),
    ("MD.determination.4-203-a-1", "effective_from", None),
]


@pytest.mark.parametrize(("rule_id", "field", "value"), SPECIAL, ids=lambda part: str(part)[:44])
def test_special_rules_of_single_states(rule_id: str, field: str, value: object) -> None:
    assert getattr(rule(rule_id), field) == value


def test_years_are_anniversaries_never_365_days() -> None:
    for code in CODES:
        for found in statute(code).rules:
            assert found.period is None or found.period.amount < 365, found.id


# "Promptly": no general period, so no unconditional date for the agency.
PROMPTLY = ("FL", "IA", "MN", "NC", "ND", "OH", "OK", "WI")


@pytest.mark.parametrize("code", PROMPTLY)
def test_a_law_without_a_general_period_gives_no_unconditional_date(code: str) -> None:
    law = statute(code)

    assert law.standard_if_no_fixed_deadline
    assert not [duty.id for duty in law.rules if duty.kind in DUTY_KINDS and duty.period and not duty.condition]


# What was only proposed: code and a period that must not appear in any duty of the agency.
NEVER_ENACTED = """
CO | 5 business_days | SB 25-077 and SB26-107
CO | 10 business_days | SB 25-077 and SB26-107
ME | 30 calendar_days | LD 152
NM | 21 business_days | HB 139
OK | 30 business_days | HB 2095
AZ | 15 business_days | HB 2139
PA | 10 business_days | 2025-2026 session
WV | 14 calendar_days | 2025 proposal
FL | 3 business_days | HB 437
WY | 3 business_days | SF 49
WY | 10 business_days | SF 49
WY | 10 calendar_days | SF 49
MN | 30 calendar_days | 2025-26 bill
"""


@pytest.mark.parametrize("row", table(NEVER_ENACTED), ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_bill_that_never_became_law_drives_nothing(row: list[str]) -> None:
    code, period, _bill = row

    assert period not in [words(duty.period) for duty in statute(code).rules if duty.duty_of == "agency"]


# --- what a letter must do ------------------------------------------------------------------------------------------

# Code, hint, words that must be in its text.
HINTS = """
AL | residency_statement | proof
AL | acknowledged_receipt_starts_clock | acknowledges
AR | residency_statement | Arkansas citizenship
AZ | first_response_only | acknowledgment only
CO | cite_both_statutes | CCJRA
CT | watch_silence | start the 30 days
DE | residency_statement | Delaware
IA | first_response_only | no date for the records
ID | residency_statement | declaration
ID | mark_as_records_request | may not start
IL | email_body_only | without attachment or link
IL | signed | person
IL | volume_tracks | slower
IN | first_response_only | Seven days
KS | first_response_only | first answer
KY | residency_statement | ground of Kentucky residency
LA | state_adult | adult
MD | already_public_by_law | yearly counts
MD | state_not_immigration_enforcement | immigration law
ME | first_response_only | acknowledgment
MI | subject_must_say_foia | subject and the first lines
MI | name_address_contact_required | postal address
MO | first_response_only | first answer
MT | portal_only | Department of Justice
ND | no_purpose_may_be_asked | who you are
NH | residency_statement | resident
NJ | own_form_or_route | not e-mail or fax
NJ | ask_reports_not_logs | exempt since 2024
NJ | already_public_by_law | 24 months
OH | hand_or_certified | statutory damages
OK | state_time_frame_and_search_terms | search terms
OR | address_records_officer | published procedure
PA | already_public_by_law | Aggregated
PA | name_address_contact_required | anonymous
SC | residency_statement | right to sue
SD | two_step | formal
SD | hand_or_certified | certified mail
TN | never_ask_officer_names | officers
TN | residency_statement | Tennessee
UT | one_agency_per_request | separate
US | portal_only | January 22, 2026
VA | residency_statement | Virginia
WY | acknowledged_receipt_starts_clock | written acknowledgment
"""


@pytest.mark.parametrize("row", table(HINTS), ids=lambda row: f"{row[0]}-{row[1]}")
def test_the_filer_is_told_what_the_letter_must_do(row: list[str]) -> None:
    code, key, said = row

    hints = {hint.key: hint for hint in statute(code).submission.hints}

    assert key in hints
    assert said in hints[key].text


def test_hints_are_plain_sentences_and_never_repeat() -> None:
    for code in CODES:
        hints = statute(code).submission.hints
        assert hints, f"{code} has no hint for the filer"
        assert max(Counter(hint.key for hint in hints).values()) == 1, code
        for hint in hints:
            assert hint.text.endswith("."), (code, hint.key)
            assert hint.text[0].isupper(), (code, hint.key)


# Who must say that they live there or are a citizen, and how the sentence begins.
RESIDENCY = {
    "AL": "I am a resident of Alabama",
    "AR": "I am a citizen of Arkansas",
    "DE": "I am a citizen of Delaware",
    "ID": "I am a resident of Idaho",
    "KY": "I am a resident of the Commonwealth of Kentucky",
    "NE": "I am a resident of Nebraska",
    "NH": "I am a citizen of New Hampshire",
    "PA": "I am a legal resident of the United States",
    "SC": "I am a citizen of South Carolina",
    "TN": "I am a citizen of Tennessee",
    "VA": "I am a citizen of the Commonwealth of Virginia",
}


def test_kentuckys_written_authority_names_who_can_give_it_and_shows_its_doubts() -> None:
    """Paragraph (f) lets somebody act for those who live or work there or own real property, never for the press."""
    (exception,) = (one for one in statute("KY").requester.exceptions if one.authority is not None)
    authority = exception.authority
    assert authority is not None
    assert set(authority.givers) == {"resident", "works-there", "owns-property"}
    assert authority.citation in exception.citation
    assert authority.citation in authority.text
    assert any("does not hold what the writing must say" in doubt for doubt in authority.doubts)
    elsewhere = [code for code in CODES if any(one.authority for one in statute(code).requester.exceptions)]
    assert elsewhere == ["KY"], "the facts give no such route elsewhere"


@pytest.mark.parametrize("code", CODES)
def test_a_residency_statement_exists_only_where_residence_matters(code: str) -> None:
    said = statute(code).requester.residency_statement

    assert said is None if code not in RESIDENCY else (said or "").startswith(RESIDENCY[code])


def test_residents_only_is_said_of_these_states_and_left_open_for_new_hampshire() -> None:
    only = {code for code in CODES if statute(code).requester.residents_only}

    assert only == {"AL", "AR", "DE", "KY", "TN", "VA"}
    assert statute("NH").requester.residents_only is None


# --- every rule can be traced to its source --------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_rules_name_only_sources_and_doubts_of_their_own_file(code: str) -> None:
    law = statute(code)
    known = {source.url for source in law.sources}

    for found in law.rules:
        assert set(found.sources) <= known, found.id
        assert found.citation.strip(), found.id
        assert found.id.startswith(f"{code}."), found.id


def test_low_confidence_is_never_silent() -> None:
    for code in CODES:
        for found in statute(code).rules:
            assert found.confidence != "low" or found.doubts, f"{found.id} is doubtful, but does not say why"


def test_recent_changes_that_are_not_law_have_no_date() -> None:
    for code in CODES:
        for change in statute(code).recent_changes:
            if change.what.startswith(("NOT enacted", "NOT confirmed")):
                assert change.effective is None, (code, change.what)


# --- the data at work -------------------------------------------------------------------------------------------------


def rows(code: str, as_of: str, /, conditions: dict[str, bool] | None = None, **events: str) -> dict[str, Deadline]:
    """Project events (kind=ISO date) and return the rows by the rule's id without its code."""
    timeline = Timeline([Event(kind, date.fromisoformat(day)) for kind, day in events.items()])  # type: ignore[arg-type]
    projection = project(
        statute(code), timeline, BOOK.calendar(code), as_of=date.fromisoformat(as_of), conditions=conditions
    )
    return {row.rule_id[3:]: row for row in projection.deadlines}


def test_alabama_is_not_called_late_before_ten_business_days() -> None:
    # Received Monday 2 March 2026: ten calendar days end on Thursday 12, ten business days on Monday 16.
    ten_days = rows("AL", "2026-03-16", received="2026-03-02")["acknowledgment.36-12-44-a-3"]

    assert (ten_days.earliest, ten_days.latest) == (date(2026, 3, 12), date(2026, 3, 16))
    assert ten_days.state == "running"
    assert "determination.36-12-44-a-4" not in rows("AL", "2026-06-30", received="2026-03-02")


def test_alabama_presumes_a_denial_after_thirty_business_days() -> None:
    # Acknowledged Monday 2 March 2026: six weeks without a holiday end on Monday 13 April.
    presumed = rows("AL", "2026-04-14", received="2026-02-26", acknowledged="2026-03-02")

    assert presumed["determination.36-12-44-a-5"].latest == date(2026, 4, 13)


def test_idaho_limits_are_never_cumulative() -> None:
    # Received Monday 2 March 2026. Ten working days end on Monday 16; 35 days end on Monday 6 April,
    # although 21 days end on Monday 23 and 14 more from a moved date could end later.
    found = rows("ID", "2026-03-04", received="2026-03-02", extension="2026-03-04")

    assert found["extension.74-103-2.resident"].latest == date(2026, 3, 16)
    assert found["extension.74-103-2.nonresident"].latest == date(2026, 4, 6)
    assert "determination.74-103-2.resident" not in rows(
        "ID", "2026-03-04", {"nonresident": True}, received="2026-03-02"
    )


def test_louisiana_counts_from_the_sending() -> None:
    # Sent by post on Monday 2 March 2026, received on Friday 6: five working days from the sending end on Monday 9.
    found = rows("LA", "2026-03-06", sent="2026-03-02", received="2026-03-06")["determination.44-35-a"]

    assert (found.trigger, found.trigger_date, found.latest) == ("sending", date(2026, 3, 2), date(2026, 3, 9))


def test_wyoming_is_an_estimate_until_the_receipt_is_acknowledged() -> None:
    # Thirty days from Monday 2 March 2026 end on Wednesday 1 April, from Wednesday 4 on Friday 3 April.
    guessed = rows("WY", "2026-03-05", received="2026-03-02")["production.16-4-202-c-ii"]
    counted = rows("WY", "2026-03-05", received="2026-03-02", acknowledged="2026-03-04")["production.16-4-202-c-ii"]

    assert (guessed.certainty, guessed.latest) == ("presumed", date(2026, 4, 1))
    assert (counted.certainty, counted.latest) == ("fixed", date(2026, 4, 3))


def test_mississippi_keeps_fourteen_working_days_after_an_explanation_of_delay() -> None:
    found = rows("MS", "2026-03-05", received="2026-03-02", extension="2026-03-04")
    agreed = rows("MS", "2026-03-05", {"agreed_extension": True}, received="2026-03-02", extension="2026-03-04")

    assert found["determination.25-61-5-1-a"].state == "met"
    assert (found["production.25-61-5-1-b"].state, found["production.25-61-5-1-b"].latest) == (
        "running",
        date(2026, 3, 20),
    )
    assert agreed["production.25-61-5-1-b"].state == "superseded"


def test_an_article_78_proceeding_is_due_four_months_after_the_appeal_was_decided() -> None:
    found = rows(
        "NY",
        "2026-04-01",
        received="2026-03-02",
        denied="2026-03-05",
        appeal_filed="2026-03-10",
        appeal_decided="2026-03-16",
    )

    assert found["court.89-4-b"].earliest == date(2026, 7, 16)


def test_a_missouri_request_lapses_ninety_days_after_an_unpaid_estimate() -> None:
    # Estimate of Thursday 5 March 2026: the ninetieth day is Wednesday 3 June.
    found = rows("MO", "2026-03-06", {"fees_over_1000": False}, received="2026-03-02", fee_estimated="2026-03-05")

    lapse = found["reply.610.026-2-2.fee"]
    assert (lapse.duty_of, lapse.earliest, lapse.certainty) == ("requester", date(2026, 6, 3), "fixed")
    assert "reply.610.026-2-2.fee-over-1000" not in found


@pytest.mark.parametrize("code", CODES)
def test_every_jurisdiction_projects_a_whole_story(code: str) -> None:
    found = rows(
        code,
        "2026-07-01",
        sent="2026-03-02",
        received="2026-03-02",
        acknowledged="2026-03-04",
        fee_estimated="2026-03-05",
        fee_paid="2026-03-09",
        extension="2026-03-04",
        denied="2026-03-20",
        appeal_filed="2026-03-24",
        appeal_decided="2026-04-14",
    )

    for row in found.values():
        assert row.trace, row.rule_id
        assert row.earliest is None or row.latest is None or row.earliest <= row.latest
