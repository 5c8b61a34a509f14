"""`NativeApi` and the loopback as Python objects: misuse, subclasses, the collector, exceptions in strange places."""

import ctypes
import gc
import inspect
import itertools
import pickle
import signal
import sys
import threading
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

import dhcpfo
from dhcpfo import Server, _dhcpsapi, _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS, ManagementApi
from dhcpfo.errors import DhcpsapiMissingError, RelationshipNotFoundError, ServerUnavailableError, from_code
from examples import ARGUMENTS, RELATIONSHIP
from foreign import capsule, library, native_api
from recording import RecordingApi

pytestmark = pytest.mark.abi

TABLE = _loopback.functions()


# Making one


def test_new_makes_a_whole_one():
    """A half-made object would call through a NULL pointer."""
    with pytest.raises(TypeError):
        NativeApi.__new__(NativeApi)
    with _loopback.serve(RecordingApi(), "new"):
        assert NativeApi.__new__(NativeApi, "new", TABLE).get_relationship("a") == RELATIONSHIP


def test_init_twice_changes_nothing():
    api = NativeApi("dhcp1", TABLE)
    api.__init__("dhcp2", None)
    assert api.server == "dhcp1"


@pytest.mark.parametrize("functions", [object(), 7, "table"])
def test_what_is_no_table_is_refused(functions):
    with pytest.raises(ValueError, match="PyCapsule"):
        NativeApi("dhcp1", functions)


def test_a_capsule_of_another_name_is_refused():
    other = b"something.else"
    with pytest.raises(ValueError, match="PyCapsule"):
        NativeApi("dhcp1", capsule(_loopback.functions_address(), other, None))


def test_a_table_of_another_size_is_refused():
    table = (ctypes.c_size_t * 15)(15 * ctypes.sizeof(ctypes.c_size_t) + 1)
    name = b"dhcpfo.dhcpsapi_functions"
    with pytest.raises(ValueError, match="another version"):
        NativeApi("dhcp1", capsule(ctypes.addressof(table), name, None))


@pytest.mark.parametrize(("server", "error"), [(7, TypeError), (b"dhcp1", TypeError), ("a\0b", ValueError)])
def test_a_server_that_is_no_text_is_refused(server, error):
    with pytest.raises(error, match=r"^server must "):
        NativeApi(server, TABLE)


@pytest.mark.skipif(_dhcpsapi.LINKED, reason="Dhcpsapi is linked on this platform")
def test_without_a_linked_dhcpsapi():
    with pytest.raises(ImportError, match="Dhcpsapi is not linked"):
        NativeApi("dhcp1")
    with pytest.raises(DhcpsapiMissingError) as caught:
        dhcpfo.connect("dhcp1", route="dll")
    message = str(caught.value)
    assert "exists on Windows only" in message
    assert sys.platform in message
    assert "dhcpfo.simulator.Lab" in message
    assert len(message.split(". ")) == 1


def test_it_offers_the_whole_protocol():
    wanted = {name for name, _ in inspect.getmembers(ManagementApi) if not name.startswith("_")}
    assert wanted >= set(FUNCTIONS)
    assert wanted <= set(dir(NativeApi("dhcp1", TABLE)))


# Living and dying


def test_a_subclass():
    class Loud(NativeApi):
        def get_relationship(self, name):
            return super().get_relationship(name.upper())

    api = RecordingApi()
    with _loopback.serve(api, "loud"):
        assert Server(Loud("loud", TABLE)).get_relationship("abc") == RELATIONSHIP
    assert api.calls == [("get_relationship", ("ABC",))]


def test_it_keeps_its_provider_alive():
    registration = _loopback.serve(RecordingApi(), "kept")
    seen = weakref.ref(registration)
    api = NativeApi("kept", TABLE, registration)
    del registration
    gc.collect()
    assert api.get_relationship("a") == RELATIONSHIP
    del api
    gc.collect()
    assert seen() is None
    with pytest.raises(ServerUnavailableError):
        NativeApi("kept", TABLE).get_relationship("a")


