"""How it goes, in numbers with honest definitions: facts folded from each request, counted, shown and exported.

`facts` folds one request into one row of dates and sums, `folding` keeps these rows up to date, `counting` reads them,
`survival` makes medians that include what is still open, `definitions` says in words what each number means.
"""
