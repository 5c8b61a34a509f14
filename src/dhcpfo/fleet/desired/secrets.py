"""The texts of shared secrets, from where a file says that they are."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from ...models import Secret
from ...pair import SecretRef
from .models import SecretSource
from .problems import Problem
from .wanted import Wanted

__all__ = ["Prompt", "reference", "texts_of"]

Prompt = Callable[[str], str]
"""Asks the user for the secret of a relationship, without an echo."""

MOST_BYTES = 65536


def reference(wanted: Wanted, name: str) -> SecretRef | None:
    """Return what stands for the secret of a relationship in plans; None turns authentication off.

    Raises:
        KeyError: The file does not say anything about the secret: it is not managed.
    """
    source = wanted.relationships[name].secret
    if source is None:
        raise KeyError(name)
    if source.none:
        return None
    if source.inline is not None:
        return SecretRef("inline", f"{wanted.name} {name}")
    if source.prompt is not None:
        return SecretRef("prompt", f"{wanted.name} {name}")
    kind = "env" if source.env is not None else "file" if source.file is not None else "keyring"
    return SecretRef(kind, getattr(source, kind))


def texts_of(
    wanted: Wanted,
    *,
    given: Mapping[SecretRef, Secret] | None = None,
    prompt: Prompt | None = None,
    warnings: list[Problem] | None = None,
) -> dict[SecretRef, Secret]:
    """Return the texts of the secrets of a pair.

    Args:
        wanted: The pair.
        given: Those that are known already.
        prompt: Asks the user; without it, ``{prompt: true}`` is an error.
        warnings: Gets what should be mended.

    Raises:
        FileError: A secret is not where the file says.
    """
    found: dict[SecretRef, Secret] = dict(given or {})
    for name, relationship in wanted.relationships.items():
        source = relationship.secret
        if source is None or source.none:
            continue
        ref = reference(wanted, name)
        assert ref is not None
        if ref not in found:
            found[ref] = _read(wanted, name, source, prompt, warnings)
    return found


def _read(
    wanted: Wanted, name: str, source: SecretSource, prompt: Prompt | None, warnings: list[Problem] | None
) -> Secret:
    at = ("relationships", "list", name, "secret")
    if source.inline is not None:
        if source.inline.secret is None:
            raise wanted.error("a secret in the file does not travel to other processes; use env, file or keyring", *at)
        return source.inline.secret
    if source.env is not None:
        text = os.environ.get(source.env)
        if text is None:
            raise wanted.error(f"environment variable {source.env} is not set", *at, "env")
    elif source.file is not None:
        text = _of_file(wanted, source.file, at, warnings)
    elif source.keyring is not None:
        text = _of_keyring(wanted, source.keyring, at)
    elif prompt is None:
        raise wanted.error("nobody can be asked for the secret without a terminal", *at, "prompt")
    else:
        text = prompt(f"Secret of relationship {name} ({wanted.servers[0]} and {wanted.servers[1]})")
    if not text:
        raise wanted.error("the secret is empty", *at)
    return Secret(text)


def _of_file(wanted: Wanted, name: str, at: tuple[object, ...], warnings: list[Problem] | None) -> str:
    path: Path = wanted.directory / name
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
            mode = os.fstat(file.fileno()).st_mode
    except (OSError, ValueError) as error:
        raise wanted.error(f"{name} cannot be read: {getattr(error, 'strerror', error)}", *at, "file") from None
    if os.name == "posix" and mode & stat.S_IROTH and warnings is not None:
        warnings += wanted.error(f"{name} can be read by all users of this machine", *at, "file").problems
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise wanted.error(f"{name} must be text in UTF-8", *at, "file") from None


def _of_keyring(wanted: Wanted, name: str, at: tuple[object, ...]) -> str:
    service, slash, user = name.partition("/")
    if not (service and slash and user):
        raise wanted.error("must be service/user", *at, "keyring")
    try:
        import keyring
    except ImportError:
        raise wanted.error("needs the package keyring: pip install keyring", *at, "keyring") from None
    try:
        text = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001  each backend has errors of another kind
        raise wanted.error(f"the keyring cannot be used: {type(error).__name__}", *at, "keyring") from None
    if text is None:
        raise wanted.error(f"the keyring has no password for {name}", *at, "keyring")
    return str(text)


def ask(wanted: Wanted, prompt: Prompt) -> dict[SecretRef, Secret]:
    """Return the secrets of a pair that somebody must enter."""
    found: dict[SecretRef, Secret] = {}
    for name, relationship in wanted.relationships.items():
        source = relationship.secret
        ref = reference(wanted, name) if source is not None and source.prompt else None
        if ref is not None and source is not None:
            found[ref] = _read(wanted, name, source, prompt, None)
    return found
