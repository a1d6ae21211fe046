"""The steps, one file each: `def step(work: Work) -> Outcome`."""
