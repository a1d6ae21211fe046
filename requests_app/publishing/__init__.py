"""What everybody may read: the law pages, the deadline calculator, the state pages."""
