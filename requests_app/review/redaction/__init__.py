"""Release copies without what must not be shown: what to cover, how it is taken out, and the proof that it is gone."""
