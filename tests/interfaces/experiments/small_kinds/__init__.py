"""A shelf with one kind of experiment that takes no time."""
