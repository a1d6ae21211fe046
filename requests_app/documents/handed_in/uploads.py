"""Takes the files of a handing in as every upload, and stops at what the link still takes."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import HttpRequest

from requests_app.documents.handed_in.troubles import NoMoreFiles, NoMoreRoom
from requests_app.documents.models import AgencyLink
from requests_app.documents.store import Store
from requests_app.documents.uploads import BoundedUploads


class MeteredUploads(BoundedUploads):
    """Gives up a file as soon as the files of this body together pass what the link still takes.

    What the link takes in the end is decided by `services.hand_in`; this keeps a stranger from filling the disk before.
    """

    def __init__(self, request: HttpRequest, store: Store, limit: int, link: AgencyLink) -> None:
        super().__init__(request, store, limit)
        self._files_left = link.files_left
        self._bytes_left = link.bytes_left
        self._of_this_file = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self._of_this_file = 0
        super().new_file(*args, **kwargs)
        if self._files_left <= 0:
            self._give_up(NoMoreFiles())
        self._files_left -= 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if len(raw_data) > self._bytes_left:
            self._give_up(NoMoreRoom(self._bytes_left + self._of_this_file))
        self._bytes_left -= len(raw_data)
        self._of_this_file += len(raw_data)
        super().receive_data_chunk(raw_data, start)

    def _give_up(self, trouble: Exception) -> NoReturn:
        self._bytes_left += self._of_this_file
        self._of_this_file = 0
        super()._give_up(trouble)
