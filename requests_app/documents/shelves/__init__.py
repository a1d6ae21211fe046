"""Shelves: returned documents by agency, request, campaign, date and kind; collections; many files as one ZIP."""
