"""Dates worked out by hand from a wall calendar and the statutes, never with our own code.

Each row: the jurisdiction, what happened, the rule, and the earliest and latest date. The comment above a row is the
derivation: the days counted, with their number in parentheses. "closed" days carry the reason. All days are 2026 unless
a year is given. 2026 begins on a Thursday; its Mondays include Feb 16 (Presidents' Day), May 25 (Memorial Day),
Sep 7 (Labor Day) and Oct 12 (Columbus Day); Thanksgiving is Nov 26.
"""

from __future__ import annotations

from datetime import date

import pytest

from requests_app.law.book import open_book
from requests_app.law.deadlines import Deadline, project
from requests_app.law.inquiry import parse_event
from requests_app.law.timeline import Timeline

BOOK = open_book()
# Late enough for every silence below to count, and inside every calendar.
LATER = date(2029, 6, 29)


def row_for(code: str, events: str, rule_id: str) -> Deadline:
    """The one row of a rule, for events in words."""
    statute = BOOK.statute(code)
    timeline = Timeline([parse_event(words, statute.timezone) for words in events.split()])
    projection = project(statute, timeline, BOOK.calendar(code), as_of=LATER)
    found = [row for row in projection.deadlines if row.rule_id == f"{code}.{rule_id}"]
    assert len(found) == 1, [row.rule_id for row in projection.deadlines]
    return found[0]


