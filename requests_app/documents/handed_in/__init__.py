"""Links over which an agency hands in files itself: one for each request, with an end, and shown once."""
