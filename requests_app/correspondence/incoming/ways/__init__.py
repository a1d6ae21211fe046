"""The ways in that keep a conversation with another server. Each ends in `services.take_in`."""
