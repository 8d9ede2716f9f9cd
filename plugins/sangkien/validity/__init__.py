"""Whether an initiative counts: the verdicts, and Great Expectations over the same rules."""
