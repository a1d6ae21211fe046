"""Answers on paper: letters photographed page by page, and what a scanner leaves in a folder."""
