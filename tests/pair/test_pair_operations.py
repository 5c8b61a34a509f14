"""The operations of a pair: plans as data, guards, waits, cancelling, and what must never show."""

import inspect
import json
import logging
import pickle
import signal
import threading
import traceback
from datetime import timedelta

import pytest

import dhcpfo
from dhcpfo import FailoverMode, FailoverState, Secret
from dhcpfo.pair import Cancelled, Conflict, FailoverPair, NotReached, PairError, PairFailure, Plan, Refused, Side
from dhcpfo.pair.invariant import Serving, dangers
from dhcpfo.pair.plans import Plans
from dhcpfo.simulator import Lab
from pairs import (
    EVERY,
    MARKER,
    MORE,
    NAME,
    NEW,
    OPERATIONS,
    SCOPES,
    LabClock,
    Writes,
    check_error,
    different,
    pair_of,
    picture,
    plant,
    world,
    world_of,
)

MCLT = timedelta(hours=1)


def plan_of(operation, partner="different"):
    call = OPERATIONS[operation][1]
    lab = world_of(operation, partner)
    pair = pair_of(lab)
    kept = []
    pair.apply = lambda plan, **options: kept.append(plan)  # type: ignore[method-assign]
    call(pair)
    return lab, kept[0]


# Plans are data


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_plan_prints_hashes_pickles_and_goes_to_json(operation):
    _, plan = plan_of(operation)
    assert plan
    copy = pickle.loads(pickle.dumps(plan))
    assert copy == plan
    assert hash(copy) == hash(plan)
    assert copy.digest == plan.digest
    data = json.loads(json.dumps(plan.to_dict()))
    assert data["format"] == 1
    assert len(data["steps"]) == len(plan.steps)
    text = str(plan)
    assert "dhcp2" in text
    assert plan.operation in text
    assert plan._repr_html_().startswith("<table>")
    assert plan.covers(copy)
    assert {str(step) for step in plan.steps}


def test_the_digest_depends_on_the_steps_and_not_on_the_run():
    _, one = plan_of("create", "absent")
    _, other = plan_of("create", "absent")
    _, third = plan_of("create", "half")
    assert one.digest == other.digest != third.digest
    assert third.covers(Plan(third.request, third.pair, third.steps[1:]))
    assert not third.covers(one)


def test_a_plan_of_another_process_needs_its_secrets():
    lab, plan = plan_of("create", "absent")
    copy = pickle.loads(pickle.dumps(plan))
    with pytest.raises(TypeError, match="pass the pair"):
        copy.apply()
    before = picture(lab)
    with pytest.raises(Refused, match="given"):
        copy.apply(pair_of(lab))
    assert picture(lab) == before
    assert copy.apply(pair_of(lab), secrets={"given": Secret(MARKER)}).changed
    lab.settle()


def test_a_dry_pair_changes_nothing():
    lab = world(related=True)
    pair = pair_of(lab, dry=True)
    before = picture(lab)
    with pytest.raises(Refused, match="percentage 50 → 70"):
        pair.update(NAME, percentage=70)
    assert picture(lab) == before
    assert not pair.update(NAME, percentage=50).changed


def test_a_pair_over_a_lab_in_a_file_can_be_pickled(tmp_path):
    lab = Lab.open(tmp_path / "lab")
    lab.add_pair(NAME, direct=True)
    pair = FailoverPair(lab.connect("dhcp1"), lab.connect("dhcp2"), calls_at_once=3)
    copy = pickle.loads(pickle.dumps(pair))
    assert copy.calls_at_once == 3
    assert copy.update(NAME, percentage=61).changed
    assert pair.primary.get_relationship(NAME).percentage == 61
    lab.close()


# Secrets


def everything_shown(error):
    """Return what tools show of an error: text, repr, attributes, tracebacks with local variables."""
    shown = [str(error), repr(error), repr(vars(error))]
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        formatted = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown.append("".join(formatted.format()))
        shown += [repr(getattr(error, name, None)) for name in ("left", "done", "undone", "failed", "cause")]
        error = error.__cause__ or error.__context__
    return "\n".join(shown)


def hide_tests(text):
    """Leave out the frames of the tests, which know the secret."""
    return "\n".join(line for line in text.splitlines() if "MARKER" not in line and "NEW" not in line)


