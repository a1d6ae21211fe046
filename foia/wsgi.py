"""The door for web servers that speak WSGI (gunicorn)."""

import os

from django.core.wsgi import get_wsgi_application

from foia import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
application = get_wsgi_application()
memory.settle()
