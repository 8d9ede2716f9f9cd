"""The schema that the library writes, as SQL files in the order in which they are applied."""
