"""The web face of the filing room: the wizard, and what follows once a request is open."""
