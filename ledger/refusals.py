"""The base of every refusal that a person is told about."""


class Refused(Exception):
    """An operation that was not carried out; the message says what to do instead."""
