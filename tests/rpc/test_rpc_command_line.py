"""``--user`` and ``--password-from`` of the command line, with servers on the network of this machine."""

import importlib.util
import io
import os
import socket
import sys
import textwrap
import time
from traceback import TracebackException

import pytest
import rpc_realm
from rpc_network import PASSWORD, USER, Backend

from dhcpfo.cli import main
from dhcpfo.cli.problems import Problem
from dhcpfo.cli.prompts import read_secret
from dhcpfo.errors import from_code
from dhcpfo.rpc import Account, RpcApi
from dhcpfo.simulator import Lab

if sys.platform == "win32":
    pytest.skip("pexpect needs a terminal of POSIX", allow_module_level=True)
pexpect = pytest.importorskip("pexpect")
pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")

HAS_KEYRING = all(importlib.util.find_spec(name) for name in ("keyring", "keyrings"))
WRONG = "cat-fish-4711"
LOOK = "try: check --user and --password-from, or the ticket that klist shows; docs/rpc.md has the set-up"


@pytest.fixture
def backend():
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        yield lab.connect("dhcp1", direct=True).api


@pytest.fixture
def port(network, backend, monkeypatch):
    """The port of an endpoint mapper, which the command line asks in place of 135."""
    listening = network.serve(backend, accounts={USER: PASSWORD, rpc_realm.USER: WRONG}, mapper_port=0)
    monkeypatch.setitem(RpcApi.__init__.__kwdefaults__, "mapper_port", listening.mapper_port)
    return listening.mapper_port


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command, and return its exit code and what it printed. Nothing may show a password."""
    monkeypatch.setenv("RIGHT", PASSWORD)
    monkeypatch.setenv("WRONG", WRONG)

    def run(*arguments, host="127.0.0.1", command=("time",)):
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        code = main([*command, "-s", host, *arguments])
        out, err = capsys.readouterr()
        for secret in (PASSWORD, WRONG, rpc_realm.PASSWORD):
            assert secret not in out + err
        return code, out, err

    return run


@pytest.fixture
def kept(tmp_path):
    """A file with a password."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", "utf-8")
    path.chmod(0o600)
    return path


def piped():
    """A descriptor from which a password can be read once, as a shell's <(…) makes it."""
    reading, writing = os.pipe()
    os.write(writing, f"{PASSWORD}\n".encode())
    os.close(writing)
    return f"file:/dev/fd/{reading}"


def test_a_password_from_where_it_is_kept(port, run, kept):
    for reference in ("env:RIGHT", f"file:{kept}", piped()):
        code, out, err = run("--user", USER, "--password-from", reference)
        assert (code, err) == (0, "")
        assert "2026-01-01" in out


def test_a_password_from_a_named_pipe(port, run, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if os.fork() == 0:
        with pipe.open("w", encoding="utf-8") as file:
            file.write(PASSWORD)
        os._exit(0)
    assert run("--user", USER, "--password-from", f"file:{pipe}")[0] == 0
    os.wait()


if HAS_KEYRING:

    def test_a_password_from_a_keyring(port, run, tmp_path):
        import keyring
        from keyring.backends import fail, null
        from keyrings.alt.file import PlaintextKeyring

        before = keyring.get_keyring()
        backend = PlaintextKeyring()
        backend.file_path = str(tmp_path / "keyring.cfg")
        keyring.set_keyring(backend)
        try:
            keyring.set_password("dhcp", "alice", PASSWORD)
            assert run("--user", USER, "--password-from", "keyring:dhcp/alice")[0] == 0
            code, _, err = run("--user", USER, "--password-from", "keyring:dhcp/bob")
            assert (code, err.count("\n")) == (3, 2)
            assert "the keyring has no entry dhcp/bob\n   try: keyring set dhcp bob" in err
            for kind, said in ((fail, "the keyring cannot be used: NoKeyringError"), (null, "has no entry")):
                keyring.set_keyring(kind.Keyring())
                assert said in run("--user", USER, "--password-from", "keyring:a/b")[2]
        finally:
            keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (f"{WRONG}\nmore".encode(), "has more than one line"),
        (b"cat-\0fish", "has a NUL character"),
        (b"cat-\xff", "cannot be read: it is not UTF-8"),
        (b"x" * 70_000, "has more than 65536 bytes"),
        (None, "cannot be read: No such file or directory"),
    ],
    ids=["nothing", "a line without anything", "two lines", "NUL", "no UTF-8", "long", "no file"],
)
def test_a_file_that_holds_no_password(port, run, kept, data, said):
    kept.unlink() if data is None else kept.write_bytes(data)
    code, out, err = run("--user", USER, "--password-from", f"file:{kept}")
    assert (code, out) == (3, "")
    assert err == f"dhcpfo: password of {USER}: {kept} {said}\n"


@pytest.mark.parametrize("ending", ["\nmore", "\0", "\udcff", "x" * 70_000], ids=ascii)
@pytest.mark.parametrize("kind", ["file", "env"])
def test_no_traceback_with_variables_shows_a_password(kept, monkeypatch, kind, ending):
    """Such as a program that reports errors sends it."""
    if kind == "file":
        kept.write_bytes((WRONG + ending).encode("utf-8", "surrogateescape"))
    else:
        monkeypatch.setenv("RAW", WRONG + (ending if ending[0] not in "\0x" else "\n"))
    with pytest.raises(Problem) as caught:
        read_secret(f"file:{kept}" if kind == "file" else "env:RAW", "password")
    assert WRONG not in "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())


