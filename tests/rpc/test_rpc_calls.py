"""Calls over the loopback: deadlines, the pool, threads, processes, and what may be repeated."""

import functools
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from rpc_network import Backend

import dhcpfo
from dhcpfo import Server
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import AccessDeniedError, DhcpError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Account, Credentials, RpcApi, endpoint
from dhcpfo.rpc.server import Limits
from dhcpfo.simulator import Lab

CLASS = DhcpClass(name="Phones", data=b"phones", description="desk phones")
LONG = DhcpClass(name="long", data=b"phones")


def test_a_lab_can_be_called_over_the_network(lab, network):
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope("10.0.0.0/24")
    with lab.listen("dhcp1", mapper_port=0) as listening:
        api = RpcApi("dhcp1", address="127.0.0.1", mapper_port=listening.mapper_port, insecure=True)
        with Server(api) as server:
            assert server.name == "dhcp1"
            assert [str(scope) for scope in server.scopes()] == ["10.0.0.0"]
            server.set_scope_delay("10.0.0.0", delay=timedelta(seconds=0.5))
            assert lab.connect("dhcp1", direct=True).get_scope_delay("10.0.0.0") == timedelta(seconds=0.5)


def test_it_has_every_method_of_the_api():
    for method in FUNCTIONS:
        assert callable(getattr(RpcApi, method))
        assert getattr(RpcApi, method).__doc__.startswith(FUNCTIONS[method].name)


def test_methods_take_names_and_defaults(network):
    api = network.client(network.serve().port)
    assert api.get_class(info=CLASS).data == b"data"
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'info'"):
        api.get_class()
    with pytest.raises(TypeError, match="unexpected keyword argument 'name'"):
        api.get_class(name=CLASS)


def test_long_answers_and_requests_come_in_fragments(network):
    api = network.client(network.serve().port)
    assert len(api.get_class(LONG).description) == 20_000
    api.create_class(DhcpClass(name="x" * 10_000, data=b"phones"))


def test_arguments_that_cannot_be_sent_connect_nowhere(network):
    api = network.client(1)
    with pytest.raises((TypeError, ValueError)):
        api.get_option(-1, 0, None, None)


def test_38_a_member_that_does_not_fit_is_refused_before_anything_is_sent(network):
    api = network.client(1)
    with pytest.raises(ValueError, match="must be between 0 and 32767"):
        api.enum_filters(40_000)


@pytest.mark.parametrize("change", [True, False])
def test_a_late_answer_is_never_that_of_the_next_call(network, change):
    backend = Backend()
    api = network.client(network.serve(backend).port, timeout=0.3)
    api.get_class(CLASS)
    backend.calls.clear()
    backend.delay = 0.6
    with pytest.raises(OutcomeUnknownError) as caught:
        api.create_class(CLASS) if change else api.get_class(LONG)
    assert caught.value.winerror == 1460
    assert caught.value.retryable is not change
    assert len(backend.calls) == 1
    backend.delay = 0
    assert api.get_class(CLASS).description == "xxx"


def test_a_server_that_says_nothing_ends_at_the_time_limit(network):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        api = network.client(deaf.getsockname()[1], connect_timeout=0.2)
        with pytest.raises(ServerUnavailableError) as caught:
            api.create_class(CLASS)
        assert caught.value.winerror == 1722
        assert not isinstance(caught.value, OutcomeUnknownError)


@pytest.mark.parametrize("what", ["bind", "answer"])
def test_22_a_server_that_answers_too_slowly_ends_at_the_time_limit(network, what):
    """One byte at a time does not make a limit begin again."""
    dripping = network.proxy(network.serve().port, whole=0 if what == "bind" else 1)
    api = network.client(dripping.port, connect_timeout=0.4, timeout=0.4)
    with pytest.raises(ServerUnavailableError) as caught:
        api.create_class(CLASS)
    assert caught.value.winerror == (1722 if what == "bind" else 1460)
    assert isinstance(caught.value, OutcomeUnknownError) == (what == "answer")


def test_a_refused_connection_is_unavailable(network):
    port = network.serve()
    number = port.port
    port.close()
    with pytest.raises(ServerUnavailableError, match="refused") as caught:
        network.client(number).get_class(CLASS)
    assert caught.value.winerror == 1722


def test_a_name_that_is_not_resolved_is_unavailable():
    api = RpcApi("no-such-host.invalid", port=1, credentials=Credentials("a", "b", mechanism="ntlm"))
    with pytest.raises(ServerUnavailableError, match="resolved"):
        api.get_class(CLASS)


@pytest.mark.parametrize("name", ["a..b", "\u00fc..b", "x" * 64, "\u00fc" * 64, "\u200d.example"], ids=ascii)
def test_a_name_that_no_host_can_have_is_unavailable(name):
    with pytest.raises(ServerUnavailableError, match="a label is empty, longer than 63 bytes or not allowed"):
        RpcApi(name, port=1).get_class(CLASS)


