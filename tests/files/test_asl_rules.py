"""The rules for state machines pass a good one and catch each bad one."""

from typing import Any

import pytest
from rules import asl
from rules.asl_variables import expression_problems, names_read
from rules.documents import read_yaml

GOOD = """
Comment: Plan, then buy each lot, then close.
QueryLanguage: JSONata
StartAt: PlanOrder
States:
  PlanOrder:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Arguments:
      FunctionName: ${PlanOrderFunctionArn}
      Payload:
        orderId: '{% $states.input.orderId %}'
    Assign:
      orderId: '{% $states.input.orderId %}'
      lots: '{% $states.result.Payload.lots %}'
    TimeoutSeconds: 60
    Retry: &patiently
      - ErrorEquals: [States.ALL]
        IntervalSeconds: 2
        BackoffRate: 2
        MaxAttempts: 4
        MaxDelaySeconds: 60
        JitterStrategy: FULL
    Catch:
      - ErrorEquals: [States.ALL]
        Assign:
          trouble: '{% $states.errorOutput.Error %}'
        Next: OrderInReview
    Next: BuyLots
  BuyLots:
    Type: Map
    Items: '{% $lots %}'
    ItemSelector:
      lot: '{% $states.context.Map.Item.Value %}'
    ItemProcessor:
      StartAt: CreateOrder
      States:
        CreateOrder:
          Type: Task
          Resource: ${CreateOrderFunctionArn}
          Arguments:
            orderId: '{% $orderId %}'
            lot: '{% $states.input.lot %}'
          Assign:
            wait: '{% $states.result.wait %}'
            outcome: "{% $lookup({'placed': 'ok'}, $states.result.outcome) %}"
          TimeoutSeconds: 30
          Retry: *patiently
          Catch:
            - ErrorEquals: [States.ALL]
              Next: LotInReview
          Next: IsLotReady
        WaitBeforeNextPoll:
          Type: Wait
          Seconds: '{% $wait %}'
          Next: CreateOrder
        IsLotReady:
          Type: Choice
          Choices:
            - Condition: "{% $outcome = 'ready' %}"
              Next: LotReady
            - Condition: "{% $outcome = 'pending' %}"
              Next: WaitBeforeNextPoll
          Default: LotInReview
        LotReady:
          Type: Succeed
        LotInReview:
          Type: Pass
          End: true
    Next: OrderClosed
  OrderClosed:
    Type: Succeed
  OrderInReview:
    Type: Fail
    Error: OrderInReview
    Cause: '{% $trouble %}'
"""


def changed(*replacements: tuple[str, str]) -> Any:
    text = GOOD
    for old, new in replacements:
        assert old in text, f"the example has no {old!r}"
        text = text.replace(old, new, 1)
    return read_yaml(text)


