"""How much of a mail is read: bounds that keep any mail within 300 MB of memory and a hostile one within 2 seconds.

What lies beyond a bound is not lost: the raw mail is kept whole, and a note says what was not read.
"""

from __future__ import annotations

from typing import Final

# Real mail has some 100 header lines; mailing systems that log every hop reach 300.
HEADER_LINES: Final = 1_000
HEADER_BLOCK_BYTES: Final = 1_048_576
HEADER_VALUE_BYTES: Final = 65_536
SUBJECT_CHARACTERS: Final = 2_000
ADDRESSES: Final = 500
REFERENCES: Final = 200
# The deepest real nesting seen is a forward of a forward of a signed report: about 12.
DEPTH: Final = 40
# One mail's parts, those of enclosed messages and containers included.
PARTS: Final = 1_000
ENCLOSED: Final = 50
# A body longer than this is 1,500 pages; the whole of it becomes an attachment besides.
TEXT_BYTES: Final = 4_194_304
ALL_TEXT_BYTES: Final = 8_388_608
# A 50 MB mail decodes to 37 MB of files; the same again for a container around them, and then some.
CONTENT_BYTES: Final = 134_217_728
# Entries of an Outlook file or properties of a TNEF stream: a mail with 100 attachments has about 3,000.
CONTAINER_ENTRIES: Final = 10_000
# Rich text is read letter by letter: a megabyte takes half a second. Letters have some 50 KB.
RTF_BYTES: Final = 1_048_576
# A page is turned into text tag by tag: half a megabyte of tags takes a second. The page itself is kept beyond that.
PAGE_CHARACTERS: Final = 524_288
FLOWED_CHARACTERS: Final = 1_048_576
NOTES: Final = 100
