"""The simulated world keeps the promises of what it stands for: time, workers, DynamoDB, KMS, S3, the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from giftline.storage.s3 import PART_SIZE, S3Files
from tests.fakes.time import START
from tests.simulation.definition import compile_definition, read_definition
from tests.simulation.expressions import expression
from tests.simulation.faults import Draw
from tests.simulation.guarded import DYNAMODB, Guarded
from tests.simulation.machine import Machine
from tests.simulation.memory_dynamodb import MOST_BYTES, MemoryDynamoDB
from tests.simulation.memory_kms import MemoryKms
from tests.simulation.memory_s3 import MemoryS3
from tests.simulation.world import Crashed, Life, TooManySteps, WorkerClock, WorkerCrew, World

SECOND = 1_000
KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}


def a_world(**rates: float) -> World:
    return World(Draw(1, {name.replace("_", " "): rate for name, rate in rates.items()}))


def refused(call: Callable[..., object], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


# --- time and workers


def test_whoever_is_due_first_goes_first_and_time_jumps_to_it() -> None:
    world, seen = a_world(), list[tuple[str, int]]()

    def worker(name: str, pause: int) -> None:
        world.sleep(pause)
        seen.append((name, world.now() - START))

    for name, pause in (("late", 300), ("early", 100), ("also early", 100)):
        world.start(worker, name, pause)
    world.run(START + SECOND)
    assert seen == [("early", 100), ("also early", 100), ("late", 300)]


def test_a_run_ends_at_its_time_and_goes_on_from_there() -> None:
    world, seen = a_world(), list[int]()

    def worker() -> None:
        for _ in range(3):
            world.sleep(SECOND)
            seen.append(world.now() - START)

    world.start(worker)
    world.run(START + 1_500)
    assert (seen, world.now()) == ([SECOND], START + 1_500)
    world.run(START + 9_000)
    assert seen == [SECOND, 2 * SECOND, 3 * SECOND]


def test_who_waits_for_a_worker_goes_on_when_it_ends_or_when_it_takes_too_long() -> None:
    world, seen = a_world(), list[tuple[bool, int]]()

    def waits() -> None:
        for timeout in (None, 200):
            worker = world.start(world.sleep, SECOND)
            seen.append((world.join(worker, timeout), world.now() - START))

    world.start(waits)
    world.run(START + 9_000)
    assert seen == [(True, SECOND), (False, SECOND + 200)]


def test_a_crash_ends_all_threads_of_an_invocation_and_nothing_else() -> None:
    world, seen = a_world(), list[str]()

    def thread(at: int) -> int:
        if at == 1:
            world.sleep(10)
            world.draw = Draw(1, {"crash before it": 1.0})
            world.effect("it", lambda: seen.append("never"))
        world.sleep(100)
        seen.append("survived")
        return at

    def invocation() -> None:
        try:
            WorkerCrew(world).each(thread, 3)
        except Exception:  # noqa: BLE001 - what no crash is stopped by
            seen.append("caught")

    other = world.start(world.sleep, 500, life=Life("other"))
    world.start(invocation, life=Life("it"))
    world.run(START + SECOND)
    assert (seen, other.done) == ([], True)


def test_a_crew_brings_results_in_order_and_the_first_error_after_all_have_ended() -> None:
    world, seen = a_world(), list[Any]()

    def thread(at: int) -> int:
        world.sleep(100 - at)
        if at == 3:
            raise ValueError("three")
        seen.append(at)
        return at

    def works(count: int) -> None:
        try:
            seen.append(WorkerCrew(world).each(thread, count))
        except ValueError as error:
            seen.append(str(error))

    world.start(works, 2)
    world.start(works, 5, at=START + SECOND)
    world.run(START + 9_000)
    assert seen == [1, 0, [0, 1], 4, 2, 1, 0, "three"]


def test_a_clock_may_be_wrong_and_its_stopwatch_is_right() -> None:
    world, seen = a_world(), list[tuple[int, float]]()

    def worker() -> None:
        clock = WorkerClock(world, -5_000)
        began = clock.elapsed()
        clock.sleep(1.5)
        seen.append((clock.now() - START, round(clock.elapsed() - began, 6)))

    world.start(worker)
    world.run(START + 9_000)
    assert seen == [(-3_500, 1.5)]


def test_circles_are_found() -> None:
    world = World(Draw(1, {}), most_steps=100)

    def circle() -> None:
        while True:
            world.sleep(0)

    world.start(circle)
    with pytest.raises(TooManySteps):
        world.run(START + 1)


# --- effects


def effects_of(**rates: float) -> tuple[list[int], list[BaseException], World]:
    """When an effect of that name was done, and what its worker got."""
    world, done, errors = a_world(**rates), list[int](), list[BaseException]()

    def worker() -> None:
        try:
            world.effect("it", lambda: done.append(world.now() - START))
        except (Exception, Crashed) as error:  # noqa: BLE001 - what comes is what is asked for
            errors.append(error)

    world.start(worker)
    world.run(START + 3_600 * SECOND)
    return done, errors, world


def test_a_crash_before_an_effect_leaves_it_undone_and_one_after_it_done() -> None:
    before, after = effects_of(crash_before_it=1), effects_of(crash_after_it=1)
    assert [type(error) for error in before[1] + after[1]] == [Crashed, Crashed]
    assert (len(before[0]), len(after[0])) == (0, 1)
    assert after[2].draw.drawn == Counter({"crash after it": 1})


def test_a_frozen_worker_does_what_it_was_about_to_do_late() -> None:
    (at,), errors, _ = effects_of(freeze_before_it=1)
    assert SECOND <= at <= 1_801 * SECOND
    assert not errors


def test_a_throttled_effect_is_not_done() -> None:
    done, (error,), _ = effects_of(throttled_it=1)
    assert (done, isinstance(error, ClientError)) == ([], True)


def test_a_lost_answer_is_tried_again_or_given_up_after_it_was_done() -> None:
    seen = set()
    for seed in range(20):
        world, done = World(Draw(seed, {"lost answer it": 1.0})), list[int]()

        def worker(world: World = world, done: list[int] = done) -> None:
            try:
                world.effect("it", lambda: done.append(1))
            except ReadTimeoutError:
                done.append(0)

        world.start(worker)
        world.run(START + SECOND)
        seen.add(tuple(done))
    assert seen == {(1, 1), (1, 0)}


# --- DynamoDB


@pytest.fixture
def table() -> MemoryDynamoDB:
    return MemoryDynamoDB({"ByDue": ("open", "due_at")})


def item(sk: str, pk: str = "p", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **more}


def keys(answer: dict[str, Any]) -> list[str]:
    return [found["sk"]["S"] for found in answer["Items"]]


def test_nobodys_later_change_is_seen(table: MemoryDynamoDB) -> None:
    mine = item("s", n={"N": "1"}, l={"L": [{"S": "a"}]})
    table.put_item(TableName="T", Item=mine)
    mine["n"]["N"] = "2"
    mine["l"]["L"].append({"S": "b"})
    table.get_item(TableName="T", Key=KEY)["Item"]["n"]["N"] = "3"
    kept = table.get_item(TableName="T", Key=KEY)["Item"]
    assert (kept["n"], list(kept["l"]["L"])) == ({"N": "1"}, [{"S": "a"}])


def test_a_condition_that_does_not_hold_changes_nothing(table: MemoryDynamoDB) -> None:
    is_new = {"ConditionExpression": "attribute_not_exists(pk)"}
    table.put_item(TableName="T", Item=item("s", n={"N": "1"}), **is_new)
    assert refused(table.put_item, TableName="T", Item=item("s"), **is_new) == "ConditionalCheckFailedException"
    assert table.get_item(TableName="T", Key=KEY)["Item"]["n"] == {"N": "1"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("n = :two", True),
        ("n < :ten AND s <> :two", True),
        ("n BETWEEN :two AND :ten", True),
        ("NOT (n >= :ten) AND (nothing = :two OR attribute_exists(s))", True),
        ("n IN (:ten, :two)", True),
        ("begins_with(s, :ab)", True),
        ("n > :ten", False),
        ("nothing < :ten", False),
        ("#s = :ab", False),
    ],
)
def test_conditions_compare_numbers_as_numbers(table: MemoryDynamoDB, text: str, holds: bool) -> None:
    table.put_item(TableName="T", Item=item("s", n={"N": "2"}, s={"S": "abc"}))
    values = {":two": {"N": "2"}, ":ten": {"N": "10"}, ":ab": {"S": "ab"}}
    given: dict[str, Any] = {"ExpressionAttributeNames": {"#s": "s"}, "ExpressionAttributeValues": values}
    change: dict[str, Any] = {"TableName": "T", "Key": KEY, "UpdateExpression": "SET done = :two", **given}
    if holds:
        table.update_item(**change, ConditionExpression=text)
    else:
        assert refused(table.update_item, **change, ConditionExpression=text) == "ConditionalCheckFailedException"


def test_an_update_sets_adds_and_removes_from_what_was_there_before(table: MemoryDynamoDB) -> None:
    values = {":one": {"N": "1"}, ":zero": {"N": "0"}}
    text = "SET a = if_not_exists(a, :zero) + :one, b = :one ADD c :one REMOVE d"
    given: dict[str, Any] = {"TableName": "T", "Key": KEY, "ExpressionAttributeValues": values}
    table.put_item(TableName="T", Item=item("s", d={"S": "gone"}))
    table.update_item(UpdateExpression=text, **given)
    after = table.update_item(UpdateExpression=text, ReturnValues="ALL_NEW", **given)["Attributes"]
    assert after == item("s", a={"N": "2"}, b={"N": "1"}, c={"N": "2"})


def test_a_transaction_is_all_or_nothing(table: MemoryDynamoDB) -> None:
    puts = [
        {"Put": {"TableName": "T", "Item": item(sk), "ConditionExpression": "attribute_not_exists(pk)"}} for sk in "ab"
    ]
    table.transact_write_items(TransactItems=puts[1:])
    assert refused(table.transact_write_items, TransactItems=puts) == "TransactionCanceledException"
    assert "Item" not in table.get_item(TableName="T", Key=item("a"))
    assert refused(table.transact_write_items, TransactItems=puts[:1] * 2) == "ValidationException"


def test_a_query_gives_a_partition_in_order_and_in_pages(table: MemoryDynamoDB) -> None:
    for sk in ("b2", "a1", "b1", "b3"):
        table.put_item(TableName="T", Item=item(sk))
    table.put_item(TableName="T", Item=item("b9", pk="other"))
    given: dict[str, Any] = {
        "TableName": "T",
        "KeyConditionExpression": "pk = :p AND begins_with(sk, :b)",
        "ExpressionAttributeValues": {":p": {"S": "p"}, ":b": {"S": "b"}},
    }
    assert keys(table.query(**given)) == ["b1", "b2", "b3"]
    assert keys(table.query(**given, ScanIndexForward=False, Limit=2)) == ["b3", "b2"]
    pages = table.get_paginator("query").paginate(**given, Limit=2)
    assert [keys(page) for page in pages] == [["b1", "b2"], ["b3"]]


def test_an_answer_holds_a_megabyte(table: MemoryDynamoDB) -> None:
    for at in range(6):
        table.put_item(TableName="T", Item=item(str(at), sealed={"B": bytes(300_000)}))
    query: dict[str, Any] = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    assert [len(page["Items"]) for page in table.get_paginator("query").paginate(TableName="T", **query)] == [4, 2]


def test_an_index_holds_the_items_that_have_its_keys(table: MemoryDynamoDB) -> None:
    for pk, due in (("late", "30"), ("early", "9"), ("later", "100")):
        table.put_item(TableName="T", Item=item("s", pk=pk, open={"S": "OPEN"}, due_at={"N": due}))
    table.put_item(TableName="T", Item=item("s", pk="closed", due_at={"N": "1"}))
    answer = table.query(
        TableName="T",
        IndexName="ByDue",
        KeyConditionExpression="#open = :open AND due_at <= :now",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":open": {"S": "OPEN"}, ":now": {"N": "30"}},
        Limit=5,
    )
    assert [found["pk"]["S"] for found in answer["Items"]] == ["early", "late"]


def test_what_dynamodb_refuses_is_refused(table: MemoryDynamoDB) -> None:
    large = item("s", sealed={"B": bytes(MOST_BYTES)})
    assert refused(table.put_item, TableName="T", Item=large) == "ValidationException"
    assert refused(table.put_item, TableName="T", Item=item("")) == "ValidationException"
    assert refused(table.get_item, TableName="T", Key=item("s", more={"S": "x"})) == "ValidationException"
    change: dict[str, Any] = {"UpdateExpression": "SET a = nothing"}
    assert refused(table.update_item, TableName="T", Key=KEY, **change) == "ValidationException"


@pytest.mark.parametrize(
    "given",
    [
        {"ConditionExpression": "size(pk) > :v"},
        {"ConditionExpression": "a.b = :v"},
        {"ReturnConsumedCapacity": "TOTAL"},
    ],
)
def test_what_is_not_simulated_is_refused(table: MemoryDynamoDB, given: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        table.put_item(TableName="T", Item=item("s"), **given)


def test_write_units_are_counted_by_the_kilobyte_and_twice_in_transactions(table: MemoryDynamoDB) -> None:
    table.put_item(TableName="T", Item=item("s", sealed={"B": bytes(1_500)}))
    table.transact_write_items(TransactItems=[{"Put": {"TableName": "T", "Item": item("t")}}])
    assert table.writes == Counter({"T": 4})


def test_calls_that_are_no_effects_are_refused() -> None:
    client = Guarded(a_world(), MemoryDynamoDB({}), DYNAMODB)
    with pytest.raises(NotImplementedError):
        client.scan(TableName="T")


# --- KMS and S3


def test_a_key_opens_only_in_the_context_it_was_made_for() -> None:
    kms = MemoryKms()
    made = kms.generate_data_key(KeyId="k", KeySpec="AES_256", EncryptionContext={"order": "1"})
    wrapped: dict[str, Any] = {"KeyId": "k", "CiphertextBlob": made["CiphertextBlob"]}
    assert kms.decrypt(**wrapped, EncryptionContext={"order": "1"})["Plaintext"] == made["Plaintext"]
    assert refused(kms.decrypt, **wrapped, EncryptionContext={"order": "2"}) == "InvalidCiphertextException"


@pytest.mark.parametrize("sizes", [[10], [PART_SIZE, 7], [3 * PART_SIZE + 1]])
def test_a_file_appears_whole_when_it_is_finished(sizes: list[int]) -> None:
    s3 = MemoryS3()
    with S3Files(s3, "b").export("k", "text/plain") as file:  # type: ignore[arg-type]
        for size in sizes:
            file.write(b"x" * size)
            assert not s3.objects
    assert s3.objects == {("b", "k"): b"x" * sum(sizes)}


def test_a_file_that_was_not_finished_does_not_appear() -> None:
    s3 = MemoryS3()

    def crash() -> None:
        with S3Files(s3, "b").export("k", "text/plain") as file:  # type: ignore[arg-type]
            file.write(b"x" * PART_SIZE)
            raise MemoryError("killed")

    with pytest.raises(MemoryError):
        crash()
    assert (s3.objects, s3.uploads) == ({}, {})
    assert refused(s3.get_object, Bucket="b", Key="k") == "NoSuchKey"


# --- the machine


def test_expressions_mean_what_jsonata_means() -> None:
    scope = {"states": {"input": {"found": "ready", "lots": [1, 2]}}, "n": 2}
    texts = {
        "$states.input.found in ['pending', 'ready']": True,
        "$states.input.found = 'absent' or $n >= 2": True,
        "$exists($states.input.nothing) and true": False,
        "$count($states.input.lots) + $n": 4,
        "'lot ' & $n": "lot 2",
        "$states.input.nothing.at.all": None,
    }
    assert {text: expression(text)(scope) for text in texts} == texts
    with pytest.raises(NotImplementedError):
        expression("$map($n, function($x) { $x })")


def walked(
    states: dict[str, Any], functions: dict[str, Callable[[dict[str, Any]], Any]], start: str, **rates: float
) -> tuple[Machine, World]:
    world = a_world(**rates)
    machine = Machine(world, compile_definition({"StartAt": start, "States": states}), functions, lambda *_: None)
    machine.start("one", {"n": 1})
    world.run(START + 24 * 3_600 * SECOND)
    return machine, world


def a_task(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "${DoItFunctionArn}", "End": True, **more}


def test_a_failing_task_is_tried_again_with_growing_waits_and_then_caught() -> None:
    times: list[int] = []
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 3}
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
    states = {
        "DoIt": a_task(Retry=[{**retry, "MaxDelaySeconds": 5}], Catch=[catch]),
        "Caught": {"Type": "Fail", "Error": "Caught"},
    }
    worlds: list[World] = []

    def do_it(_event: dict[str, Any]) -> None:
        times.append(worlds[0].now() - START if worlds else 0)
        raise ValueError("no")

    world = a_world()
    worlds.append(world)
    machine = Machine(
        world, compile_definition({"StartAt": "DoIt", "States": states}), {"do_it": do_it}, lambda *_: None
    )
    assert machine.start("one", {})
    assert not machine.start("one", {})
    world.run(START + 3_600 * SECOND)
    assert times == [0, 2_000, 6_000, 11_000]
    assert machine.executions["one"].status == "FAILED"


def test_a_task_that_takes_too_long_is_given_up_and_not_stopped() -> None:
    done: list[int] = []
    worlds: list[World] = []

    def do_it(_event: dict[str, Any]) -> int:
        worlds[0].sleep(90 * SECOND)
        done.append(worlds[0].now() - START)
        return 1

    world = a_world()
    worlds.append(world)
    definition = compile_definition({"StartAt": "DoIt", "States": {"DoIt": a_task(TimeoutSeconds=70)}})
    machine = Machine(world, definition, {"do_it": do_it}, lambda *_: None)
    machine.start("one", {})
    world.run(START + 3_600 * SECOND)
    assert (machine.executions["one"].status, done) == ("FAILED", [90 * SECOND])


def test_a_map_walks_its_items_side_by_side_as_far_as_it_may() -> None:
    most, running, ended = [0], [0], list[Any]()
    worlds: list[World] = []

    def do_it(event: dict[str, Any]) -> Any:
        running[0] += 1
        most[0] = max(most[0], running[0])
        worlds[0].sleep(100)
        running[0] -= 1
        return event["item"]

    states = {
        "All": {
            "Type": "Map",
            "Items": [1, 2, 3, 4, 5],
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "DoIt",
                "States": {"DoIt": a_task(Arguments={"item": "{% $states.input %}"})},
            },
            "Next": "Done",
        },
        "Done": {"Type": "Task", "Resource": "${NoteFunctionArn}", "End": True},
    }
    world = a_world()
    worlds.append(world)
    functions = {"do_it": do_it, "note": ended.append}
    Machine(world, compile_definition({"StartAt": "All", "States": states}), functions, lambda *_: None).start(
        "one", {}
    )
    world.run(START + SECOND)
    assert (most, ended) == ([2], [[1, 2, 3, 4, 5]])


def test_a_lost_execution_ends_without_a_word_and_its_name_stays_taken() -> None:
    calls: list[dict[str, Any]] = []
    machine, _ = walked({"DoIt": a_task()}, {"do_it": calls.append}, "DoIt", execution_lost=1)
    assert (machine.executions["one"].status, calls) == ("ABORTED", [])
    assert not machine.start("one", {})


def test_a_task_may_run_twice_and_an_execution_too() -> None:
    calls: list[dict[str, Any]] = []
    walked({"DoIt": a_task()}, {"do_it": calls.append}, "DoIt", task_run_twice=1)
    walked({"DoIt": a_task()}, {"do_it": calls.append}, "DoIt", execution_doubled=1)
    assert calls == [{"n": 1}] * 4


def test_a_state_with_a_field_that_is_not_obeyed_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="HeartbeatSeconds"):
        compile_definition({"StartAt": "DoIt", "States": {"DoIt": a_task(HeartbeatSeconds=5)}})


def test_the_definition_of_orders_is_understood_whole() -> None:
    assert "PlanOrder" in read_definition().states
