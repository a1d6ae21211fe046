"""PDF files through pdfium: opening, sizes, labels, pictures. What the pages say is read by `readers.pdf`.

The functions of pdfium are called directly (`pypdfium2_raw`): the classes of `pypdfium2` take as long to import as a
page takes to be drawn, and a reader of that page waits for both.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import pypdfium2_raw as pdfium

from requests_app.documents.readers.refusals import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

WHITE: Final = 0xFFFFFFFF
LONGEST_SIDE: Final = 20_000  # points; what is larger is shown as that. Acrobat's largest page has 14,400
SHORTEST_SIDE: Final = 3  # points, the smallest that the standard allows (ISO 32000-1, annex C)
LONGEST_LABEL: Final = 40
LINK, POPUP, WIDGET = pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_WIDGET
REASONS: Final = {
    pdfium.FPDF_ERR_PASSWORD: "password",
    pdfium.FPDF_ERR_SECURITY: "unsupported",  # a way of locking that is not in the standard
}


class Pdf:
    """An open PDF. Close it: `with Pdf(path) as pdf`."""

    def __init__(self, path: Path, passwords: tuple[str, ...] = ()) -> None:
        """Open it without a password, then with each of these. Raises Refused: password, damaged, unsupported."""
        pdfium.FPDF_InitLibrary()
        name = str(path).encode()
        for password in (None, *passwords):
            self.handle = pdfium.FPDF_LoadDocument(name, password.encode() if password else None)
            if self.handle:
                break
            reason = pdfium.FPDF_GetLastError()
            if reason != pdfium.FPDF_ERR_PASSWORD:
                raise Refused(REASONS.get(reason, "damaged"), f"pdfium error {reason}")
        else:
            raise Refused("password", f"{len(passwords)} passwords tried")
        self._form: tuple[Any, Any] | None = None  # pdfium's machine for forms, and what it was told, which it keeps
        self.count: int = pdfium.FPDF_GetPageCount(self.handle)
        if self.count < 1:
            self.__exit__(None, None, None)
            raise Refused("damaged", "no pages")

    def __enter__(self) -> Pdf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._form[0])
        pdfium.FPDF_CloseDocument(self.handle)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points, as shown: cut to the page's crop box and turned. Raises Refused."""
        size = pdfium.FS_SIZEF()
        if not pdfium.FPDF_GetPageSizeByIndexF(self.handle, number - 1, ctypes.byref(size)):
            raise Refused("damaged", f"page {number}")
        return bounded(size.width), bounded(size.height)

    def label(self, number: int) -> str:
        """The page number that the file itself gives the page, such as iv."""
        length = pdfium.FPDF_GetPageLabel(self.handle, number - 1, None, 0)
        if not 2 < length < 2000:
            return ""
        label = ctypes.create_string_buffer(length)
        pdfium.FPDF_GetPageLabel(self.handle, number - 1, label, length)
        said = label.raw.decode("utf-16-le", "replace").rstrip("\0")
        return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())[:LONGEST_LABEL]

    @contextlib.contextmanager
    def page(self, number: int) -> Iterator[Any]:
        """Give the handle of a page as people see it: what was filled into forms and written on top is part of it.

        Raises Refused.
        """
        handle = self._loaded(number)
        try:
            # Not for links, which nearly every page has and nobody sees.
            seen = {_subtype(handle, at) for at in range(_notes(handle))} - {LINK, POPUP}
            if WIDGET in seen:
                self._draw_fields(handle)
            if seen and pdfium.FPDFPage_Flatten(handle, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
                pdfium.FPDF_ClosePage(handle)
                handle = None
                handle = self._loaded(number)
            yield handle
        finally:
            if handle:
                pdfium.FPDF_ClosePage(handle)

    def image(self, number: int, width: int, height: int, *, grey: bool = False) -> Image:
        """Draw a page in so many pixels, on white. Raises Refused."""
        with self.page(number) as page:
            return drawn(page, width, height, grey=grey)

    def _draw_fields(self, page: Any) -> None:
        """Have what was filled into fields drawn where the program that filled them in left that to the reader."""
        if self._form is None:
            told = pdfium.FPDF_FORMFILLINFO(version=2)
            self._form = (pdfium.FPDFDOC_InitFormFillEnvironment(self.handle, ctypes.byref(told)), told)
        if self._form[0]:
            pdfium.FORM_OnAfterLoadPage(page, self._form[0])
            pdfium.FORM_OnBeforeClosePage(page, self._form[0])

    def _loaded(self, number: int) -> Any:
        handle = pdfium.FPDF_LoadPage(self.handle, number - 1)
        if not handle:
            raise Refused("damaged", f"page {number}")
        return handle


def drawn(page: Any, width: int, height: int, *, grey: bool = False) -> Image:
    """Draw an open page in so many pixels, on white. Raises Refused when there is no memory for them."""
    from PIL import Image

    form, mode, raw = (pdfium.FPDFBitmap_Gray, "L", "L") if grey else (pdfium.FPDFBitmap_BGRx, "RGB", "BGRX")
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, form, None, 0)
    if not bitmap:
        raise Refused("too_large", f"{width} x {height} pixels")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE)
        flags = pdfium.FPDF_GRAYSCALE if grey else 0
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        bytes_ = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return Image.frombuffer(mode, (width, height), bytes_, "raw", raw, stride, 1)


def bounded(length: float) -> float:
    """Return a page's side within what can be shown; a side that is no number counts as the shortest."""
    return min(max(length, SHORTEST_SIDE), LONGEST_SIDE) if length == length else float(SHORTEST_SIDE)


def _notes(page: Any) -> int:
    return int(pdfium.FPDFPage_GetAnnotCount(page))


def _subtype(page: Any, at: int) -> int:
    note = pdfium.FPDFPage_GetAnnot(page, at)
    if not note:
        return int(LINK)
    try:
        return int(pdfium.FPDFAnnot_GetSubtype(note))
    finally:
        pdfium.FPDFPage_CloseAnnot(note)
