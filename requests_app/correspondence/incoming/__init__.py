"""Mail in: kept as it came, read in a process apart, placed on its request or laid before a person.

- `services.take_in`: every way in ends here. When it returns, the bytes are safe.
- `services.process_waiting`: reads, matches, judges and files what was taken in.
- `matching`, `trust`: the two judgements, pure.
- `reader`, `reading`: the parent's and the child's side of the process that reads.
- `ways`: the mailbox that is polled and the listener that a mail server delivers to.
"""