BUSINESS_DAYS = [
    # Mon Feb 9 (1) .. Fri 13 (5); Mon 16 Presidents' Day, closed; Tue 17 (6) .. Fri 20 (9), Mon 23 (10).
    # Md. Gen. Prov. § 4-203(b)(2); holidays § 1-111
    pytest.param(
        *("MD", "received=2026-02-06T14:10", "acknowledgment.4-203-b-2", "2026-02-23", "2026-02-23"),
        id="maryland-ten-working-days-over-presidents-day",
    ),
    # Tue 24 (1), Wed 25 (2), Thu 26 Thanksgiving, closed, Fri 27 (3: no public holiday), Mon 30 (4), Tue Dec 1 (5).
    # N.Y. Pub. Off. Law § 89(3)(a); Gen. Constr. Law § 24
    pytest.param(
        *("NY", "received=2026-11-23", "acknowledgment.89-3-a", "2026-12-01", "2026-12-01"),
        id="new-york-thanksgiving-week",
    ),
    # From the acknowledgment on Tue Mar 3: Wed 4 (1) .. Fri 6 (3), Mon 9 - Fri 13 (8), 16 - 20 (13), 23 - 27 (18),
    # Mon 30 (19), Tue 31 (20). N.Y. Pub. Off. Law § 89(3)(a)
    pytest.param(
        *("NY", "received=2026-03-02 acknowledged=2026-03-03", "determination.89-3-a", "2026-03-31", "2026-03-31"),
        id="new-york-twenty-days-run-from-the-acknowledgment",
    ),
    # Mon Apr 13 (1), 14 (2), 15 (3), Thu 16 Emancipation Day, closed, Fri 17 (4), 20 - 24 (9), 27 - May 1 (14),
    # Mon May 4 (15). D.C. Code § 2-532(c)(1); holidays § 28-2701
    pytest.param(
        *("DC", "received=2026-04-10", "determination.2-532-c-1", "2026-05-04", "2026-05-04"),
        id="district-emancipation-day",
    ),
    # Tue Feb 10 (1), Wed 11 (2), Thu 12 Lincoln's Birthday, closed, Fri 13 (3), Mon 16 closed, Tue 17 (4), Wed 18 (5).
    # 5 ILCS 140/3(d)
    pytest.param(
        *("IL", "received=2026-02-09", "determination.3-d", "2026-02-18", "2026-02-18"),
        id="illinois-lincoln-and-presidents-day",
    ),
    # Tue Mar 3 (1), Wed 4 (2), Thu 5 (3), Fri 6 (4), Mon 9 (5). 65 P.S. § 67.901
    pytest.param(
        *("PA", "received=2026-03-02", "determination.67.901", "2026-03-09", "2026-03-09"),
        id="pennsylvania-plain-week",
    ),
    # Tue Feb 24 (1) .. Fri 27 (4), Mon Mar 2 Texas Independence Day, no business day, Tue 3 (5) .. Fri 6 (8),
    # Mon 9 (9), Tue 10 (10). Tex. Gov't Code §§ 552.221(d), 552.0031, 662.003
    pytest.param(
        *("TX", "received=2026-02-23", "production.552.221", "2026-03-10", "2026-03-10"),
        id="texas-independence-day-is-no-business-day",
    ),
    # Thu Apr 16 (1), 17 (2), Mon 20 (3), Tue 21 San Jacinto Day, no business day, 22 (4), 23 (5), 24 (6), 27 - 30 (10).
    # Tex. Gov't Code §§ 552.221(d), 552.0031, 662.003
    pytest.param(
        *("TX", "received=2026-04-15", "production.552.221", "2026-04-30", "2026-04-30"),
        id="texas-san-jacinto-day",
    ),
    # Tue Apr 14 (1) .. Fri 17 (4), Mon 20 Patriots' Day, closed, 21 - 24 (8), 27 - May 1 (13), Mon May 4 (14), Tue 5
    # (15). G.L. c. 66, § 10(b)(vi); holidays c. 4, § 7
    pytest.param(
        *("MA", "received=2026-04-13", "production.66-10-b-vi", "2026-05-05", "2026-05-05"),
        id="massachusetts-patriots-day",
    ),
    # Tue May 19 (1) .. Fri 22 (4), Mon 25 Memorial Day, closed, Tue 26 (5). ORS 192.324(2)
    pytest.param(
        *("OR", "received=2026-05-18", "acknowledgment.192.324-2", "2026-05-26", "2026-05-26"),
        id="oregon-five-days-over-memorial-day",
    ),
    # Five as above to May 26, then 27 (6), 28 (7), 29 (8), Jun 1 - 5 (13), 8 (14), Tue 9 (15). ORS 192.329(5)
    pytest.param(
        *("OR", "received=2026-05-18", "determination.192.329-5", "2026-06-09", "2026-06-09"),
        id="oregon-fifteen-days-in-all",
    ),
    # Mon Mar 2 (1), Tue 3 Town Meeting Day, closed, Wed 4 (2), Thu 5 (3). 1 V.S.A. § 318; holidays § 371
    pytest.param(
        *("VT", "received=2026-02-27", "production.318-b", "2026-03-05", "2026-03-05"),
        id="vermont-town-meeting-day",
    ),
    # Fri Apr 17 (1), Mon 20 Patriots' Day, closed, 21 (2), 22 (3), 23 (4), Fri 24 (5). 1 M.R.S. § 408-A(3)
    pytest.param(
        *("ME", "received=2026-04-16", "acknowledgment.408-a-3", "2026-04-24", "2026-04-24"),
        id="maine-patriots-day",
    ),
    # Mon Mar 23 - Fri 27 (5), Mon 30 Seward's Day, closed, Tue 31 (6), Apr 1 - 3 (9), Mon 6 (10). 2 AAC 96.325(a)
    pytest.param(
        *("AK", "received=2026-03-20", "production.2-aac-96.325-a", "2026-04-06", "2026-04-06"),
        id="alaska-sewards-day",
    ),
    # Tue Mar 24 (1), 25 (2), Thu 26 Kuhio Day, closed, 27 (3), 30 (4), 31 (5), Apr 1 (6), 2 (7), Fri 3 Good Friday,
    # closed, Mon 6 (8), 7 (9), Wed 8 (10). HAR § 2-71-13(b); holidays HRS § 8-1
    pytest.param(
        *("HI", "received=2026-03-23", "determination.2-71-13-b", "2026-04-08", "2026-04-08"),
        id="hawaii-kuhio-day-and-good-friday",
    ),
    # Mon Mar 9 - Fri 13 (5), 16 - 20 (10), 23 - 27 (15), 30 - Apr 3 (20). 5 U.S.C. § 552(a)(6)(A)(i)
    pytest.param(
        *("US", "received=2026-03-06", "determination.552-a-6-a-i", "2026-04-03", "2026-04-03"),
        id="federal-twenty-plain-days",
    ),
    # Mon Jan 12 - Fri 16 (5), Mon 19 King Day, closed, 20 - 23 (9), 26 - 30 (14), Feb 2 - 6 (19), Mon 9 (20).
    pytest.param(
        *("US", "received=2026-01-09", "determination.552-a-6-a-i", "2026-02-09", "2026-02-09"),
        id="federal-twenty-days-over-king-day",
    ),
    # Thu Jul 16 (1), 17 (2), 20 - 23 (6), Fri 24 Pioneer Day, closed, 27 - 30 (10). Utah Code §§ 63G-2-204, 63G-1-301
    pytest.param(
        *("UT", "received=2026-07-15", "determination.63g-2-204-4-b", "2026-07-30", "2026-07-30"),
        id="utah-pioneer-day",
    ),
    # Mon Nov 2 (1), Tue 3 general election, closed, 4 (2), 5 (3), 6 (4), Mon 9 (5). W. Va. Code §§ 29B-1-3(d), 2-2-1
    pytest.param(
        *("WV", "received=2026-10-30", "determination.29b-1-3-d", "2026-11-09", "2026-11-09"),
        id="west-virginia-election-day",
    ),
    # Mon Apr 27 (1) .. Thu 30 (4): Fri Apr 24 is Arbor Day (last Friday), closed. Neb. Rev. Stat. §§ 84-712(4), 62-301
    pytest.param(
        *("NE", "received=2026-04-23", "determination.84-712-4", "2026-04-30", "2026-04-30"),
        id="nebraska-arbor-day",
    ),
    # Tue Aug 4 (1) .. Fri 7 (4), Mon 10 Victory Day, closed, 11 - 14 (8), Mon 17 (9), Tue 18 (10). R.I.G.L. § 38-2-3(e)
    pytest.param(
        *("RI", "received=2026-08-03", "production.38-2-3-e", "2026-08-18", "2026-08-18"),
        id="rhode-island-victory-day",
    ),
    # Mon Jun 15 (1) .. Thu 18 (4), Fri 19 Juneteenth, closed, Mon 22 (5). RCW 42.56.520(1); RCW 1.16.050
    pytest.param(
        *("WA", "received=2026-06-12", "acknowledgment.42.56.520-1", "2026-06-22", "2026-06-22"),
        id="washington-juneteenth",
    ),
    # Tue May 19 (1) .. Fri 22 (4), Mon 25 closed, Tue 26 (5). Va. Code § 2.2-3704(B)
    pytest.param(
        *("VA", "received=2026-05-18", "determination.2.2-3704-b", "2026-05-26", "2026-05-26"),
        id="virginia-memorial-day",
    ),
    # Fri Jul 3 (Independence Day, a Saturday, observed), closed; Mon 6 (1), 7 (2), 8 (3). O.C.G.A. § 50-18-71(b)(1)(A)
    pytest.param(
        *("GA", "received=2026-07-02", "production.50-18-71-b-1-a", "2026-07-08", "2026-07-08"),
        id="georgia-observed-independence-day",
    ),
    # Thu Feb 12 Lincoln's Birthday, closed, Fri 13 (1), Mon 16 closed, 17 (2), 18 (3), Thu 19 (4).
    # Conn. Gen. Stat. §§ 1-206(a), 1-4
    pytest.param(
        *("CT", "received=2026-02-11", "determination.1-206-a", "2026-02-19", "2026-02-19"),
        id="connecticut-two-february-holidays",
    ),
    # Mon Mar 9 (1), 10 (2), Wed 11 (3). NMSA 1978, § 14-2-8(D)
    pytest.param(
        *("NM", "received=2026-03-06", "acknowledgment.14-2-8-d", "2026-03-11", "2026-03-11"),
        id="new-mexico-three-days",
    ),
    # Tue Mar 3 (1), 4 (2), Thu 5 (3). Idaho Code § 74-103(2), resident
    pytest.param(
        *("ID", "received=2026-03-02", "determination.74-103-2.resident", "2026-03-05", "2026-03-05"),
        id="idaho-resident",
    ),
    # Tue Mar 3 - Fri 6 (4), 9 - 13 (9), 16 - 20 (14), 23 - 27 (19), Mon 30 (20). S.C. Code § 30-4-30(C), older records
    pytest.param(
        *("SC", "received=2026-03-02", "determination.30-4-30-c.older", "2026-03-30", "2026-03-30"),
        id="south-carolina-older-records",
    ),
]

