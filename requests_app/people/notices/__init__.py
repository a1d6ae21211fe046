"""Telling people things: the list of notices, how each wants to be told, and the way out of mails."""
