"""Text that must not be shown."""

from typing import Any

__all__ = ["Secret", "hide", "to_secret"]

MASK = "********"


class Secret:
    """A shared secret: it compares and hashes as its text, but prints and formats as asterisks.

    It deliberately does not subclass `str`: ``json.dumps``, ``"".join`` and ``encode`` would then expose the text.

    Pickling carries the text, so that models can travel between processes, with protocol 3 and later (Python uses 4
    or later unless told otherwise). Serializers that people read, such as PyYAML and jsonpickle, ask for protocol 2:
    they get a place holder that cannot be loaded again. Copies are the object itself.

    Args:
        text: The secret: text, or bytes in UTF-8. Another `Secret` is copied.

    Raises:
        TypeError: ``text`` has another type.
        ValueError: The bytes are not valid UTF-8.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: "str | bytes | Secret") -> None:
        text = hide(text)  # type: ignore[assignment]  # first: no traceback may show the text
        object.__setattr__(self, "_text", to_secret(text)._text)  # type: ignore[arg-type]

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

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return (_left_out, ()) if protocol < 3 else (Secret, (self._text,))

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)


def _left_out() -> Secret:
    raise ValueError("shared_secret was left out of this copy; only pickle protocols 3 and later carry it")


class _Refused:
    """Stands for an unusable secret until the error can be raised; it does not hold the value."""

    __slots__ = ("error", "text")

    def __init__(self, error: type[Exception], text: str) -> None:
        self.error = error
        self.text = text


def _wrong_type(value: object) -> _Refused:
    given = "None" if value is None else type(value).__name__
    return _Refused(TypeError, f"must be str, bytes or Secret, not {given}")


def hide(value: Any) -> "Secret | _Refused | None":
    """Wrap what a user gave as a secret. It never raises, so that no traceback can show the value.

    Constructors and functions call it first and rebind the name of their argument; `to_secret` raises the error.
    """
    if value is None or isinstance(value, Secret | _Refused):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        try:
            value = bytes(value).decode()
        except ValueError:
            return _Refused(ValueError, "must be valid UTF-8")
    if not isinstance(value, str):
        return _wrong_type(value)
    secret = Secret.__new__(Secret)
    object.__setattr__(secret, "_text", str.__str__(value))
    return secret


def to_secret(value: "Secret | _Refused | None", argument: str = "shared_secret") -> Secret:
    """Return a hidden value (see `hide`) as a `Secret`, or raise its error.

    Args:
        value: The result of `hide`.
        argument: What the error message calls it.
    """
    if isinstance(value, Secret):
        return value
    refused = value if isinstance(value, _Refused) else _wrong_type(value)
    raise refused.error(f"{argument} {refused.text}")
