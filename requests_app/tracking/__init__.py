"""The coordinator's desk: home, request page, reminders, sweeps."""