def test_a_good_state_machine_has_no_problems() -> None:
    assert asl.problems(read_yaml(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("StartAt: PlanOrder", "StartAt: PlanOrders", "StartAt is 'PlanOrders'"),
        ("StartAt: CreateOrder", "StartAt: PlanOrder", "BuyLots.ItemProcessor: StartAt is 'PlanOrder'"),
        ("Next: BuyLots", "Next: BuyLot", "Next is 'BuyLot'"),
        ("Default: LotInReview", "Default: Nowhere", "Default is 'Nowhere'"),
        (
            "Next: LotReady",
            "Next: OrderClosed",
            "Choices[0].Next is 'OrderClosed'; expected the name of a state in the same scope",
        ),
        ("Next: OrderInReview", "Next: Nowhere", "Catch[0].Next is 'Nowhere'"),
        ("Next: LotReady", "Next: LotInReview", "LotReady: no way from StartAt leads here"),
        ("Comment: Plan, then buy each lot, then close.\n", "", "no Comment"),
        ("QueryLanguage: JSONata", "QueryLanguage: JSONPath", "QueryLanguage is 'JSONPath'"),
        ("Type: Pass\n", "Type: Pass\n          ResultPath: $.x\n", "ResultPath is JSONPath"),
        ("lot: '{% $states.input.lot %}'", "lot.$: $.lot", "lot.$ is JSONPath"),
        ("TimeoutSeconds: 30", "HeartbeatSeconds: 30", "TimeoutSeconds is None"),
        ("TimeoutSeconds: 30", "TimeoutSecond: 30", "Task has no field TimeoutSecond;"),
        ("TimeoutSeconds: 30", "TimeoutSeconds: 0", "TimeoutSeconds is 0"),
        ("Retry: *patiently\n", "Comment: none\n", "Task without Retry"),
        (
            "Catch:\n            - ErrorEquals: [States.ALL]\n              Next: LotInReview",
            "Comment: x",
            "Task without Catch",
        ),
        ("MaxDelaySeconds: 60\n        ", "", "Retry[0] has no MaxDelaySeconds"),
        ("JitterStrategy: FULL", "JitterStrategy: NONE", "JitterStrategy is 'NONE'"),
        ("BackoffRate: 2", "BackoffRate: 1", "BackoffRate is 1"),
        ("MaxAttempts: 4", "MaxAttempts: 0", "MaxAttempts is 0"),
        (
            "ErrorEquals: [States.ALL]\n        Interval",
            "ErrorEquals: [WpayTimeout]\n        Interval",
            "Retry[0].ErrorEquals is ['WpayTimeout']",
        ),
        (
            "ErrorEquals: [States.ALL]\n        Assign",
            "ErrorEquals: [Refused]\n        Assign",
            "the last Catch does not take",
        ),
        ("          Default: LotInReview\n", "", "Choice without Default"),
        ("Condition: \"{% $outcome = 'ready' %}\"", "Condition: $outcome = 'ready'", "Choices[0].Condition is"),
        ("Type: Pass\n          End: true", "Type: Pass", "not exactly one of Next and End"),
        (
            "Type: Pass\n          End: true",
            "Type: Pass\n          End: true\n          Next: LotReady",
            "not exactly one of Next and End",
        ),
        ("Seconds: '{% $wait %}'", "Comment: for ever", "exactly one of Seconds and Timestamp"),
        ("Type: Fail", "Type: Failed", "Type is 'Failed'"),
        ("wait: '{% $states", "pause: '{% $states", "$wait is assigned nowhere in scope"),
        ("'{% $orderId %}'", "'{% $orderid %}'", "$orderid is assigned nowhere in scope"),
        ("wait: '{% $states", "lots: '{% $states", "assigns $lots, which the top assigns too"),
        ("Cause: '{% $trouble %}'", "Cause: '{% $lots %}'", "$lots is not assigned on every way here"),
        ("Items: '{% $lots %}'", "Items: '{% $mapp($lots, $string) %}'", "$mapp is assigned nowhere"),
        ("Items: '{% $lots %}'", "Items: '{% $wait %}'", "$wait is assigned nowhere in scope"),
        ("Items: '{% $lots %}'", "Items: '{% $states.errorOutput %}'", "read outside a Catch"),
        ("Items: '{% $lots %}'", "Items: '{% $states.result %}'", "$states.result is read where there is none"),
        ("Items: '{% $lots %}'", "Items: '{% $states.inputs %}'", "$states.inputs does not exist"),
        ("Items: '{% $lots %}'", "Items: '{% $count($lots %}'", "BuyLots: Items: the expression has an unbalanced '('"),
    ],
)
def test_each_bad_state_machine_is_caught(old: str, new: str, expected: str) -> None:
    found = asl.problems(changed((old, new)))
    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("IsLotReady", "CheckLot", "named as a question"),
        ("WaitBeforeNextPoll", "Pause", "a Wait says why it waits"),
        ("OrderClosed", "order_closed", "no UpperCamelCase"),
        ("OrderClosed", "Order" * 17, "of at most 80 letters"),
        ("LotReady:", "OrderClosed:", "stands 2 times"),
    ],
)
def test_each_bad_name_is_caught(old: str, new: str, expected: str) -> None:
    found = asl.problems(read_yaml(GOOD.replace(old, new)))
    assert any(expected in problem for problem in found), found


