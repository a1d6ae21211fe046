"""Reading help: what an agency's mail may mean, sentence by sentence. Pure; it suggests, and a person decides.

    read(text, Letter(...)) -> Found(suggestions, links)

- `sentences` cuts the new text of a mail into sentences.
- `rules` is a table: what agencies write, and what it means. `guards` finds what only looks like it: conditions,
  denials of it, quoted law, our own words.
- `values` reads days, periods, sums, numbers and sections of law. `links` finds file shares and portals.

Nothing is learned and nothing is guessed: each suggestion names its sentence. Only the beginning of a very long text is
read (`LONGEST`), and every step looks at each letter a bounded number of times.
"""

from requests_app.correspondence.incoming.suggesting.found import Found, Kind, Letter, Level, Suggestion
from requests_app.correspondence.incoming.suggesting.links import Link
from requests_app.correspondence.incoming.suggesting.reading import LONGEST, read

__all__ = ["LONGEST", "Found", "Kind", "Letter", "Level", "Link", "Suggestion", "read"]
