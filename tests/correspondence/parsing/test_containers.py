"""winmail.dat and .msg: what is in them comes out, and what is broken in them breaks nothing else."""

from __future__ import annotations

import random
import struct

import pytest

from requests_app.correspondence.parsing import Address, parse_message
from requests_app.correspondence.parsing.compound import BrokenFile, CompoundFile
from requests_app.correspondence.parsing.outlook import read_msg
from requests_app.correspondence.parsing.tnef import read_tnef
from tests.correspondence.parsing.builders import (
    attribute,
    compound,
    file,
    mapi,
    message_folder,
    msg_enclosed,
    msg_file,
    part,
    saved_message,
    text_value,
    tnef,
    tnef_file,
    unicode,
    whole,
    winmail,
)
from tests.correspondence.parsing.seeds import SEEDS

ROOM = 10_000_000


def test_winmail_gives_its_text_its_page_its_files_and_its_messages():
    message = parse_message(SEEDS["winmail"])
    assert (message.text, message.html) == ("Packed text", "<p>Packed päge</p>")
    assert [(one.name, one.role, one.inside) for one in message.attachments] == [
        ("Letter to requester – final.pdf", "file", ("winmail.dat",)),
        ("inner", "message", ("winmail.dat",)),
        ("deep.txt", "file", ("winmail.dat", "inner")),
        ("winmail.dat", "container", ()),
    ]
    assert message.attachments[0].content == b"%PDF-letter"
    assert message.attachments[-1].content == winmail()
    assert [(one.subject, one.text) for one in message.enclosed] == [("Inner", "Inner text")]


def test_the_letter_of_the_mail_goes_before_that_of_winmail():
    raw = whole("mixed", part("text/plain", b"Letter"), file("winmail.dat", winmail(), "application/ms-tnef"))
    message = parse_message(raw)
    assert (message.text, message.html) == ("Letter", "<p>Packed päge</p>")


def test_winmail_is_known_by_its_name_too():
    raw = whole("mixed", part("text/plain", b"x"), file("WINMAIL.DAT", winmail(), "application/octet-stream"))
    assert "winmail_read" in [one.code for one in parse_message(raw).notes]


def test_a_file_that_is_only_called_winmail_stays_a_file():
    raw = whole("mixed", part("text/plain", b"x"), file("winmail.dat", b"no such thing", "application/ms-tnef"))
    message = parse_message(raw)
    assert [(one.name, one.role) for one in message.attachments] == [("winmail.dat", "file")]
    assert message.notes == ()


def test_a_winmail_that_breaks_off_gives_what_stands_before():
    whole_stream = tnef(*tnef_file("first.txt", b"one"), *tnef_file("second.txt", b"x" * 5_000))
    found = read_tnef(whole_stream[:-3_000])
    assert found is not None
    assert found.damaged
    assert [one.name for one in found.files] == ["first.txt", "second.txt"]
    assert found.files[0].content == b"one"


def test_recipients_in_winmail():
    rows = struct.pack("<I", 2)
    for kind, address in ((1, "a@people.example"), (2, "b@people.example")):
        rows += mapi((0x03, 0x0C15, struct.pack("<I", kind)), (0x1F, 0x3003, unicode(address)))
    found = read_tnef(tnef(attribute(1, 0x69004, rows)))
    assert found is not None
    assert (found.to, found.cc) == ((Address("a@people.example"),), (Address("b@people.example"),))


def test_named_and_repeated_properties_are_stepped_over():
    named = struct.pack("<HH", 0x1F, 0x8001) + b"\0" * 16 + struct.pack("<II", 1, 4) + b"n\0\0\0"
    named += struct.pack("<II", 1, 4) + b"v\0\0\0"
    several = struct.pack("<HHI", 0x1003, 0x1234, 2) + b"\1\0\0\0\2\0\0\0"
    subject = mapi((0x1F, 0x0037, unicode("After")))[4:]
    found = read_tnef(tnef(attribute(1, 0x69003, struct.pack("<I", 3) + named + several + subject)))
    assert found is not None
    assert (found.subject, found.damaged) == ("After", False)


