"""Returned files: store, ingest, list, safe download."""
