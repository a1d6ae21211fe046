"""Commands that answer from the law book."""