def test_a_saved_message_gives_its_files_and_is_kept():
    message = parse_message(SEEDS["msg"])
    assert [(one.name, one.role, len(one.content), one.inside) for one in message.attachments[:4]] == [
        ("letter.pdf", "file", 10, ("saved.msg",)),
        ("scan.tif", "file", 9004, ("saved.msg",)),
        ("Inner", "message", 0, ("saved.msg",)),
        ("deep.txt", "file", 4, ("saved.msg", "Inner")),
    ]
    assert message.attachments[-1].content == saved_message()
    first = message.enclosed[0]
    assert (first.from_name, first.from_address) == ("Clerk, Records", "clerk@agency.example")
    assert (first.subject, first.message_id, first.to) == (
        "Saved by Outlook",
        "<saved@agency.example>",
        (Address("cora@people.example", "Cora"),),
    )
    assert message.from_address == "records@agency.example"


def test_a_saved_message_can_be_handed_in_itself():
    message = parse_message(saved_message())
    assert (message.from_address, message.subject) == ("clerk@agency.example", "Saved by Outlook")
    assert message.message_id == "<saved@agency.example>"
    assert message.date is not None
    assert [one.name for one in message.attachments] == ["letter.pdf", "scan.tif", "Inner", "deep.txt"]


def test_the_headers_that_a_saved_message_arrived_with_are_believed():
    headers = "From: Real <real@agency.example>\r\nSubject: Real\r\nAuto-Submitted: auto-replied\r\n"
    raw = compound(
        message_folder({0x007D: text_value(headers), 0x0037: text_value("Other"), 0x1000: text_value("x")}, 32)
    )
    message = parse_message(raw)
    assert (message.from_address, message.subject, message.is_auto_reply) == ("real@agency.example", "Real", True)


def test_another_kind_of_compound_file_is_a_file():
    document = compound(message_folder({}, 32))
    document = document.replace("__properties".encode("utf-16-le"), "WordDocument".encode("utf-16-le"))
    raw = whole("mixed", part("text/plain", b"x"), file("minutes", document, "application/octet-stream"))
    message = parse_message(raw)
    assert [(one.name, one.role) for one in message.attachments] == [("minutes", "file")]
    assert message.notes == ()


def test_a_file_too_large_for_the_room_left_is_named_and_left_out():
    raw = compound(message_folder({}, 32, files=[msg_file("a.pdf", b"x" * 9_000), msg_file("b.pdf", b"y" * 10)]))
    found = read_msg(raw, 1_000)
    assert found is not None
    assert [(one.name, one.omitted, len(one.content)) for one in found.files] == [
        ("a.pdf", True, 0),
        ("b.pdf", False, 10),
    ]


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1"), id="signature-only"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + b"\xff" * 2_000, id="all-ones"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 2_000, id="all-zeros"),
        pytest.param(saved_message()[:700], id="breaks-off"),
    ],
)
def test_a_broken_compound_file_says_so(octets):
    with pytest.raises(BrokenFile):
        CompoundFile(octets)
    message = parse_message(octets)
    assert "outlook_damaged" in [one.code for one in message.notes]


def test_folders_in_a_circle_are_walked_once():
    inner = message_folder({0x0037: text_value("Inner")}, 24)
    raw = bytearray(compound(message_folder({}, 32, files=[msg_enclosed("Inner", inner)])))
    listed = CompoundFile(bytes(raw))
    place = bytes(raw).find("Root Entry".encode("utf-16-le"))
    for number in range(1, len(listed.entries)):
        raw[place + number * 128 + 76 : place + number * 128 + 80] = struct.pack(
            "<I", 1
        )  # every child is the first entry
    assert read_msg(bytes(raw), ROOM) is not None


@pytest.mark.parametrize("number", range(300))
def test_broken_containers_raise_nothing(number):
    chance = random.Random(number)
    for octets, read in ((winmail(), read_tnef), (saved_message(), lambda broken: read_msg(broken, ROOM))):
        broken = bytearray(octets)
        for _place in range(chance.choice((1, 3, 20))):
            broken[chance.randrange(8, len(broken))] = chance.choice((0, 1, 255, chance.randrange(256)))
        read(bytes(broken[: chance.choice((len(broken), chance.randrange(8, len(broken))))]))
