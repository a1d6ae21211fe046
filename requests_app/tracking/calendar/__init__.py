"""The calendar of running dates, the private feeds that carry them to other programs, and why a date is what it is."""
