"""Activities and courtyard rounds: who was there, what was seen, what is recorded."""
