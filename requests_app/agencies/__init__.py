"""Whom to ask: agencies, roles, contact points, import and export."""