def test_an_endless_file_is_not_read_to_its_end(port, run):
    assert "has more than 65536 bytes" in run("--user", USER, "--password-from", "file:/dev/zero")[2]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:NOT_THERE", "the environment variable NOT_THERE is not set"),
        ("env:RAW", "the environment variable RAW is not UTF-8"),
        ("prompt", "a prompt needs a terminal"),
        ("file:a\0b", "embedded null byte"),
        (WRONG, "must be env:NAME, file:PATH, keyring:SERVICE/USER or prompt"),
        (f"pass:{WRONG}", "must be env:NAME, file:PATH, keyring:SERVICE/USER or prompt"),
        ("keyring:dhcp", "must be env:NAME, file:PATH, keyring:SERVICE/USER or prompt"),
        ("env:", "must be env:NAME, file:PATH, keyring:SERVICE/USER or prompt"),
    ],
)
def test_a_reference_that_leads_nowhere(port, run, monkeypatch, reference, said):
    monkeypatch.setitem(os.environb, b"RAW", b"cat-\xff")
    code, out, err = run("--user", USER, "--password-from", reference)
    assert (code, out) == (3, "")
    assert said in err
    assert err.startswith(f"dhcpfo: password of {USER}")


def test_a_user_without_a_name(port, run):
    assert run("--user", "", "--password-from", "env:RIGHT")[2] == "dhcpfo: --user must not be empty\n"


@pytest.mark.parametrize("traceback", [False, True], ids=["", "traceback"])
@pytest.mark.parametrize("user", [USER, "LAB\\eve"])
def test_a_refused_password(port, run, monkeypatch, user, traceback):
    """It is told in one line, with what to look at; also where a traceback is wanted, it holds no password."""
    if traceback:
        monkeypatch.setenv("DHCPFO_TRACEBACK", "1")
    code, _, err = run("--user", user, "--password-from", "env:WRONG")
    assert code == 6
    first, second, *more = err.splitlines()
    assert first.startswith("dhcpfo: 127.0.0.1: the server refused the logon by ntlm")
    assert ". Kerberos was not used: " in first
    assert second.strip() == LOOK
    assert bool(more) == traceback


def test_a_user_without_rights_is_told_about_groups(network, run, monkeypatch):
    class Refusing(Backend):
        def get_system_time(self):
            raise from_code(5, "DhcpV4FailoverGetSystemTime", "dhcp1")

    listening = network.serve(Refusing(), accounts={USER: PASSWORD}, mapper_port=0)
    monkeypatch.setitem(RpcApi.__init__.__kwdefaults__, "mapper_port", listening.mapper_port)
    code, _, err = run("--user", USER, "--password-from", "env:RIGHT")
    assert code == 6
    assert "try: you need the group DHCP Users on 127.0.0.1" in err


def test_a_prompt(port, tmp_path):
    """What is typed is not echoed, and no other program sees it. Ctrl-C and Ctrl-D end the question."""
    script = """
        import sys
        from dhcpfo.rpc import RpcApi
        from dhcpfo.cli import main
        RpcApi.__init__.__kwdefaults__["mapper_port"] = int(sys.argv[1])
        for _ in range(4):
            print("exit code", main(sys.argv[2:]))
    """
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(script), "utf-8")
    arguments = [str(path), str(port), "time", "-s", "127.0.0.1", "--user", USER]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=20)
    for typed, code in ((f"{PASSWORD}\n", 0), (f"{WRONG}\n", 6), ("\4", 4), ("\3", 130)):
        child.expect_exact(f"password of {USER}: ")
        time.sleep(0.05)
        child.send(typed)
        child.expect(r"exit code (\d+)")
        assert child.match[1] == str(code)
        assert PASSWORD not in child.before
        assert WRONG not in child.before
        assert "Traceback" not in child.before
        assert ("nothing was entered" in child.before) == (typed == "\4")
    child.expect(pexpect.EOF)
    child.close()


@pytest.fixture
def by_name(realm, network, backend, monkeypatch):
    """A server that is found by its name and takes Kerberos."""
    listening = network.serve(backend, accounts={rpc_realm.USER: Account()}, keytab=realm.keytab, mapper_port=0)
    monkeypatch.setitem(RpcApi.__init__.__kwdefaults__, "mapper_port", listening.mapper_port)
    ask = socket.getaddrinfo

    def answer(host, *arguments, **options):
        return ask("127.0.0.1" if host == rpc_realm.HOST.encode() else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.skipif(bool(rpc_realm.MISSING), reason=rpc_realm.WHY_NOT)
@pytest.mark.skipif(
    importlib.util.find_spec("gssapi") is None,
    reason="gssapi is not installed: pip install 'dhcpfo[kerberos]', after apt-get install libkrb5-dev",
)
def test_kerberos(realm, by_name, run, monkeypatch):
    """With a ticket, without one, with one that has expired, and with a password."""
    realm.log_off()
    code, _, err = run(host=rpc_realm.HOST)
    assert code == 6
    assert "run kinit, or pass a user name and a password" in err
    assert LOOK in err
    realm.log_on("-l", "1s")
    began = time.monotonic()
    assert run(host=rpc_realm.HOST)[0] == 0
    monkeypatch.setenv("ALICE", rpc_realm.PASSWORD)
    assert run("--user", rpc_realm.USER, "--password-from", "env:ALICE", host=rpc_realm.HOST)[0] == 0
    code, _, err = run("--user", rpc_realm.USER, "--password-from", "env:WRONG", host=rpc_realm.HOST)
    assert code == 6
    assert "the password is wrong" in err
    time.sleep(max(2.1 - (time.monotonic() - began), 0))
    code, _, err = run(host=rpc_realm.HOST)
    assert (code, err.count("\n")) == (6, 2)
    assert "Ticket expired: run kinit again [5]" in err
