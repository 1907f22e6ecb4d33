"""Households that change: what it does to points, and what may change."""
