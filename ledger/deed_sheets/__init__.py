"""Deeds from a spreadsheet: read, checked, recorded a hundred rows at a time."""
