"""The lab takes numbers and times of other libraries where they lose nothing, and refuses them where they would."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dhcpfo import ServerVersion
from dhcpfo.errors import AccessDeniedError
from dhcpfo.simulator import Lab, RangeType
from others import Index


class Longer(timedelta):
    """A time of another library, such as pandas.Timedelta."""

    nanoseconds = 0

    def __radd__(self, other: object) -> object:  # a moment and such a time make a moment of that library
        raise AssertionError


class TooFine(Longer):
    nanoseconds = 1


@pytest.fixture
def lab() -> Lab:
    lab = Lab()
    lab.add_pair(direct=True)
    return lab


def test_numbers_of_other_libraries(lab: Lab) -> None:
    lab.set_version("dhcp1", Index(6), Index(3))  # type: ignore[arg-type]
    assert lab.connect("dhcp1", direct=True).get_version() == ServerVersion(6, 3)
    lab.fail("dhcp1", None, Index(5), call=Index(1), calls=Index(1))  # type: ignore[arg-type]
    with pytest.raises(AccessDeniedError):
        lab.connect("dhcp1").relationships()
    assert Lab.from_dict(lab.to_dict()).to_dict() == lab.to_dict()


USES: list[Callable[[Lab, timedelta], object]] = [
    lambda lab, time: lab.advance(time),
    lambda lab, time: lab.settle(time),
    lambda lab, time: lab.set_delay("dhcp1", time),
    lambda lab, time: lab.set_clock_offset("dhcp1", time),
    lambda lab, time: lab.fail("dhcp1", None, 5, duration=time),
    lambda lab, time: lab.add_scope("10.9.0.0/24", lease_time=time),
]


@pytest.mark.parametrize("use", USES)
def test_times_of_other_libraries(lab: Lab, use: Callable[[Lab, timedelta], object]) -> None:
    use(lab, Longer(seconds=1))
    assert Lab.from_dict(lab.to_dict()).to_dict() == lab.to_dict()
    with pytest.raises(ValueError, match="must not have nanoseconds"):
        use(lab, TooFine(seconds=1))
    with pytest.raises(TypeError, match="must be timedelta, not int"):
        use(lab, 1)  # type: ignore[arg-type]


def test_range_types_print_as_their_names() -> None:
    assert (str(RangeType.BOTH), f"{RangeType.BOTH}", int(RangeType.BOTH)) == ("BOTH", "BOTH", 6)
