#!/usr/bin/env python
"""Daylight from the shell: `python manage.py help` lists what it can do."""

import os
import sys


def _try_later() -> int:
    """Return what a mail server must see when even the settings are broken: keep the mail and try again."""
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except SystemExit as end:
        return end.code if end.code in (os.EX_OK, os.EX_DATAERR) else os.EX_TEMPFAIL
    except BaseException as trouble:  # noqa: BLE001  any other status would send the mail back
        sys.stderr.write(f"The mail could not be taken in: {type(trouble).__name__}.\n")
        return os.EX_TEMPFAIL
    return os.EX_OK


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
    if sys.argv[1:2] == ["receive_mail"]:
        sys.exit(_try_later())
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run `make setup`, then use .venv/bin/python manage.py.")
    execute_from_command_line(sys.argv)
