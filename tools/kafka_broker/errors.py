"""What a command answers when it cannot do its work."""

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3


class ToolError(Exception):
    """One line for the user: what, where, and the way out."""

    def __init__(self, message, exit_code=EXIT_FAILED):
        super().__init__(message)
        self.exit_code = exit_code
