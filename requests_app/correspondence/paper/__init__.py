"""Letters on paper and by fax: print packs for window envelopes, the log of what was posted, batches, fax.

`windows` and `tracking_numbers` are pure. `sheets` gathers what goes on paper, `printing` makes PDFs of it. `posting`,
`faxing` and `batches` write; what they record about a request goes through the doors of letters by hand
(`correspondence.services.mark_sent`, `next_letters.mark_sent`) and `filing.record_event`, by a person.
"""
