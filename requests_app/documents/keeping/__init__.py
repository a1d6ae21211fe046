"""Safekeeping: where each document came from, what must not be erased, and erasing for good."""
