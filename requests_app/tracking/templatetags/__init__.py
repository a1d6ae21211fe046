"""Template filters of the tracking room."""
