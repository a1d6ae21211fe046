"""Spreadsheets on the screen: sheets as tables that scroll, with find, sort, filter and the names of their cells.

`choices` is what a person asked to see, `ordering` which rows that gives, `finding` looks for words, `table` draws
rows, `queries` fetches, `export` gives them as CSV, `wording` says what files tell about themselves.
"""
