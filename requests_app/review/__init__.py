"""Notes on returned pages, on the way to verified findings."""
