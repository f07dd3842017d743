"""One name, four places: a whole set passes, and each missing place is caught."""

from dataclasses import replace

from rules.documents import read_yaml
from rules.names import Names, camel, problems, use_cases_in

TEMPLATE = """
Resources:
  CreateOrderFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/create_order/}
  OrdersApiFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./functions/orders_api}
  FulfilOrderStateMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachine/fulfil_order.asl.yaml
      DefinitionSubstitutions: {CreateOrderFunctionArn: !GetAtt CreateOrderFunction.Arn}
"""
DEFINITION = """
StartAt: BuyLots
States:
  BuyLots:
    Type: Map
    ItemProcessor:
      StartAt: CreateOrder
      States:
        CreateOrder: {Type: Task, Resource: '${CreateOrderFunctionArn}', End: true}
"""
GOOD = Names(
    folders={"create_order", "orders_api"},
    template=read_yaml(TEMPLATE),
    definitions={"fulfil_order.asl.yaml": read_yaml(DEFINITION)},
    use_cases={"create_order"},
)


def found_in(names: Names) -> list[str]:
    return problems(names, tasks={"create_order"}, doors={"orders_api"})


def test_a_name_in_all_its_places_passes() -> None:
    assert found_in(GOOD) == []


def test_an_alias_of_the_function_is_the_function() -> None:
    text = TEMPLATE.replace("!GetAtt CreateOrderFunction.Arn", "!Ref CreateOrderFunctionAliaslive")
    assert found_in(replace(GOOD, template=read_yaml(text))) == []


def test_a_missing_folder_is_caught() -> None:
    found = found_in(replace(GOOD, folders={"create_order"}))
    assert "functions/orders_api: is missing" in found
    assert any(problem.startswith("OrdersApiFunction: CodeUri is") for problem in found)


def test_a_missing_resource_is_caught() -> None:
    text = TEMPLATE.replace("OrdersApiFunction", "ApiFunction")
    assert (
        "functions/orders_api: the template has no OrdersApiFunction"
        in found_in(replace(GOOD, template=read_yaml(text)))[0]
    )


def test_a_resource_with_another_folder_is_caught() -> None:
    text = TEMPLATE.replace("functions/create_order/", "functions/orders_api/")
    assert "CreateOrderFunction: CodeUri is 'functions/orders_api/'; expected functions/create_order/" in found_in(
        replace(GOOD, template=read_yaml(text))
    )


def test_a_state_of_another_name_is_caught() -> None:
    definition = read_yaml(DEFINITION.replace("CreateOrder:", "PlaceOrder:"))
    found = found_in(replace(GOOD, definitions={"fulfil_order.asl.yaml": definition}))
    assert found == ["functions/create_order: no state CreateOrder invokes CreateOrderFunction; found ['PlaceOrder']"]


def test_a_state_of_the_name_that_invokes_something_else_is_caught() -> None:
    definition = read_yaml(DEFINITION.replace("'${CreateOrderFunctionArn}'", "arn:aws:states:::sqs:sendMessage"))
    assert "none that does" in found_in(replace(GOOD, definitions={"fulfil_order.asl.yaml": definition}))[0]


def test_a_function_given_to_the_state_machine_needs_its_state_though_nobody_listed_it() -> None:
    definition = read_yaml(DEFINITION.replace("CreateOrder:", "PlaceOrder:"))
    unlisted = problems(replace(GOOD, definitions={"fulfil_order.asl.yaml": definition}), tasks=set(), doors=set())
    assert len(unlisted) == 1


def test_a_missing_use_case_is_caught() -> None:
    assert found_in(replace(GOOD, use_cases={"place_order"})) == [
        "functions/create_order: layers/giftline/giftline has no use case 'def create_order'"
    ]


def test_use_cases_are_functions_and_methods_at_the_top_of_a_module() -> None:
    source = "def one():\n    def inner(): ...\nclass Buying:\n    def two(self): ...\nthree = 3\n"
    assert use_cases_in(source) == {"one", "two"}


def test_snake_becomes_camel() -> None:
    assert camel("get_order_status") == "GetOrderStatus"
