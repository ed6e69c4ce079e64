"""What can go wrong while bringing things. Imports nothing of ours."""


class ProvisionError(Exception):
    """Something that is needed cannot be had here.

    Args:
        message: One line: what is missing or failed.
        remedy: One line: what a person can do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
