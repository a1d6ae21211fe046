"""The Celery application. The database is the truth; tasks are only triggers (design, section 2)."""

import os

from celery import Celery, signals

from foia import broker, memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")

broker.register()
app = Celery("daylight", task_cls="foia.clock:TimedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
signals.worker_ready.connect(memory.settle)
signals.worker_process_init.connect(memory.settle)
