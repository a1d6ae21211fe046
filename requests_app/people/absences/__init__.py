"""Who is away, and who stands in meanwhile."""
