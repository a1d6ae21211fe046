"""What became of a letter that left: delivered, late, or back; and how it goes out once more by another way.

What mail servers report is a fact beside the letter (`noting`), read from the reports that are filed with its request.
It never is an event: no clock starts or stops by it, and no status changes. A person decides (`again`).
"""
