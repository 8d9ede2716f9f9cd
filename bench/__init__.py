"""Benchmarks: each beside the physical limit, and beside its peers, in the same run."""
