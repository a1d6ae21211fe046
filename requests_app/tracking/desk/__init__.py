"""The coordinator's desk: groups by what hurts most, quick actions in place, snoozes, views, work in bulk.

`filters` is what can be asked for, `queries` reads, `services` writes, `rows` words one request (pure), `snoozing` says
until when a request may sleep (pure), `workload` who has how much. Pages: `views` (the desk), `acts` (what is done in
place), `bulk`, `looks` (views and columns), `people` (workload and handing over).
"""