CALENDAR_DAYS_AND_MONTHS = [
    # Feb 6 + 30: Feb has 22 days left, so Sun Mar 8; a Sunday moves to Mon Mar 9. Md. Gen. Prov. §§ 4-203(a)(1), 1-302
    pytest.param(
        *("MD", "received=2026-02-06T14:10", "determination.4-203-a-1", "2026-03-09", "2026-03-09"),
        id="maryland-sunday-rolls",
    ),
    # Jan 15 + 30 = Sat Feb 14. § 1-302 names Sundays and legal holidays, not Saturdays: it may stay, or move past Sun
    # 15 and Mon 16 (Presidents' Day) to Tue 17.
    pytest.param(
        *("MD", "received=2026-01-15", "determination.4-203-a-1", "2026-02-14", "2026-02-17"),
        id="maryland-saturday-may-roll-past-a-holiday",
    ),
    # Mar 6 + 10 = Mon Mar 16. Gov. Code § 7922.535(a)
    pytest.param(
        *("CA", "received=2026-03-06", "determination.7922.535-a", "2026-03-16", "2026-03-16"),
        id="california-plain",
    ),
    # Jun 24 + 10 = Sat Jul 4, a holiday; Sun 5; so Mon Jul 6. Gov. Code § 7922.535(a); Code Civ. Proc. § 12a
    pytest.param(
        *("CA", "received=2026-06-24", "determination.7922.535-a", "2026-07-06", "2026-07-06"),
        id="california-independence-day-on-a-saturday",
    ),
    # Mar 2 + 21 = Mon Mar 23. Idaho Code § 74-103(2), non-resident
    pytest.param(
        *("ID", "received=2026-03-02", "determination.74-103-2.nonresident", "2026-03-23", "2026-03-23"),
        id="idaho-nonresident",
    ),
    # Mar 6 + 15 = Sat Mar 21, moves to Mon 23. NMSA 1978, §§ 14-2-8(D), 12-2A-7
    pytest.param(
        *("NM", "received=2026-03-06", "production.14-2-8-d", "2026-03-23", "2026-03-23"),
        id="new-mexico-saturday-rolls",
    ),
    # Mar 6 + 7 = Fri Mar 13. Ind. Code § 5-14-3-9(c)
    pytest.param(
        *("IN", "received=2026-03-06", "acknowledgment.5-14-3-9-c", "2026-03-13", "2026-03-13"),
        id="indiana-seven-days",
    ),
    # May 18 + 7 = Mon May 25, Memorial Day; no computation rule is settled, so it may stay or move to Tue 26.
    pytest.param(
        *("IN", "received=2026-05-18", "acknowledgment.5-14-3-9-c", "2026-05-25", "2026-05-26"),
        id="indiana-holiday-may-roll",
    ),
    # Ten calendar days from Fri Mar 6 = Mon 16; ten business days = 9 - 13 (5), 16 - 20 (10) = Fri 20; both readings
    # exist. Ala. Code § 36-12-44(a)(3)
    pytest.param(
        *("AL", "received=2026-03-06", "acknowledgment.36-12-44-a-3", "2026-03-16", "2026-03-20"),
        id="alabama-calendar-or-business-days",
    ),
    # From the acknowledgment on Mon Mar 2: 30 business days = Mar 3 - 6 (4), 9 - 13 (9), 16 - 20 (14), 23 - 27 (19),
    # 30 - Apr 3 (24), 6 - 10 (29), Mon 13 (30); 60 calendar days = May 1; the earlier counts. § 36-12-44(a)(5)
    pytest.param(
        *("AL", "received=2026-03-02 acknowledged=2026-03-02", "determination.36-12-44-a-5"),
        *("2026-04-13", "2026-04-13"),
        id="alabama-silence-the-earlier-of-two-limits",
    ),
    # Acknowledged Tue Mar 10: 21 days left in March, 30 in April (51), 31 in May (82), Jun 8 (90), a Monday.
    # Mont. Code Ann. § 2-6-1006(3)
    pytest.param(
        *("MT", "received=2026-03-09 acknowledged=2026-03-10", "production.2-6-1006-3", "2026-06-08", "2026-06-08"),
        id="montana-ninety-days-from-the-acknowledgment",
    ),
    # Mar 9 + 20 = Sun Mar 29, moves to Mon 30. Iowa Code §§ 22.8(4)(d), 4.1(34)
    pytest.param(
        *("IA", "received=2026-03-09", "determination.22.8-4-d", "2026-03-30", "2026-03-30"),
        id="iowa-sunday-rolls",
    ),
]

