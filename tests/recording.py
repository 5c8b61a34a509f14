"""A `ManagementApi` that records its calls and returns the examples, or what a test wants."""

import inspect

import pytest

from dhcpfo import Server
from dhcpfo.api import FUNCTIONS, ManagementApi
from examples import ANSWERS, CLIENT, RELATIONSHIP, STATISTICS, SYSTEM_TIME, moment

__all__ = ["ANSWERS", "CLIENT", "RELATIONSHIP", "STATISTICS", "SYSTEM_TIME", "RecordingApi", "moment", "refused"]


class RecordingApi:
    """Records each call in ``calls`` as (method, arguments).

    Args:
        server: The name of the server.
        **answers: What methods return instead of the examples; an exception is raised.
    """

    def __init__(self, server="dhcp1", **answers):
        self.server = server
        self.calls = []
        self.closed = 0
        self._answers = ANSWERS | answers

    def close(self):
        self.closed += 1


def _recorded(method):
    signature = inspect.signature(getattr(ManagementApi, method))

    def record(self, *given):
        bound = signature.bind(self, *given)
        bound.apply_defaults()
        self.calls.append((method, bound.args[1:]))
        answer = self._answers[method]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    record.__name__ = method
    return record


for _method in FUNCTIONS:
    setattr(RecordingApi, _method, _recorded(_method))


def refused(kind, argument, act):
    """Assert that ``act`` raises ``kind`` naming the argument, before any call; return what the error says."""
    api = RecordingApi()
    with pytest.raises(kind) as caught:
        act(Server(api))
    assert api.calls == []
    message = str(caught.value)
    assert message.startswith(f"{argument} "), message
    return message