def test_a_loop_without_a_choice_is_caught() -> None:
    found = asl.problems(changed(("Next: LotInReview\n          Next", "Next: WaitBeforeNextPoll\n          Next")))
    assert any("CreateOrder: stands in a loop without a Choice" in problem for problem in found), found


def test_a_loop_that_no_choice_leaves_is_caught() -> None:
    found = asl.problems(
        changed(("Next: LotReady", "Next: CreateOrder"), ("Default: LotInReview", "Default: WaitBeforeNextPoll"))
    )
    assert any("no Choice leaves the loop" in problem for problem in found), found


def test_a_state_from_which_nothing_ends_is_caught() -> None:
    found = asl.problems(changed(("Type: Pass\n          End: true", "Type: Pass\n          Next: LotInReview")))
    assert any("LotInReview: no way from here ends" in problem for problem in found), found


def test_the_branches_of_a_parallel_are_read_too() -> None:
    branch = "{StartAt: Inner, States: {Inner: {Type: Succeed}, Lost: {Type: Succeed}}}"
    both = f"{{Both: {{Type: Parallel, Branches: [{branch}], End: true}}}}"
    text = f"Comment: c\nQueryLanguage: JSONata\nStartAt: Both\nStates: {both}\n"
    assert asl.problems(read_yaml(text)) == [
        "Both.Branches[0].Lost: no way from StartAt leads here; expected every state to be reachable"
    ]


def test_a_distributed_map_does_not_see_outer_variables() -> None:
    inline = "ItemProcessor:\n      StartAt: CreateOrder"
    found = asl.problems(changed((inline, inline.replace("\n", "\n      ProcessorConfig: {Mode: DISTRIBUTED}\n", 1))))
    assert any("$orderId is assigned nowhere in scope" in problem for problem in found), found


def test_substitutions_are_compared_both_ways() -> None:
    definition = read_yaml(GOOD)
    given = {"PlanOrderFunctionArn", "CreateOrderFunctionArn"}
    assert asl.substitution_problems(definition, given) == []
    assert (
        "${CreateOrderFunctionArn} is used"
        in asl.substitution_problems(definition, given - {"CreateOrderFunctionArn"})[0]
    )
    assert "gives Unused" in asl.substitution_problems(definition, given | {"Unused"})[0]


def test_a_definition_of_a_megabyte_is_caught() -> None:
    assert asl.size_problems(GOOD) == []
    assert asl.size_problems("x" * 1_000_000) != []


@pytest.mark.parametrize(
    "expression",
    [
        "{% $states.input.lots[state = 'ready'] %}",
        "{% $string('a ) in quotes') & \"and [ here\" %}",
        "{% /* a ( comment */ $count([1, 2]) %}",
        "{% $replace($states.input.name, /[(]/, '') %}",
        "no expression at all",
    ],
)
def test_a_balanced_expression_passes(expression: str) -> None:
    assert expression_problems(expression) == []


@pytest.mark.parametrize(
    "expression",
    [
        "{% (1 %}",
        "{% 1) %}",
        "{% [1) %}",
        "{% 'open %}",
        "{% %}",
        " {% 1 %}",
        "{% 1 %}\n",
        "{% 1",
        "a {% 1 %} b",
        "{% $$.x %}",
        "{% $eval('1') %}",
    ],
)
def test_a_broken_expression_is_caught(expression: str) -> None:
    assert expression_problems(expression) != []


def test_names_bound_by_the_expression_itself_are_not_read_from_outside() -> None:
    expression = "{% ($half := $total / 2; $map($lots, function($lot, $i) { $lot.cards + $half + $i })) %}"
    assert names_read(expression) == {"total", "lots"}
