"""What ends a demo that cannot go on."""


class DemoError(Exception):
    """One line for the user: what, where, and the way out; `log` is a file whose end explains it."""

    def __init__(self, message, log=None):
        super().__init__(message)
        self.log = log