def test_a_cycle_is_collected():
    class Provider:
        pass

    provider = Provider()
    provider.api = NativeApi("dhcp1", TABLE, provider)
    seen = weakref.ref(provider)
    del provider
    gc.collect()
    assert seen() is None


def test_a_finalizer_in_a_cycle_may_still_call():
    answers = []

    class Provider:
        def __del__(self):
            answers.append(self.api.get_relationship("a"))

    with _loopback.serve(RecordingApi(), "last call"):
        provider = Provider()
        provider.api = NativeApi("last call", TABLE, provider)
        del provider
        gc.collect()
    assert answers == [RELATIONSHIP]


def test_a_server_can_be_referred_to_weakly():
    server = Server(native_api(library("puppet")))
    seen = weakref.ref(server)
    del server
    gc.collect()
    assert seen() is None


def test_an_extension_cannot_be_pickled_by_accident():
    with pytest.raises(TypeError):
        pickle.dumps(NativeApi("dhcp1", TABLE))


def test_nothing_can_be_set():
    api = NativeApi("dhcp1", TABLE)
    for attribute in ("server", "provider", "functions", "anything"):
        with pytest.raises(AttributeError):
            setattr(api, attribute, None)


def test_display_name_and_server_string_may_differ():
    with _loopback.serve(RecordingApi(get_relationship=from_code(20115, "", None)), "token-17"):
        api = NativeApi("token-17", TABLE, None, "dhcp1")
        with pytest.raises(RelationshipNotFoundError) as caught:
            api.get_relationship("a")
    assert (api.server, caught.value.server) == ("dhcp1", "dhcp1")
    assert "token" not in str(caught.value)


# Registrations


def test_closing_twice_or_not_at_all():
    registration = _loopback.serve(RecordingApi(), "once")
    registration.close()
    registration.close()
    _loopback.serve(RecordingApi(), "once").close()
    with _loopback.serve(RecordingApi(), "once"), pytest.raises(ValueError, match="name 'once' is already served"):
        _loopback.serve(RecordingApi(), "once")


def test_a_registration_that_is_let_go_gives_its_name_back():
    _loopback.serve(RecordingApi(), "let go")
    gc.collect()
    _loopback.serve(RecordingApi(), "let go").close()


def finishes(work):
    """Run it in a thread that may hang without taking the tests along; the limit only ends a failure."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    return not thread.is_alive()


def test_a_chain_of_registrations_closes():
    """An API that is reached through the loopback itself: closing the first releases the second."""

    def work():
        inner = NativeApi("inner", TABLE, _loopback.serve(RecordingApi(), "inner"))
        outer = _loopback.serve(inner, "outer")
        del inner
        assert NativeApi("outer", TABLE).get_relationship("a") == RELATIONSHIP
        outer.close()
        _loopback.serve(RecordingApi(), "inner").close()

    assert finishes(work)


def test_a_registration_in_a_cycle_closes_while_another_is_made():
    """The collector may run inside `serve`, and then close a registration in the same thread."""
    limits = gc.get_threshold()

    class Cycle:
        pass

    def work():
        taken = _loopback.serve(RecordingApi(), "taken")
        for number in range(200):
            cycle = Cycle()
            cycle.itself, cycle.registration = cycle, _loopback.serve(RecordingApi(), f"cycle {number}")
            del cycle
            with pytest.raises(ValueError, match="already served"):
                _loopback.serve(RecordingApi(), "taken")
        taken.close()

    gc.set_threshold(1, 1, 1)
    try:
        assert finishes(work)
    finally:
        gc.set_threshold(*limits)
    gc.collect()


# Exceptions from the other side of the ABI


served_names = itertools.count()


def raising(error, *, carry_errors=False):
    name = f"raising {next(served_names)}"
    api = RecordingApi(**dict.fromkeys(FUNCTIONS, error))
    return NativeApi(name, TABLE, _loopback.serve(api, name, carry_errors=carry_errors), "raising")


@pytest.mark.parametrize("method", FUNCTIONS)
@pytest.mark.parametrize("error", [RuntimeError("lost"), SystemExit(3), GeneratorExit(), MemoryError()], ids=repr)
def test_any_exception_becomes_an_error_and_is_shown(unraisable, method, error):
    with pytest.raises(ServerUnavailableError) as caught:
        getattr(raising(error), method)(*ARGUMENTS[method])
    assert (caught.value.winerror, caught.value.function) == (1726, FUNCTIONS[method].name)
    assert unraisable == [error]


@pytest.mark.parametrize("method", ["add_failover_scopes", "remove_failover_scopes"])
@pytest.mark.parametrize("several", [list, tuple, set, iter, dhcpfo.Addresses], ids=lambda kind: kind.__name__)
def test_the_error_of_a_call_with_any_iterable(method, several):
    """Nothing that is done for the error's text replaces the error."""
    api = raising(from_code(20115, "", None))
    with pytest.raises(RelationshipNotFoundError, match="raising"):
        getattr(api, method)("a-b", several(RELATIONSHIP.scopes[:1]))