@pytest.mark.parametrize("fault", ["refused", "unreachable"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_secret_is_shown(operation, fault, caplog):
    caplog.set_level(logging.DEBUG)
    call = OPERATIONS[operation][1]
    lab, plan = plan_of(operation)
    shown = [
        str(plan),
        repr(plan),
        json.dumps(plan.to_dict()),
        plan._repr_html_(),
        repr(plan.steps),
        str(pickle.dumps(plan)),
    ]
    events = []
    pair = pair_of(lab, Writes(2, plant(lab, fault)))
    apply = pair.apply
    pair.apply = lambda plan, **options: apply(plan, **options, progress=events.append)  # type: ignore[method-assign]
    try:
        result = call(pair)
        shown += [str(result), repr(result)]
    except PairError as error:
        shown += [everything_shown(error), str(pickle.dumps(error))]
    shown += [repr(events), caplog.text]
    text = "\n".join(shown)
    assert MARKER not in hide_tests(text)
    assert NEW not in hide_tests(text)


def test_errors_can_be_pickled():
    lab = world(related=True)
    with pytest.raises(PairError) as caught:
        pair_of(lab, Writes(2, plant(lab, "refused"))).rotate_secret(NAME, NEW)
    error = pickle.loads(pickle.dumps(caught.value))
    assert str(error) == str(caught.value)
    assert error.as_before
    assert NEW.encode() not in pickle.dumps(caught.value)


# Guards


def test_deleting_scopes_needs_a_guard_lifted():
    lab = world(related=True)
    pair, before = pair_of(lab), picture(lab)
    with pytest.raises(Refused) as caught:
        pair.delete(NAME, keep="dhcp1")
    assert caught.value.guards == ("delete-scopes",)
    assert picture(lab) == before
    assert pair.plan.delete(NAME, keep=Side.PRIMARY).guards == ("delete-scopes",)
    with pytest.raises(TypeError, match="collection"):
        pair.delete(NAME, keep="dhcp1", allow="delete-scopes")  # type: ignore[arg-type]


def test_deleting_outside_normal_needs_a_guard_lifted():
    lab = world(related=True)
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=10))
    with pytest.raises(Refused) as caught:
        pair_of(lab).delete(NAME, keep="dhcp1", allow=["delete-scopes"])
    assert caught.value.guards == ("delete-not-normal",)


def test_a_short_interval_guards_the_rotation_of_the_secret():
    lab = world(related=True)
    pair = pair_of(lab)
    pair.update(NAME, state_switch_interval=timedelta(minutes=2))
    with pytest.raises(Refused) as caught:
        pair.rotate_secret(NAME, NEW)
    assert caught.value.guards == ("rotate-short-interval",)


def test_without_the_partner_the_other_server_is_not_called():
    lab = world(related=True)
    lab.power_off("dhcp2")
    pair = pair_of(lab)
    with pytest.raises(Refused) as caught:
        pair.delete(NAME, keep="dhcp1", without_partner=True)
    assert caught.value.guards == ("partner-comes-back",)
    assert "disable these scopes there" in str(caught.value)
    result = pair.delete(NAME, keep="dhcp1", without_partner=True, allow=["partner-comes-back"])
    assert [step.side for step in result.done] == [Side.PRIMARY]


def test_a_partner_that_answers_is_not_declared_down():
    lab = world(related=True)
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=10))
    with pytest.raises(Refused, match="serving"):
        pair_of(lab).declare_partner_down(NAME, survivor="dhcp1")


@pytest.mark.parametrize(("how", "guard"), [("power_off", ("partner-down-unreachable",)), ("stop", ())])
def test_a_partner_that_is_gone_is_declared_down(how, guard):
    lab = world(related=True)
    getattr(lab, how)("dhcp2")
    lab.advance(timedelta(minutes=10))
    pair = pair_of(lab)
    plan = pair.plan.declare_partner_down(NAME, survivor="dhcp1")
    assert plan.guards == guard
    result = plan.apply(allow=guard)
    assert pair.primary.get_relationship(NAME).state == FailoverState.PARTNER_DOWN
    assert result.notes == (f"dhcp1 may use all free addresses from {lab.now + MCLT:%Y-%m-%d %H:%M:%S} UTC on",)
    assert result.notes[0] in str(result)
    assert not pair.plan.declare_partner_down(NAME, survivor="dhcp1")


