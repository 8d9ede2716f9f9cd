"""A corpus of delivered files, written by a script; what the contract says of each; and files that are anything."""
