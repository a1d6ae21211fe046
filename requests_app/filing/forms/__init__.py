"""The forms of the filing room: drafting a letter, and recording what happened to it. A form never writes."""
