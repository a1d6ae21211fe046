"""What is publicly reported of each door to a state's driver records, for each federal office: dated, sourced, kept."""
