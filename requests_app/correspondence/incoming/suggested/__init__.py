"""Reading help kept: what each mail may mean and where it has put records, and what a person made of that.

- `writing.note`: called when a mail is read, in the transaction that writes it. Records no event.
- `services`: what a person does: record, set aside, take up again; say that a link was fetched or is gone.
- `meaning`: from what a mail may mean to the event that would be recorded. Pure.
- `reminding`: tells people before a link stops working.
"""
