"""What no log may keep: the code of a household's card."""

import logging
import re

CARD = re.compile(r"""(/p/)[^?#\s"'<>]+""")


def mask(text: str) -> str:
    """Write the address of a card as /p/***, wherever it stands in a text."""
    return CARD.sub(r"\1***", text)


class MaskedRecord(logging.LogRecord):
    """One line of any log of this process: Django's, gunicorn's, a library's."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.exc_info:
            # Every formatter takes the text that is already there.
            traceback = logging.Formatter().formatException(self.exc_info)
            self.exc_text = mask(traceback)

    def getMessage(self):
        return mask(super().getMessage())
