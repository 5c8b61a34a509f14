"""Questions, which only a yes answers with yes."""

import os
import sys
from pathlib import Path
from stat import S_ISREG

from ..models import Secret
from . import exits
from .cells import clean
from .problems import Problem

__all__ = ["REFERENCES", "confirm", "read_secret"]

MOST_BYTES = 65536
REFERENCES = "env:NAME, file:PATH, keyring:SERVICE/USER or prompt"


def can_ask() -> bool:
    """Whether somebody can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str, *, yes: bool, typed: str | None = None) -> None:
    """Ask before something is changed.

    Args:
        question: What would happen, on which server.
        yes: The answer is given already.
        typed: What must be typed to say yes, such as the name of what is deleted.

    Raises:
        Problem: The answer was no, or the input is not a terminal. Nothing was sent.
    """
    if yes:
        return
    if not can_ask():
        raise Problem(
            "nothing was sent: a question needs a terminal", exits.REFUSED, hint="the same command with --yes"
        )
    sys.stderr.write(clean(f"{question}\n", "\n"))
    sys.stderr.write(clean(f"Type {typed} to go on: " if typed is not None else "Go on? [y/N] "))
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    if (not answer or answer != typed.strip()) if typed is not None else (answer.casefold() not in ("y", "yes")):
        wanted = "yes" if typed is None else typed.strip()
        raise Problem(f"nothing was sent: the answer was not {wanted}", exits.REFUSED)


def read_secret(reference: str, what: str) -> Secret:
    """Return the secret that a reference stands for.

    Args:
        reference: ``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER`` or ``prompt``.
        what: What it is, for the prompt and errors.

    Raises:
        Problem: It cannot be read. The message never repeats the reference, which may be the secret itself.
    """
    kind, _, name = reference.partition(":")
    if kind == "prompt" and not name:
        return _asked(what)
    if kind == "env" and name:
        if not os.environ.get(name):
            raise Problem(f"{what}: the environment variable {name} is not set")
        return _usable(Secret(os.environ[name]), f"{what}: the environment variable {name}")
    if kind == "file" and name:
        return _from_file(Path(name), what)
    if kind == "keyring" and all(name.partition("/")[::2]):
        return _from_keyring(name, what)
    raise Problem(f"{what} must be {REFERENCES}; the text itself would stay in the shell's history")


def _asked(what: str) -> Secret:
    if not can_ask():
        raise Problem(f"{what}: a prompt needs a terminal", hint="pass env:NAME or file:PATH instead of prompt")
    from getpass import getpass

    try:
        secret = Secret(getpass(clean(f"{what}: ")))  # the text is in no variable that a traceback could show
    except EOFError:
        sys.stderr.write("\n")
        secret = Secret("")
    except UnicodeDecodeError:
        raise Problem(f"{what}: what was entered is not {sys.stdin.encoding}") from None
    if not secret.reveal():
        raise Problem(f"{what}: nothing was entered", exits.REFUSED)
    return _usable(secret, f"{what}: what was entered")


def _usable(secret: Secret, where: str) -> Secret:
    """Return a secret that can be sent; say what it holds by mistake, but not which characters."""
    mistake = _mistake(secret)
    if mistake:
        raise Problem(f"{where} {mistake}")
    return secret


def _mistake(secret: Secret) -> str:
    text = secret.reveal()
    if "\n" in text or "\r" in text:
        return "has more than one line"
    if "\0" in text:
        return "has a NUL character"
    return "is not UTF-8" if any("\ud800" <= character <= "\udfff" for character in text) else ""


def _from_file(path: Path, what: str) -> Secret:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret, size = _in_bytes(file.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        raise Problem(f"{what}: {path} cannot be read: {getattr(error, 'strerror', error)}") from None
    if size > MOST_BYTES:
        raise Problem(f"{what}: {path} has more than {MOST_BYTES} bytes")
    if os.name == "posix" and S_ISREG(mode) and mode & 0o004:
        sys.stderr.write(f"dhcpfo: warning: everybody can read {path}\n")
    if secret is None:
        raise Problem(f"{what}: {path} cannot be read: it is not UTF-8")
    if not secret.reveal():
        raise Problem(f"{what}: {path} is empty")
    return _usable(secret, f"{what}: {path}")


def _in_bytes(data: bytes) -> tuple[Secret | None, int]:
    """Return the secret in the bytes of a file, None if they are not UTF-8, and how many there were."""
    try:
        return Secret(data.decode("utf-8-sig").rstrip("\r\n")), len(data)
    except UnicodeDecodeError:
        return None, len(data)


def _from_keyring(name: str, what: str) -> Secret:
    service, _, user = name.partition("/")
    try:
        import keyring
    except ImportError:
        raise Problem(f"{what}: keyring is not installed", hint="pip install keyring") from None
    try:
        secret = Secret(keyring.get_password(service, user) or "")
    except Exception as error:  # noqa: BLE001  each backend has errors of another kind
        raise Problem(f"{what}: the keyring cannot be used: {type(error).__name__}") from None
    if not secret.reveal():
        raise Problem(
            f"{what}: the keyring has no entry {service}/{user}", hint=f"keyring set {service} {user} makes one"
        )
    return _usable(secret, f"{what}: the keyring's entry {service}/{user}")
