"""Addresses that somebody saw in a mail, until a coordinator has looked them up elsewhere."""
