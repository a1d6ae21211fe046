"""Figures for the budgets in docs/budgets.md: `make bench`. They measure; they never fail a test."""
