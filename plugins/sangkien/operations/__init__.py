"""Operating it: by day, at the end of a phase, what needs a person, and keeping house."""
