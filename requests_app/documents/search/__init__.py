"""Search over everything that came back. Import from here, `services`, `queries` and `near`; the rest is inside.

`language` reads what a person typed, `finding` finds it, `engines` speaks to the database, `snippets` shows it.
"""
