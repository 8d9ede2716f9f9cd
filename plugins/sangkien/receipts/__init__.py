"""Receipts: what each unit gets back for each delivery (contract §6)."""
