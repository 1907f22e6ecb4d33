"""The working pages of staff: record, review, publish, correct, answer, import."""
