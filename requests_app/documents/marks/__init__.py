"""What people say about a document: its title, tags and dates, which items it answers, and numbers for its pages."""
