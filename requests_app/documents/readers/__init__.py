"""Readers of foreign bytes. Each runs in a process apart (`documents.sandbox`) and knows no Django and no settings."""
