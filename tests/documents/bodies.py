"""Upload bodies as browsers write them, byte for byte: the test client would tidy the names."""

from __future__ import annotations

from pathlib import Path

BOUNDARY = "daylight-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
PDF = b"%PDF-1.7\nmonthly totals"
CSV = b"month,count\n2025-01,12\n"
MB = 1024 * 1024


def body(*files: tuple[str, bytes], received_on: str = "2026-03-20", **fields: str) -> bytes:
    """Return a whole multipart body with these files (name, content) in the field `files`."""
    parts = []
    for name, value in {"received_on": received_on, **fields}.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    for name, content in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: x/y\r\n\r\n'
        parts.append(head.encode() + content)
    whole = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return whole + b"--" + BOUNDARY.encode() + b"--\r\n"


def files_under(folder: Path) -> list[Path]:
    """Return every file in the store but its lock."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
