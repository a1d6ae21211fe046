"""Who we are: accounts, roles, invitations, notices and how to reach people."""
