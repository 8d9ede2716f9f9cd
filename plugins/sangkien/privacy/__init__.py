"""Privacy: who may see what, and what a person may ask for (docs/roles.md, docs/howto/answer-a-person.md)."""
