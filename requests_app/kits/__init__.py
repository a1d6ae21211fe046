"""What to ask: request kits, clauses, letters and their rendering."""
