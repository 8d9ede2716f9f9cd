"""A corpus of delivered files made by a script, what the contract says of each, and tests that change and invent files."""
