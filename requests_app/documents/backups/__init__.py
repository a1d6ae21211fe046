"""Backups: the database, the documents and the mails in one verified archive, and the way back."""
