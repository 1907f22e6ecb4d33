"""A fictional township to look at, lived through the same operations as the pages."""
