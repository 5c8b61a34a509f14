"""Text that must not be shown."""

__all__ = ["Secret"]

MASK = "********"


class Secret(str):
    """A shared secret: it compares, hashes and pickles as its text, but prints and formats as asterisks."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Secret":
        """Hold ``text``; a `Secret` is returned as it is, or its asterisks would become the secret."""
        if isinstance(text, Secret):
            return text
        if not isinstance(text, str):  # str(b"...") would be a secret that nobody chose
            raise TypeError(f"shared_secret: text expected, {type(text).__name__} given")
        return super().__new__(cls, text)

    def reveal(self) -> str:
        """Return the secret as plain text."""
        return self[:]

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)
