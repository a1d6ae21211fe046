"""When the law book or a calendar changes: every open date is counted again, and what moved is told and kept."""
