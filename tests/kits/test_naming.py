"""Names, dates and sums in running text."""

from __future__ import annotations

from datetime import date

import pytest

from requests_app.kits import naming


@pytest.mark.parametrize(
    ("name", "prose"),
    [
        ("Maryland Department of State Police", "the Maryland Department of State Police"),
        (
            "Colorado Department of Revenue, Division of Motor Vehicles",
            "the Division of Motor Vehicles of the Colorado Department of Revenue",
        ),
        ("Illinois State Police (LEADS)", "the Illinois State Police"),
        ("Service Oklahoma", "Service Oklahoma"),
        (
            "U.S. Immigration and Customs Enforcement, Freedom of Information Act Office",
            "the Freedom of Information Act Office of U.S. Immigration and Customs Enforcement",
        ),
        (
            "New Hampshire Department of Safety, Division of State Police, Justice Information Bureau (NCIC Unit)",
            "the Justice Information Bureau of the Division of State Police of the New Hampshire Department of Safety",
        ),
    ],
)
def test_an_agency_stands_in_a_sentence_without_commas_of_its_own(name: str, prose: str) -> None:
    assert naming.agency_in_prose(name) == prose


@pytest.mark.parametrize(
    ("office", "title"),
    [
        ("Public Information Act Representative", "Public Information Act Representative"),
        ("records custodian, Office of the Commissioner", "Records Custodian"),
        ("FOIA custodian (requests have been answered by its legal office)", "FOIA Custodian"),
        ("Legal Division / Public Records Designee", "Public Records Designee"),
        ("Assistant Secretary (OMV Commissioner) or designee", "Assistant Secretary or Designee"),
        ("Office of General Counsel", None),
        ("Legal Affairs Unit", None),
        ("Public records (no officer named)", None),
        (None, None),
        ("", None),
    ],
)
def test_one_writes_dear_only_to_a_title(office: str | None, title: str | None) -> None:
    assert naming.addressable_title(office) == title


@pytest.mark.parametrize(
    ("office", "agency", "line"),
    [
        ("Legal Affairs Unit", "Connecticut State Police", "Legal Affairs Unit"),
        ("Bureau of Records (requests are first logged)", "Florida Department", "Bureau of Records"),
        ("Open records / Freedom of Information Officer", "Kansas Bureau", "Freedom of Information Officer"),
        ("FOIA Coordinator, Delaware State Police", "Delaware State Police", "FOIA Coordinator"),
        ("Public records (no officer named)", "Ohio Bureau", None),
        ("Office of General Counsel - Open Records", "Texas Department", "Office of General Counsel - Open Records"),
        ("Motor Vehicles, or Legal Services", "Department of Motor Vehicles", "Legal Services"),
        ("FOIA request", "Virginia Department", None),
        (None, "Ohio Bureau", None),
    ],
)
def test_an_address_begins_with_an_office_and_not_with_a_topic(office: str | None, agency: str, line: str) -> None:
    assert naming.office_line(office, agency) == line


@pytest.mark.parametrize(
    ("line", "again"),
    [
        ("Texas Department of Public Safety, Office of General Counsel - Open Records", True),
        ("Department of Public Safety", True),
        ("Box 4087", False),
        ("Austin, TX 78773-0140", False),
    ],
)
def test_an_address_says_nothing_twice(line: str, again: bool) -> None:
    said = "Office of General Counsel - Open Records Texas Department of Public Safety"
    assert naming.says_again(line, said, "Texas") is again


def test_groups_take_an_article_and_brands_do_not() -> None:
    assert naming.group_in_prose("Harbor Records Group") == "the Harbor Records Group"
    assert naming.group_in_prose("The Harbor Project") == "The Harbor Project"
    assert naming.group_in_prose("OpenRecords") == "OpenRecords"


def test_dates_sums_and_lists_are_american() -> None:
    assert naming.long_date(date(2026, 3, 2)) == "March 2, 2026"
    assert naming.dollars(5_000) == "$50"
    assert naming.dollars(123_450) == "$1,234.50"
    assert naming.and_list(["1"]) == "1"
    assert naming.and_list(["1", "2", "7"]) == "1, 2 and 7"
    assert naming.and_list([]) == ""
