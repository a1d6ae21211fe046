"""Findings: typed values with their evidence, checked by a second reader, and what may be said with them."""
