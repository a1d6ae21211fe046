"""Reading a returned document on the screen: its pages as pictures with their words, and what has no pages as text."""
