"""The controlled vocabulary: which labels there are, how they look, and everything that has one."""
