"""Step Functions in the world: executions that walk the real definition, each a worker that may be lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from tests.simulation.aws_errors import refusal
from tests.simulation.definition import Definition, Retrier, State
from tests.simulation.world import Crashed, Life, World

Event = dict[str, Any]
Function = Callable[[Event], Any]
"""A Lambda function: from its event to its result; each call is an invocation of its own."""

_ENCODER, _DECODER = json.JSONEncoder(), json.JSONDecoder()
MOST_TRANSITIONS = 20_000


class ExecutionLost(BaseException):
    """This execution is no more: nobody is told."""


@dataclass(slots=True)
class StateFailed(Exception):
    """A state's error: its name, as retriers and catchers see it, and its cause."""

    error: str
    cause: str = ""


@dataclass(slots=True)
class Execution:
    """One walk. `status` as describe_execution tells it; `lost` ends it at its next step."""

    name: str
    order_id: str = ""
    status: str = "RUNNING"
    lost: bool = False
    transitions: int = 0
    life: Life = field(default_factory=Life)

    @property
    def runs(self) -> bool:
        return self.status == "RUNNING" and not self.lost


@dataclass(slots=True)
class Invocation:
    """What came of one call of a function: a result, or an error."""

    result: Any = None
    failure: StateFailed | None = None


class Machine:
    """Starts executions, runs their tasks, keeps their names. `said` collects whatever left a task.

    `report` is told of each error of a task, with the function's name; `look_back` of each execution
    that succeeded.
    """

    def __init__(
        self,
        world: World,
        definition: Definition,
        functions: Mapping[str, Function],
        report: Callable[[str, BaseException], None],
        look_back: Callable[[Execution], None] = lambda _execution: None,
    ) -> None:
        self.walks: list[Execution] = []
        self.said: list[str] = []
        self.executions: dict[str, Execution] = {}
        self.transitions = 0
        self.ended: Counter[str] = Counter()
        self._world = world
        self._definition = definition
        self._functions = functions
        self._report = report
        self._look_back = look_back
        self._invocations = 0

    def start(self, name: str, given: Event) -> bool:
        """False where the name is taken."""
        if name in self.executions:
            return False
        self.executions[name] = self._begin(name, given)
        if self._world.draw.happens("execution doubled"):
            self._world.note(f"! execution doubled: {name}")
            self._begin(f"{name} doubled", given)
        return True

    def _begin(self, name: str, given: Event) -> Execution:
        execution = Execution(name, given.get("order_id", ""), life=Life(name))
        self.walks.append(execution)
        self._world.start(self._run, execution, given, life=execution.life)
        return execution

    def _run(self, execution: Execution, given: Event) -> None:
        try:
            self._walk(execution, self._definition, given, {})
        except StateFailed as failed:
            execution.status = "FAILED"
            self.ended[f"execution failed: {failed.error}"] += 1
        except ExecutionLost:
            execution.status = "ABORTED"
        else:
            execution.status = "SUCCEEDED"
            self._look_back(execution)
        self._world.note(f"execution {execution.status}")

    # --- the walk

    def _walk(self, execution: Execution, machine: Definition, given: Any, variables: dict[str, Any]) -> Any:
        name = machine.start
        while name:
            state = machine.states[name]
            self._step(execution)
            name, given = self._visit(execution, state, given, variables)
        return given

    def _step(self, execution: Execution) -> None:
        if execution.lost:
            raise ExecutionLost
        execution.transitions += 1
        self.transitions += 1
        if execution.transitions > MOST_TRANSITIONS:
            raise AssertionError(f"execution {execution.name}: {MOST_TRANSITIONS} transitions, and no end")

    def _visit(self, execution: Execution, state: State, given: Any, variables: dict[str, Any]) -> tuple[str, Any]:
        """The next state's name, empty at the end, and what it is given."""
        states = {"input": given}
        scope = {**variables, "states": states}
        match state.kind:
            case "Choice":
                return next((then for holds, then in state.choices if holds(scope)), state.next), given
            case "Task" | "Map":
                return self._try(execution, state, scope, variables)
            case "Wait":
                self._wait(execution, state, scope)
            case "Fail":
                raise StateFailed(state.error)
        return self._leave(state, scope, variables, given)

    def _leave(self, state: State, scope: dict[str, Any], variables: dict[str, Any], plain: Any) -> tuple[str, Any]:
        """Output and Assign both see the variables as they were."""
        output = plain if state.output is None else state.output(scope)
        variables.update([(name, value(scope)) for name, value in state.assign])
        return state.next, output

    def _wait(self, execution: Execution, state: State, scope: dict[str, Any]) -> None:
        if state.seconds is not None:
            self._world.sleep(round(1000 * state.seconds(scope)))
        elif state.timestamp is not None:
            self._world.sleep(_milliseconds(state.timestamp(scope)) - self._world.time)
        if execution.lost:
            raise ExecutionLost

    def _try(
        self, execution: Execution, state: State, scope: dict[str, Any], variables: dict[str, Any]
    ) -> tuple[str, Any]:
        tried: dict[Retrier, int] = {}
        while True:
            try:
                result = (
                    self._task(execution, state, scope) if state.kind == "Task" else self._map(execution, state, scope)
                )
            except StateFailed as failed:
                retrier = _first(state.retriers, failed.error)
                if retrier is None or tried.get(retrier, 0) >= retrier.attempts:
                    return self._catch(state, failed, scope, variables)
                tried[retrier] = tried.get(retrier, 0) + 1
                pause = retrier.wait(tried[retrier])
                self._world.sleep(self._world.draw.whole(0, pause) if retrier.jitter else pause)
                self._step(execution)
            else:
                scope["states"]["result"] = result
                return self._leave(state, scope, variables, result)

    def _catch(
        self, state: State, failed: StateFailed, scope: dict[str, Any], variables: dict[str, Any]
    ) -> tuple[str, Any]:
        catcher = _first(state.catchers, failed.error)
        if catcher is None:
            raise failed
        self._world.note(f"{state.name} gave up: {failed.error}")
        about = {"Error": failed.error, "Cause": failed.cause}
        scope["states"]["errorOutput"] = about
        output = about if catcher.output is None else catcher.output(scope)
        variables.update([(name, value(scope)) for name, value in catcher.assign])
        return catcher.next, output

    # --- maps

    def _map(self, execution: Execution, state: State, scope: dict[str, Any]) -> list[Any]:
        """Each item a worker of its own, as many at once as the state allows; the first error is the state's."""
        if state.items is None or state.inner is None:
            raise AssertionError(f"{state.name} has nothing to walk")
        items, inner = list(enumerate(state.items(scope))), state.inner
        outer = {name: value for name, value in scope.items() if name != "states"}
        results: list[Any] = [None] * len(items)
        waiting, ends = list(reversed(items)), list[BaseException]()

        def work() -> None:
            while waiting and not ends:
                at, item = waiting.pop()
                try:
                    results[at] = self._walk(execution, inner, item, dict(outer))
                except (StateFailed, ExecutionLost) as end:
                    ends.append(end)

        lanes = min(state.side_by_side or len(items), len(items))
        for worker in [self._world.start(work, life=Life(execution.name)) for _ in range(lanes)]:
            self._world.join(worker)
        if ends:
            raise ends[0]
        return results

    # --- tasks

    def _task(self, execution: Execution, state: State, scope: dict[str, Any]) -> Any:
        draw = self._world.draw
        event = state.arguments(scope) if state.arguments is not None else scope["states"]["input"]
        if draw.happens("execution lost"):
            self._world.note("! execution lost")
            execution.lost = True
            raise ExecutionLost
        if draw.happens("task run twice"):
            self._world.note(f"! task run twice: {state.function}")
            self._invoke(execution, state.function, event, Invocation())
        invocation = Invocation()
        worker = self._invoke(execution, state.function, event, invocation)
        in_time = self._world.join(worker, state.timeout or None)
        if execution.lost:
            raise ExecutionLost
        if not in_time:
            self._world.note(f"{state.function} timed out; it is not stopped")
            raise StateFailed("States.Timeout")
        if invocation.failure is not None:
            raise invocation.failure
        return invocation.result

    def _invoke(self, execution: Execution, function: str, event: Event, invocation: Invocation) -> Any:
        self._invocations += 1
        life = Life(f"{function} {self._invocations}")
        return self._world.start(self._call, function, event, invocation, life=life)

    def _call(self, function: str, event: Event, invocation: Invocation) -> None:
        """Results are JSON, as between Lambda and Step Functions; so is what events are made of."""
        try:
            text = _ENCODER.encode(self._functions[function](event))
        except Crashed:
            invocation.failure = StateFailed("Lambda.Unknown", "the environment died")
        except Exception as error:  # noqa: BLE001 - whatever a task raises is the machine's to judge
            self._world.note(f"{type(error).__name__}: {error}")
            self._report(function, error)
            invocation.failure = StateFailed(type(error).__name__, str(error))
        else:
            self.said.append(text)
            self._world.note(text)
            invocation.result = _DECODER.decode(text)


def _first(ones: tuple[Any, ...], error: str) -> Any:
    """The first retrier or catcher that takes that error."""
    return next((one for one in ones if error in one.errors or "States.ALL" in one.errors), None)


@lru_cache(maxsize=64)
def _milliseconds(timestamp: str) -> int:
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)


@dataclass(slots=True)
class StepFunctions:
    """boto3's client of the machine, as far as the Executions port uses it."""

    machine: Machine

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803 - boto3's names
        if not self.machine.start(name, json.loads(input)):
            raise refusal("ExecutionAlreadyExists", "StartExecution")
        return {"executionArn": f"{stateMachineArn}:{name}"}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        execution = self.machine.executions.get(executionArn.rpartition(":")[2])
        if execution is None:
            raise refusal("ExecutionDoesNotExist", "DescribeExecution")
        return {"status": execution.status}
