"""The township, its people and its households in the admin."""

from households.admin import homes, people, places, traces

__all__ = ["homes", "people", "places", "traces"]
