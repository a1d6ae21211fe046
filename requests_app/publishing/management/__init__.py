"""The publishing room's commands."""
