"""Drawing up the next rules: draft, comments, comparison, vote."""
