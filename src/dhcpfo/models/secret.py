"""Text that must not be shown."""

__all__ = ["Secret"]

MASK = "********"


class Secret:
    """A shared secret: it compares, hashes and pickles as its text, but prints and formats as asterisks.

    It is no `str`, or whatever takes the letters of one (``json.dumps``, ``"".join``, ``encode``) would show it.

    Args:
        text: The secret; another `Secret` is taken over.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: "str | Secret") -> None:
        if isinstance(text, Secret):
            text = text._text
        if not isinstance(text, str):  # str(b"...") would be a secret that nobody chose
            raise TypeError(f"shared_secret: text expected, {type(text).__name__} given")
        object.__setattr__(self, "_text", text)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Secret cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Secret cannot be changed")

    def reveal(self) -> str:
        """Return the secret as plain text."""
        return self._text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            return self._text == other._text
        if isinstance(other, str):
            return self._text == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, (self._text,)

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)