@pytest.fixture
def no_collection():
    """An interrupt that arrives in a finaliser is lost; here, only what is left from other tests has finalisers."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("method", FUNCTIONS)
@pytest.mark.usefixtures("no_collection")
def test_an_interrupt_arrives_after_the_call(unraisable, method):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    api = raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012  # it may arrive a moment after the call
        getattr(api, method)(*ARGUMENTS[method])
        for _ in range(1000):
            pass
    assert unraisable == []


class Interruption(BaseException):
    """For example the exception of a time limit."""


CARRIED = [RuntimeError("lost"), SystemExit(7), KeyboardInterrupt(), GeneratorExit(), MemoryError(), Interruption()]


@pytest.mark.parametrize("method", FUNCTIONS)
@pytest.mark.parametrize("error", CARRIED, ids=repr)
def test_an_exception_reaches_a_caller_that_asks_for_it(unraisable, method, error):
    """As with a direct call: the same exception, with the place where it was raised."""
    with pytest.raises(type(error)) as caught:
        getattr(raising(error, carry_errors=True), method)(*ARGUMENTS[method])
    assert caught.value is error
    assert "record" in [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert unraisable == []


def test_a_carried_exception_is_not_seen_by_the_next_call():
    api = raising(RuntimeError("first"), carry_errors=True)
    with pytest.raises(RuntimeError, match="first"):
        api.delete_relationship("a")
    with pytest.raises(ServerUnavailableError):
        raising(from_code(1726, "", None), carry_errors=True).delete_relationship("a")


def test_exceptions_of_threads_do_not_meet():
    start = threading.Barrier(4)

    def work(number):
        api = raising(KeyError(number), carry_errors=True)
        start.wait()
        for _ in range(200):
            with pytest.raises(KeyError) as caught:
                api.delete_relationship("a")
            assert caught.value.args == (number,)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_an_error_without_a_code_is_no_success():
    error = from_code(5, "", None)
    error.winerror = 0
    with pytest.raises(ServerUnavailableError):
        raising(error).delete_relationship("a")


def test_an_exception_and_its_code_survive_the_way():
    with pytest.raises(RelationshipNotFoundError) as caught:
        raising(from_code(20115, "", "elsewhere")).get_relationship("a-b")
    assert (caught.value.server, caught.value.relationship) == ("raising", "a-b")


def test_a_failed_call_inside_an_except_block_keeps_the_context():
    """The callback must leave the exception that the caller is handling alone."""
    api = raising(from_code(5, "", None))
    outer = LookupError("outer")
    try:
        raise outer
    except LookupError:
        with pytest.raises(PermissionError) as caught:
            api.delete_relationship("a")
        handled = sys.exception()
    assert handled is outer
    assert caught.value.__context__ is outer