RECEIPT = [
    # E-mailed Fri Mar 6, received by law one business day later, Mon 9; 10 (1), 11 (2), 12 (3), 13 (4), Mon 16 (5).
    # MCL 15.235(1)-(2)
    pytest.param(
        *("MI", "sent=2026-03-06T10:00", "determination.15.235-2", "2026-03-16", "2026-03-16"),
        id="michigan-email-is-received-a-business-day-later",
    ),
    # From the request on Mon Mar 2, not from its receipt: 3 (1) .. 6 (4), Mon 9 (5). La. R.S. 44:35(A)
    pytest.param(
        *("LA", "sent=2026-03-02 received=2026-03-04", "determination.44-35-a", "2026-03-09", "2026-03-09"),
        id="louisiana-runs-from-the-request",
    ),
    # Arrived Sat Mar 7, counts as received Mon 9 (950 CMR 32.06(2)(e)); 10 (1) .. 13 (4), 16 (5), Tue 17 Evacuation Day
    # in Suffolk County, disputed; if open: 17 (6) .. 20 (9), Mon 23 (10); if closed: Tue 24. G.L. c. 66, § 10(a)
    pytest.param(
        *("MA", "received=2026-03-07", "determination.66-10-a", "2026-03-23", "2026-03-24"),
        id="massachusetts-arrival-on-a-saturday",
    ),
    # Sent Fri Mar 6 at 6:10 pm, after hours: presumed received Mon 9; Mar 9 + 10 = Thu 19. Gov. Code § 7922.535(a)
    pytest.param(
        *("CA", "sent=2026-03-06T18:10", "determination.7922.535-a", "2026-03-19", "2026-03-19"),
        id="california-email-after-hours",
    ),
    # Sent Fri Mar 6 at an unknown time: received that day or Mon 9; + 10 = Mon 16 or Thu 19.
    pytest.param(
        *("CA", "sent=2026-03-06", "determination.7922.535-a", "2026-03-16", "2026-03-19"),
        id="california-email-without-a-time",
    ),
    # Acknowledged Mon Mar 9: + 30 = Wed Apr 8 (22 days left in March). Wyo. Stat. § 16-4-202(c)(ii)
    pytest.param(
        *("WY", "received=2026-03-06 acknowledged=2026-03-09", "production.16-4-202-c-ii", "2026-04-08", "2026-04-08"),
        id="wyoming-runs-from-the-acknowledged-receipt",
    ),
]

