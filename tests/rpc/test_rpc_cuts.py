"""A connection that breaks: what was sent once is never done twice, and what is unknown is said to be."""

import itertools

import pytest
from rpc_network import ACCOUNTS, PASSWORD, USER, Backend

from dhcpfo.errors import DhcpError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Credentials

CLASS = DhcpClass(name="Phones", data=b"phones", description="desk phones")
numbers = itertools.count()


def session_length(network, **options):
    """The bytes of a session with one change, to the server and to the client."""
    backend = Backend()
    server = network.serve(backend, **options)
    proxy = network.proxy(server.port)
    client(network, proxy.port, options).create_class(CLASS)
    assert backend.calls == ["create_class"]
    return proxy.passed


def client(network, port, options):
    if not options:
        return network.client(port)
    return network.client(port, credentials=Credentials(USER, PASSWORD, mechanism="ntlm"))


def change(api, backend):
    """Make a change; check that what it says is what happened. The server may do it after the client has gone."""
    name = f"{next(numbers):06}"  # as long as the name of the class
    try:
        api.create_class(CLASS.replace(name=name))
    except ServerUnavailableError as error:
        problem = error
    else:
        assert backend.created.count(name) == 1
        return "done"
    if isinstance(problem, OutcomeUnknownError):
        assert backend.created.count(name) <= 1
        assert not problem.retryable
        return "unknown"
    assert name not in backend.created
    return "not done"


def read(api, backend):
    try:
        assert api.get_class(CLASS).description == "xxx"
    except ServerUnavailableError:
        return "not done"
    return "done"


@pytest.mark.parametrize("kind", ["plain", "ntlm"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_after_every_byte_of_a_session(network, kind, way):
    if kind == "ntlm":
        pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    options = {"accounts": ACCOUNTS} if kind == "ntlm" else {}
    length = session_length(network, **options)[way == "down"]
    backend = Backend()
    server = network.serve(backend, **options)
    outcomes = {}
    for cut in range(1, length + 1, 1 if kind == "plain" else 17):
        for cuts in (1, 2):
            with (
                network.proxy(server.port, cuts=cuts, **{way: cut}) as proxy,
                client(network, proxy.port, options) as api,
            ):
                outcomes[cut, cuts] = change(api, backend)
                assert proxy.connections <= 2
    assert len(set(backend.created)) == len(backend.created)
    assert "done" in outcomes.values()
    if way == "down":
        assert "unknown" in outcomes.values()


@pytest.mark.parametrize("missing", [1, 20, 60, 100])
def test_a_read_is_repeated_once(network, missing):
    backend = Backend()
    server = network.serve(backend)
    whole = network.proxy(server.port)
    assert read(network.client(whole.port), backend) == "done"
    cut = whole.passed[1] - missing
    first = network.proxy(server.port, down=cut)
    assert read(network.client(first.port), backend) == "done"
    assert first.connections == 2
    second = network.proxy(server.port, down=cut, cuts=2)
    assert read(network.client(second.port), backend) == "not done"
    assert second.connections == 2


def test_a_reset_is_like_an_end(network):
    backend = Backend()
    server = network.serve(backend)
    length = session_length(network)[1]
    proxy = network.proxy(server.port, down=length - 1, reset=True)
    assert change(network.client(proxy.port), backend) == "unknown"
    assert backend.calls == ["create_class"]


def test_a_server_that_was_restarted_is_connected_again(network):
    backend = Backend()
    server = network.serve(backend)
    api = network.client(server.port)
    for call in (read, change):
        assert call(api, backend) == "done"
        server.close()
        backend.calls.clear()
        server = network.serve(backend, port=server.port)


def test_a_server_that_is_gone_is_unavailable(network):
    server = network.serve()
    api = network.client(server.port)
    api.get_class(CLASS)
    server.close()
    with pytest.raises(ServerUnavailableError) as caught:
        api.create_class(CLASS)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert caught.value.winerror == 1722


def test_an_error_of_the_backend_is_not_a_broken_connection(network):
    backend = Backend()
    api = network.client(network.serve(backend).port)
    backend.error = DhcpError(20045, "DhcpCreateClass")
    for _ in range(3):
        with pytest.raises(DhcpError) as caught:
            api.create_class(CLASS)
        assert caught.value.winerror == 20045
    backend.error = RuntimeError("the password is swordfish")
    with pytest.raises(OutcomeUnknownError) as unknown:
        api.create_class(CLASS)
    assert "swordfish" not in str(unknown.value)
    assert backend.changes == 4
    backend.error = None
    api.create_class(CLASS)