def test_reallocation_goes_to_the_primary_of_the_relationship():
    lab = world(related=True)
    turned = FailoverPair(lab.connect("dhcp2"), lab.connect("dhcp1"), clock=LabClock(lab))
    assert [step.side for step in turned.reallocate(NAME).done] == [Side.SECONDARY]


# The invariant


def test_a_plan_with_a_dangerous_state_is_found():
    _, plan = plan_of("create", "absent")
    states = Serving({side: [] for side in Side}, {side: [] for side in Side})
    states.enabled[Side.PRIMARY] |= set(EVERY)
    enables, others = plan.steps[-1], plan.steps[:-1]
    assert dangers(states, plan.steps) == {}
    states = Serving({Side.PRIMARY: EVERY}, {})
    half = next(number for number, step in enumerate(others) if step.about.kind == "relationship")
    wrong = (*others[:half], enables, *others[half:])
    assert set(dangers(states, wrong)) == {half + 2}


def test_scopes_that_both_serve_are_disabled_first():
    lab = world("enabled")
    plan = pair_of(lab).plan.create(NAME, SCOPES, on_existing="complete")
    assert str(plan.steps[0]) == f"disable scope {SCOPES[0]}"
    assert str(plan.steps[-1]) == f"enable scope {SCOPES[0]}"


# What is there already


@pytest.mark.parametrize(
    ("partner", "mode", "text"),
    [
        ("enabled", "refuse", "enabled"),
        ("different", "refuse", "more than|other values"),
        ("different", "complete", "more than|other values"),
    ],
)
def test_scopes_of_the_partner_that_do_not_fit_are_refused(partner, mode, text):
    lab = world(partner)
    before = picture(lab)
    with pytest.raises(Refused, match=text):
        pair_of(lab).create(NAME, SCOPES, on_existing=mode)
    assert different(picture(lab), before) == set()


@pytest.mark.parametrize(("partner", "mode"), [("half", "refuse"), ("equal", "refuse"), ("enabled", "complete")])
def test_scopes_of_the_partner_that_fit_are_completed(partner, mode):
    lab = world(partner)
    assert pair_of(lab).create(NAME, SCOPES, on_existing=mode).changed
    assert not pair_of(lab).plan.create(NAME, SCOPES)


def test_a_relationship_with_other_values_is_a_conflict():
    lab = world(related=True)
    with pytest.raises(Conflict, match="percentage is 50, not 60"):
        pair_of(lab).create(NAME, SCOPES, percentage=60, shared_secret=MARKER)


def test_a_scope_in_another_relationship_is_a_conflict():
    lab = world(related=True)
    with pytest.raises(Conflict, match="is in relationship hq"):
        pair_of(lab).create("other", SCOPES)


# Waiting and cancelling


def test_create_waits_for_normal():
    lab = world("absent")
    events = []
    pair_of(lab).create(NAME, SCOPES, progress=events.append)
    assert lab.history("dhcp1", NAME)[-1].state == FailoverState.NORMAL
    assert [event.what for event in events].count("done") == 13
    assert events[-1].text == "dhcp1 NORMAL, dhcp2 NORMAL"


def test_add_waits_until_the_relationship_is_normal():
    lab = world(related=True)
    lab.start("dhcp2")
    events = []
    pair_of(lab).add_scopes(NAME, ["10.0.3.0"], progress=events.append)
    assert "waiting" in [event.what for event in events]


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda lab: lab.connect("dhcp1").set_relationship(NAME, shared_secret="x"), "secrets differ"),
        (lambda lab: lab.connect("dhcp1").set_relationship(NAME, shared_secret=None), "only dhcp2 has one"),
        (lambda lab: lab.connect("dhcp1").delete_relationship(NAME), "dhcp1 has no relationship"),
        (lambda lab: lab.set_clock_offset("dhcp1", timedelta(minutes=9)), "clocks are"),
    ],
)
def test_a_wait_ends_early_with_the_reason(spoil, text):
    lab = world(related=True)
    spoil(lab)
    lab.advance(timedelta(minutes=10))
    with pytest.raises(NotReached, match=text) as caught:
        pair_of(lab).wait_until(NAME, timeout=timedelta(hours=5))
    assert caught.value.reason
    assert set(caught.value.states) == set(Side)
    begun = lab.now
    with pytest.raises(PairFailure):
        pair_of(lab).add_scopes(NAME, ["10.0.3.0"])
    assert lab.now - begun < timedelta(minutes=1)