EXTENSIONS_AND_TOLLING = [
    # Original Mon May 4; then 5 - 8 (4), 11 - 15 (9), Mon 18 (10). D.C. Code § 2-532(d)(1)
    pytest.param(
        *("DC", "received=2026-04-10 extension=2026-04-20", "extension.2-532-d", "2026-05-18", "2026-05-18"),
        id="district-ten-more-days",
    ),
    # Original Mon Mar 16; + 14 = Mon Mar 30. Gov. Code § 7922.535(b)
    pytest.param(
        *("CA", "received=2026-03-06 extension=2026-03-12", "extension.7922.535-b", "2026-03-30", "2026-03-30"),
        id="california-fourteen-more-days",
    ),
    # Original Wed Feb 18; 19 (1), 20 (2), 23 (3), 24 (4), Wed 25 (5). 5 ILCS 140/3(e)
    pytest.param(
        *("IL", "received=2026-02-09 extension=2026-02-18", "extension.3-e", "2026-02-25", "2026-02-25"),
        id="illinois-notice-on-the-last-day",
    ),
    # Original Mon Mar 9; + 30: 22 days left in March, Wed Apr 8. 65 P.S. § 67.902
    pytest.param(
        *("PA", "received=2026-03-02 extension=2026-03-09", "extension.67.902", "2026-04-08", "2026-04-08"),
        id="pennsylvania-thirty-calendar-days-after-five-business-days",
    ),
    # Original Mon Mar 16; 17 - 20 (4), 23 - 27 (9), Mon 30 (10). MCL 15.235(2)(d)
    pytest.param(
        *("MI", "sent=2026-03-06T10:00 extension=2026-03-13", "extension.15.235-7", "2026-03-30", "2026-03-30"),
        id="michigan-extension-after-a-presumed-receipt",
    ),
    # Original Tue May 26; 27 (1), 28 (2), 29 (3), Jun 1 - 4 (7). Va. Code § 2.2-3704(B)(4)
    pytest.param(
        *("VA", "received=2026-05-18 extension=2026-05-22", "extension.2.2-3704-b-4", "2026-06-04", "2026-06-04"),
        id="virginia-seven-more-days",
    ),
    # A total of 35 days from receipt on Mar 2: 29 days left in March, Mon Apr 6. Idaho Code § 74-103(2)
    pytest.param(
        *("ID", "received=2026-03-02 extension=2026-03-04", "extension.74-103-2.nonresident"),
        *("2026-04-06", "2026-04-06"),
        id="idaho-total-counted-from-receipt",
    ),
    # A total of six months from the acknowledgment on Tue Mar 10: Thu Sep 10. Mont. Code Ann. § 2-6-1006(3)
    pytest.param(
        *("MT", "received=2026-03-09 acknowledged=2026-03-10 extension=2026-05-01", "extension.2-6-1006-3"),
        *("2026-09-10", "2026-09-10"),
        id="montana-six-months",
    ),
    # Twenty business days from Fri Mar 6; 9 - 13 (5), Mon 16 (6); asked on the 16th, answered Thu 19: 17 - 19 do not
    # count; Fri 20 (7), 23 - 27 (12), 30 - Apr 3 (17), 6 (18), 7 (19), Wed 8 (20). 5 U.S.C. § 552(a)(6)(A)(ii)(I)
    pytest.param(
        *("US", "received=2026-03-06 clarification_requested=2026-03-16 clarified=2026-03-19"),
        *("determination.552-a-6-a-i", "2026-04-08", "2026-04-08"),
        id="federal-clock-stands-still-for-three-days",
    ),
]

