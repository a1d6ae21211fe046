"""When somebody is reminded of a deadline, who, and by which way; digests; muting; and mail that did not arrive."""
