"""A request and its life: drafts, events, status, deadlines."""
