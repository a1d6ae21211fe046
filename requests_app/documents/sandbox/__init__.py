"""Foreign bytes are read in a process apart, which holds no secrets, no database and no network.

    for page in sandbox.run("requests_app.documents.readers.pdf:pages", path, order=PagesOrder(), kind=PageFound):
        ...

A reader is a generator function `(path: Path, order: SomeStruct, output: Path) -> Iterator[SomeOtherStruct]`.
"""

from requests_app.documents.sandbox.limits import Limits
from requests_app.documents.sandbox.parent import READY, NotRead, run, watched

__all__ = ["READY", "Limits", "NotRead", "run", "watched"]
