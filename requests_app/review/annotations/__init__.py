"""Annotations: marking what returned documents say, together, so that nothing is lost and nobody overwrites another."""