def test_a_wait_ends_after_its_time():
    lab = world(related=True)
    lab.power_off("dhcp2")
    with pytest.raises(NotReached, match="dhcp2 unknown") as caught:
        pair_of(lab).wait_until(NAME, timeout=timedelta(minutes=7))
    assert isinstance(caught.value, TimeoutError)


def test_the_deadline_undoes_what_is_done():
    lab = world("absent")
    before = picture(lab)

    def slow(event):
        lab.advance(timedelta(seconds=1))

    with pytest.raises(PairError) as caught:
        pair_of(lab).create(NAME, SCOPES, deadline=timedelta(seconds=9), progress=slow)
    assert isinstance(caught.value.cause, Cancelled)
    assert caught.value.as_before
    assert picture(lab) == before


def test_ctrl_c_ends_the_call_and_undoes():
    lab = world("absent")
    before = picture(lab)
    writes = Writes(7, lambda server, method: signal.raise_signal(signal.SIGINT))
    with pytest.raises(PairError) as caught:
        pair_of(lab, writes).create(NAME, SCOPES)
    assert isinstance(caught.value.cause, Cancelled)
    assert caught.value.number == 8
    assert caught.value.as_before
    assert picture(lab) == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_stops_undoing():
    lab = world("absent")

    def press(server, method):
        if len(writes.calls) >= 7:
            signal.raise_signal(signal.SIGINT)
            writes.at = len(writes.calls) + 1

    writes = Writes(7, press)
    with pytest.raises(PairError) as caught:
        pair_of(lab, writes).create(NAME, SCOPES)
    assert {left.why for left in caught.value.left} == {"undoing was interrupted"}


def test_an_error_in_progress_undoes():
    lab = world("absent")
    before = picture(lab)

    def fail(event):
        if event.number == 5:
            raise RuntimeError("of the caller")

    with pytest.raises(PairError, match="of the caller"):
        pair_of(lab).create(NAME, SCOPES, progress=fail)
    assert picture(lab) == before


def test_stopping_on_an_error_keeps_what_is_done():
    lab = world("absent")
    with pytest.raises(PairError) as caught:
        pair_of(lab, Writes(6, plant(lab, "refused"))).create(NAME, SCOPES, on_error="stop")
    assert len(caught.value.done) == 5
    assert pair_of(lab).create(NAME, SCOPES).changed


def test_threads_take_turns():
    lab = world(related=True)
    pair = pair_of(lab)
    errors = []

    def work(percentage):
        try:
            pair.update(NAME, percentage=percentage)
        except PairFailure as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    halves = [server.get_relationship(NAME).percentage for server in (pair.primary, pair.secondary)]
    assert halves[0] == halves[1]


# Arguments


def both(pair):
    return pair.primary, pair.secondary


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda pair: pair.update(NAME), ValueError, "nothing to change"),
        (lambda pair: pair.update(NAME, mode=FailoverMode.HOT_STANDBY), ValueError, "percentage must be passed"),
        (lambda pair: pair.create(NAME, []), ValueError, "scopes must not be empty"),
        (lambda pair: pair.create(NAME, "10.0.1.0"), TypeError, "scopes must be a list"),
        (lambda pair: pair.create(NAME, SCOPES, on_existing="x"), ValueError, "on_existing must be one of"),
        (lambda pair: pair.delete(NAME, keep="dhcp3"), ValueError, "server must be dhcp1 or dhcp2"),
        (lambda pair: pair.replicate("dhcp1", delete=["x"]), ValueError, "delete must hold only"),
        (lambda pair: FailoverPair(pair.primary, pair.primary), ValueError, "another server"),
        (lambda pair: FailoverPair("dhcp1", pair.primary), TypeError, "primary must be Server"),
        (lambda pair: FailoverPair(*both(pair), primary_address=5), TypeError, "primary_address must be IPv4"),
        (lambda pair: FailoverPair(*both(pair), dry="no"), TypeError, "dry must be bool, not str"),
        (lambda pair: pair.create("new", [MORE], wait=5), TypeError, "wait must be timedelta, not int"),
        (lambda pair: pair.update(NAME, percentage=9, deadline=5), TypeError, "deadline must be timedelta, not int"),
        (lambda pair: pair.update(NAME, percentage=9, progress=5), TypeError, "progress must be callable, not int"),
        (lambda pair: pair.update(NAME, percentage=9, allow=5), TypeError, "allow must be a collection"),
        (lambda pair: pair.update(NAME, percentage=9, allow=[5]), TypeError, "allow must contain only str, not int"),
        (lambda pair: pair.wait_until(NAME, timeout=5), TypeError, "timeout must be timedelta, not int"),
        (lambda pair: pair.wait_until(NAME, poll=timedelta(0)), ValueError, "poll must be positive, got 0:00:00"),
        (lambda pair: pair.add_scopes(NAME, None), TypeError, "scopes must be a list of addresses, not None"),
        (lambda pair: pair.replicate("dhcp1", names=5), TypeError, "names must be a list of names, not int"),
        (lambda pair: pair.replicate("dhcp1", delete=None), TypeError, "delete must be 'all' or a collection of kinds"),
    ],
)
def test_arguments_are_checked_before_anything_is_sent(call, error, text):
    writes = Writes()
    with pytest.raises(error, match=text):
        call(pair_of(world(related=True), writes))
    assert writes.calls == []


