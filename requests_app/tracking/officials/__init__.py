"""Letters and calls to officials. Here, because a letter needs the list (agencies), the words (kits), the law book
(filing) and, once there are any, released findings (review): this is the lowest room that sees them all."""
