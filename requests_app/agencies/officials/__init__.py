"""Public officials whom the group asks: rows with source and history, import and export, the log of what was said."""