def test_the_package_has_it():
    assert dhcpfo.FailoverPair is FailoverPair


# Several scopes at once


def many(fault=None, at=0, **options):
    """Create with twelve scopes, several at once; return the lab, what was before, and the pair."""
    lab = world("absent")
    scopes = [lab.add_scope(f"10.7.{number}.0/24", servers=["dhcp1"]) for number in range(12)]
    before = picture(lab)
    writes = Writes(at, plant(lab, fault)) if fault else Writes()
    return lab, scopes, before, pair_of(lab, writes, calls_at_once=6), writes


def test_new_scopes_are_filled_at_the_same_time():
    lab, scopes, _, pair, writes = many()
    threads = set()
    pair.create(NAME, scopes, progress=lambda event: threads.add(threading.get_ident()))
    assert len(threads) > 2
    assert not pair_of(lab).plan.create(NAME, scopes)
    assert [method for _, method in writes.calls].count("create_scope") == 12


@pytest.mark.parametrize("fault", ["refused", "dropped", "done", "unreachable"])
def test_a_fault_while_scopes_are_filled_leaves_what_the_error_says(fault):
    for at in (1, 2, 9, 17, 24):
        lab, scopes, before, pair, _ = many(fault, at)
        try:
            pair.create(NAME, scopes)
        except PairError as error:
            check_error(before, lab, error)
        for name in ("dhcp1", "dhcp2"):
            lab.clear_faults(name)
        pair_of(lab).create(NAME, scopes)
        assert not pair_of(lab).plan.create(NAME, scopes)


def test_an_error_in_progress_while_going_back_changes_nothing():
    lab = world("absent")
    before = picture(lab)

    def fail(event):
        raise RuntimeError("of the caller")

    with pytest.raises(PairError, match="of the caller") as caught:
        pair_of(lab).create(NAME, SCOPES, progress=fail)
    assert caught.value.as_before
    assert picture(lab) == before


def test_a_wait_says_how_long_the_servers_wait():
    lab = world(related=True)
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=10))
    pair = pair_of(lab)
    pair.declare_partner_down(NAME, survivor="dhcp1", allow=["partner-down-unreachable"])
    lab.start("dhcp2")
    events = []
    pair.wait_until(NAME, timeout=timedelta(hours=3), progress=events.append)
    assert "dhcp2 RECOVER_WAIT (for 1h at most, the MCLT)" in " ".join(event.text for event in events)


@pytest.mark.parametrize("name", [name for name in dir(Plans) if not name.startswith("_")])
def test_a_plan_takes_the_same_arguments_as_the_operation(name):
    """Each is declared twice, so that editors and type checkers show it in both places."""
    planned = inspect.signature(getattr(Plans, name)).parameters
    done = dict(inspect.signature(getattr(FailoverPair, name)).parameters)
    options = done.pop("options")
    assert options.kind is inspect.Parameter.VAR_KEYWORD
    done.pop("wait", None)
    assert list(done.values()) == list(planned.values())