def test_a_service_that_is_not_registered_is_not_running(network, monkeypatch):
    listening = network.serve(mapper_port=0)
    monkeypatch.setattr(endpoint, "answer_map", functools.partial(_nothing_is_registered, endpoint.answer_map))
    api = network.client(None, mapper_port=listening.mapper_port)
    with pytest.raises(ServerUnavailableError) as caught:
        api.get_class(CLASS)
    assert caught.value.winerror == 1753


def _nothing_is_registered(answer_map, stub, ports):
    return answer_map(stub, {})


def test_the_mapper_is_asked_again_after_a_restart(network):
    backend = Backend()
    first = network.serve(backend, mapper_port=0)
    api = network.client(None, mapper_port=first.mapper_port)
    assert api.get_class(CLASS).description == "xxx"
    first.close()
    second = network.serve(backend, mapper_port=first.mapper_port)
    assert second.port != first.port
    api.create_class(CLASS)
    assert backend.changes == 1


def test_a_busy_server_is_asked_again(network):
    backend = Backend()
    listening = network.serve(backend, limits=Limits(connections=1))
    first = network.client(listening.port)
    first.get_class(CLASS)
    threading.Timer(0.15, first.close).start()
    network.client(listening.port).create_class(CLASS)
    assert backend.changes == 1


def test_a_server_that_stays_busy_is_unavailable(network):
    listening = network.serve(limits=Limits(connections=1))
    network.client(listening.port).get_class(CLASS)
    with pytest.raises(ServerUnavailableError) as caught:
        network.client(listening.port, timeout=0.6).create_class(CLASS)
    assert caught.value.winerror == 1723
    assert caught.value.retryable


def in_threads(count, work):
    problems = []

    def run():
        try:
            work()
        except Exception as error:  # noqa: BLE001  the test shows it
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_threads_share_it_and_get_their_own_answers(network):
    backend = Backend()
    proxy = network.proxy(network.serve(backend).port)
    api = network.client(proxy.port, max_connections=3)
    names = iter(range(1000))

    def work():
        for _ in range(20):
            name = f"class {next(names)}"
            assert api.get_class(DhcpClass(name=name, data=b"x")).name == name

    in_threads(6, work)
    assert len(backend.calls) == 120
    assert proxy.connections <= 3


def test_slow_calls_run_beside_each_other(network):
    class Meeting(Backend):
        together = threading.Barrier(8)

        def get_class(self, info):
            self.together.wait(10)  # for all others
            return super().get_class(info)

    api = network.client(network.serve(Meeting()).port, max_connections=8)
    in_threads(8, lambda: api.get_class(CLASS))


def test_calls_wait_for_a_connection_until_their_deadline(network):
    backend = Backend()
    release = threading.Event()

    def wait(info):
        backend.entered.set()
        release.wait(10)
        return info

    backend.get_class = wait
    api = network.client(network.serve(backend).port, max_connections=1)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(api.get_class(CLASS)))
    thread.start()
    backend.entered.wait(10)
    api._timeout = 0.1
    with pytest.raises(ServerUnavailableError, match="all connections are in use") as caught:
        api.create_class(CLASS)
    assert not isinstance(caught.value, OutcomeUnknownError)
    release.set()
    thread.join()
    assert answers == [CLASS]
    assert backend.changes == 0


