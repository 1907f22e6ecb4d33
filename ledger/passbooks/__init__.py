"""A household's own account: a pure reading of its entries and deeds."""
