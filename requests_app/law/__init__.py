"""The law book: statutes, rules, holiday calendars and deadline arithmetic. Pure Python: imports no Django."""