APPEALS = [
    # Silence through Wed Feb 18; + 60: 10 days left in February, 31 in March (41), Sun Apr 19 (60), moves to Mon 20.
    # 5 ILCS 140/9.5(a); 5 ILCS 70/1.11
    pytest.param(
        *("IL", "received=2026-02-09", "appeal.9.5-a", "2026-04-20", "2026-04-20"),
        id="illinois-review-after-silence",
    ),
    # Silence through Mon Mar 9; 10 - 13 (4), 16 - 20 (9), 23 - 27 (14), Mon 30 (15). 65 P.S. § 67.1101
    pytest.param(
        *("PA", "received=2026-03-02", "appeal.67.1101", "2026-03-30", "2026-03-30"),
        id="pennsylvania-appeal-after-silence",
    ),
    # Denied Tue Mar 10; + 180: 21 left in March, Apr (51), May (82), Jun (112), Jul (143), Aug (174), Sun Sep 6 (180);
    # Mon 7 is Labor Day; Tue 8. MCL 15.240(1)(b)
    pytest.param(
        *("MI", "received=2026-03-02 denied=2026-03-10", "court.15.240-1-b", "2026-09-08", "2026-09-08"),
        id="michigan-suit-rolls-past-labor-day",
    ),
    # Decided Sat Jan 31; four months on is May 31, a Sunday; Mon Jun 1. N.Y. CPLR 217(1); Gen. Constr. Law §§ 25-a, 30
    pytest.param(
        *("NY", "received=2026-01-05 denied=2026-01-12 appeal_filed=2026-01-14 appeal_decided=2026-01-31"),
        *("court.89-4-b", "2026-06-01", "2026-06-01"),
        id="new-york-four-months",
    ),
    # Denied Fri Feb 27, 2026; one year on is Sat Feb 27, 2027; the rule names Sundays and holidays: it may stay or move
    # to Mon Mar 1. HAR § 2-73-12; HRS § 1-29
    pytest.param(
        *("HI", "received=2026-02-20 denied=2026-02-27", "appeal.2-73-12", "2027-02-27", "2027-03-01"),
        id="hawaii-one-year-is-an-anniversary",
    ),
    # Denied on Feb 29, 2024; 2025 has no such day, so Fri Feb 28, 2025. HAR § 2-73-12
    pytest.param(
        *("HI", "received=2024-02-20 denied=2024-02-29", "appeal.2-73-12", "2025-02-28", "2025-02-28"),
        id="hawaii-leap-day-anniversary",
    ),
    # Denied Mon Mar 9, 2026; two years on is Thu Mar 9, 2028. Minn. Stat. § 13.085
    pytest.param(
        *("MN", "received=2026-03-02 denied=2026-03-09", "appeal.13.085", "2028-03-09", "2028-03-09"),
        id="minnesota-two-years",
    ),
    # Denied Wed Mar 11; 60 calendar days = Sun May 10 (20 left in March, 50 by the end of April); 60 business days:
    # 12 - 13 (2), 16 - 20 (7), 23 - 27 (12), Mar 30 closed, 31 - Apr 3 (16), 6 - 10 (21), 13 - 17 (26), 20 - 24 (31),
    # 27 - May 1 (36), 4 - 8 (41), 11 - 15 (46), 18 - 22 (51), May 25 closed, 26 - 29 (55), Jun 1 - 5 (60). 2 AAC 96.340
    pytest.param(
        *("AK", "received=2026-03-06 denied=2026-03-11", "appeal.2-aac-96.340", "2026-05-10", "2026-06-05"),
        id="alaska-sixty-days-of-either-kind",
    ),
    # Asked Mon Mar 2; + 90: 29 left in March, Apr (59), Sun May 31 (90), moves to Mon Jun 1. RSMo §§ 610.026, 1.040
    pytest.param(
        *("MO", "received=2026-02-26 clarification_requested=2026-03-02", "reply.610.026-2-2.clarification"),
        *("2026-06-01", "2026-06-01"),
        id="missouri-request-lapses-after-ninety-days",
    ),
    # Appeal filed Mon Mar 16; 17 - 20 (4), 23 - 27 (9), Mon 30 (10). N.Y. Pub. Off. Law § 89(4)(a)
    pytest.param(
        *("NY", "received=2026-03-02 denied=2026-03-09 appeal_filed=2026-03-16", "appeal.89-4-a.decision"),
        *("2026-03-30", "2026-03-30"),
        id="new-york-appeal-decided-in-ten-days",
    ),
]


@pytest.mark.parametrize(
    ("code", "events", "rule_id", "earliest", "latest"),
    BUSINESS_DAYS + CALENDAR_DAYS_AND_MONTHS + RECEIPT + EXTENSIONS_AND_TOLLING + APPEALS,
)
def test_the_book_gives_the_date_worked_out_by_hand(
    code: str, events: str, rule_id: str, earliest: str, latest: str
) -> None:
    row = row_for(code, events, rule_id)

    assert (str(row.earliest), str(row.latest)) == (earliest, latest), "\n".join(row.trace)