if sys.platform != "win32":  # where no signal interrupts a call

    def test_an_interrupted_call_leaves_no_answer_behind(network):
        backend = Backend()
        api = network.client(network.serve(backend).port)
        api.get_class(CLASS)
        backend.entered.clear()
        backend.delay = 0.3
        main = threading.get_ident()

        def interrupt():
            backend.entered.wait(5)
            signal.pthread_kill(main, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            api.get_class(LONG)
        backend.delay = 0
        assert api.get_class(CLASS).description == "xxx"


def test_closing_closes_the_connections_and_a_later_call_opens_one(network):
    proxy = network.proxy(network.serve().port)
    api = network.client(proxy.port)
    for _ in range(2):
        api.get_class(CLASS)
        api.close()
        api.close()
    assert proxy.connections == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_has_its_own_connections():
    script = """
        import os, sys, warnings
        warnings.simplefilter("ignore")
        from rpc_network import Backend, Proxy
        from dhcpfo.models import DhcpClass
        from dhcpfo.rpc import RpcApi, RpcServer
        server = RpcServer(Backend(), insecure=True)
        api = RpcApi("dhcp1", address="127.0.0.1", port=server.port, insecure=True)
        api.get_class(DhcpClass(name="0", data=b"x"))
        (kept,) = api._idle
        child = os.fork()
        who = "child" if child == 0 else "parent"
        for number in range(50):
            name = f"{who} {number}"
            assert api.get_class(DhcpClass(name=name, data=b"x")).name == name
        assert (kept in api._idle) == bool(child)
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert api.get_class(DhcpClass(name="end", data=b"x")).name == "end"
        print("fine")
    """
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "fine\n", done.stderr


def test_a_pickled_one_opens_its_own_connections(network):
    proxy = network.proxy(network.serve().port)
    api = network.client(proxy.port, timeout=7)
    api.get_class(CLASS)
    copy = pickle.loads(pickle.dumps(api))
    assert copy.get_class(CLASS).description == "xxx"
    assert (copy.server, copy._timeout, proxy.connections) == ("dhcp1", 7, 2)
    copy.close()


def test_a_password_is_never_pickled():
    api = RpcApi("dhcp1", port=1, credentials=Credentials("alice", "swordfish", mechanism="ntlm"))
    for thing in (api, Server(api), Credentials("alice", "swordfish")):
        with pytest.raises(TypeError, match="password"):
            pickle.dumps(thing)
    assert pickle.loads(pickle.dumps(Credentials("alice", ntlm=False))).user == "alice"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"insecure": True, "address": "192.0.2.1"}, "insecure=True is for the loopback only, got 192.0.2.1"),
        ({"insecure": True, "credentials": Credentials()}, "credentials must not be given"),
        ({"timeout": 0}, "timeout must be positive, got 0"),
        ({"connect_timeout": -1}, "connect_timeout must be positive, got -1"),
        ({"max_connections": 0}, "max_connections must be at least 1, got 0"),
        ({"address": "127.0.0.1\0.example.com"}, r"address must be text without NUL that UTF-8 can hold, got '127"),
        ({"server": "dhcp1\0"}, "server must be text without NUL"),
        ({"server": "dhcp1\udcff"}, r"server must be text .*, got 'dhcp1.udcff'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_options_that_make_no_sense_are_refused(options, error):
    with pytest.raises(ValueError, match=error):
        RpcApi(**{"server": "dhcp1", "address": "127.0.0.1"} | options)


def test_errors_name_function_server_and_subject(network):
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        api = network.client(lab.listen("dhcp1").port)
        with pytest.raises(DhcpError) as caught:
            api.get_relationship("hq")
        assert (caught.value.winerror, caught.value.function) == (20115, "DhcpV4FailoverGetRelationship")
        assert (caught.value.server, caught.value.relationship) == ("dhcp1", "hq")


def test_an_account_keeps_its_password_to_itself():
    assert "swordfish" not in repr(Account("swordfish"))
    with pytest.raises(ValueError, match="rights must be 'admin' or 'read', got 'all'"):
        Account("x", "all")


def test_the_backends_own_refusal_is_access_denied(network):
    backend = Backend()
    backend.error = DhcpError(5, "DhcpCreateClass")
    with pytest.raises(AccessDeniedError):
        network.client(network.serve(backend).port).create_class(CLASS)


class TestConnect:
    @pytest.mark.parametrize("options", [{"route": "rpc"}, {"port": 5}], ids=str)
    def test_a_server_by_name_is_called_over_the_network(self, options):
        server = dhcpfo.connect("dhcp1.example.com", **options)
        assert server.name == "dhcp1.example.com"
        assert type(server.api) is RpcApi
        copy = pickle.loads(pickle.dumps(server))
        assert (type(copy), type(copy.api), copy.name) == (Server, RpcApi, server.name)

    @pytest.mark.skipif(sys.platform == "win32", reason="tests/windows has this platform's cases")
    def test_it_is_the_default_where_there_is_no_dll(self):
        assert type(dhcpfo.connect("dhcp1").api) is RpcApi

    def test_calls_with_credentials(self, network):
        pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
        listening = network.serve(accounts={"LAB\\alice": "sword-fish"})
        credentials = Credentials("LAB\\alice", "sword-fish")
        with dhcpfo.connect("127.0.0.1", credentials=credentials, port=listening.port) as server:
            server.create_class(CLASS)
            with pytest.raises(TypeError, match="password"):
                pickle.dumps(server)

    @pytest.mark.parametrize(
        ("arguments", "options", "error"),
        [
            (("dhcp1",), {"route": "tcp"}, "route must be 'dll' or 'rpc', got 'tcp'"),
            (("dhcp1",), {"route": "dll", "port": 5}, "port must not be given for Dhcpsapi.dll"),
            ((), {"credentials": Credentials()}, "credentials must not be given for Dhcpsapi.dll"),
            ((), {"route": "rpc"}, "server must be given for the protocol over TCP"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_options_that_contradict_each_other_are_refused(self, arguments, options, error):
        with pytest.raises(ValueError, match=error):
            dhcpfo.connect(*arguments, **options)
