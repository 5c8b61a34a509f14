"""What a user sees if dhcpsapi.dll, one of its functions, or the DHCP service is missing."""

import pytest

from dhcpfo.errors import AccessDeniedError, ServerUnavailableError

SENTENCE = "Dhcpsapi.dll with the failover functions is missing on this machine"

CONNECT = """\
import dhcpfo
from dhcpfo.errors import DhcpsapiMissingError
try:
    dhcpfo.connect("dhcp1")
except DhcpsapiMissingError as error:
    print(error)
"""

# Everything that needs no DLL: the models, and a simulated server without the extension.
THE_REST = """\
import dhcpfo
from dhcpfo.simulator import Lab
print(dhcpfo.Relationship(name="a-b", primary_server="192.0.2.1", secondary_server="192.0.2.2").percentage)
with Lab() as lab:
    lab.add_server("dhcp1", address="192.0.2.1")
    print(lab.connect("dhcp1", direct=True).relationships())
"""

OLDER = """\
import dhcpfo
from dhcpfo.errors import ServerUnavailableError
server = dhcpfo.connect("dhcp1")
try:
    server.get_system_time()
except ServerUnavailableError:
    print("answered")
"""


def test_missing_dll_is_one_sentence_from_connect(run_python):
    done = run_python(CONNECT, standin=None)
    if not done.stdout and done.returncode == 0:
        pytest.skip("this Windows has its own dhcpsapi.dll, which cannot be removed")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SENTENCE)
    assert done.stdout.count("\n") == 1


def test_the_rest_works_without_the_dll(run_python):
    done = run_python(THE_REST, standin=None)
    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", ["50", "[]"])


def test_missing_function_is_one_sentence_from_connect(run_python, under_wine):
    if under_wine:
        pytest.skip("Wine loads an extension whose DLL lacks a function; Windows refuses to")
    done = run_python(CONNECT, standin="older")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SENTENCE)


def test_missing_function_leaves_the_others_usable_under_wine(run_python, under_wine):
    if not under_wine:
        pytest.skip("Windows refuses an extension whose DLL lacks a function")
    done = run_python(OLDER, standin="older")
    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", ["answered"])


@pytest.mark.abi
@pytest.mark.parametrize(
    ("code", "error"),
    [(1722, ServerUnavailableError), (1753, ServerUnavailableError), (5, AccessDeniedError)],
)
def test_machine_without_dhcp_service(dll, code, error):
    import dhcpfo

    dll.standin_answer(code)
    with pytest.raises(error) as raised:
        dhcpfo.connect().get_system_time()
    assert raised.value.winerror == code
    assert "DhcpV4FailoverGetSystemTime" in str(raised.value)
    assert "this machine" in str(raised.value)


@pytest.mark.abi
def test_a_table_of_another_size_is_refused(dll):
    import ctypes

    assert not dll.standin_use(ctypes.byref(ctypes.c_size_t(8)))
