"""The rules for permissions pass a narrow statement and catch each wide one."""

import pytest
from rules import iam
from rules.documents import read_yaml

FUNCTION = """
Resources:
  CreateOrderFunction:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - {POLICY}
"""
QUEUE = """
Resources:
  DropQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      PolicyDocument:
        Statement:
          - {POLICY}
"""


def problems_of(policy: str, around: str = FUNCTION) -> list[str]:
    text = around.replace("{POLICY}", policy)
    return iam.problems(read_yaml(text), text)


def statement(action: str, resource: str) -> str:
    return f"Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]"


@pytest.mark.parametrize(
    "policy",
    [
        statement("dynamodb:GetItem", "!GetAtt OrdersTable.Arn"),
        statement("[s3:PutObject, s3:GetObject]", "!Sub '${ResultsBucket.Arn}/results/*'"),
        statement("states:StartExecution", "[!Ref FulfilOrderStateMachine, !GetAtt OrdersTable.Arn]"),
        statement(
            "states:StartExecution",
            "!Sub 'arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-fulfil'",
        ),
        statement("logs:CreateLogDelivery", "'*'") + " # why: the action knows no resource",
        "DynamoDBReadPolicy: {TableName: !Ref OrdersTable}",
        "AWSXRayDaemonWriteAccess",
        "Statement: [{Effect: Deny, Action: 's3:*', Resource: '*'}]",
    ],
)
def test_a_narrow_or_explained_policy_passes(policy: str) -> None:
    assert problems_of(policy) == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement("dynamodb:GetItem", "'*'"), "(line 7): Resource is '*'"),
        (statement("dynamodb:GetItem", "'*'") + " # for now", "Resource is '*'"),
        (statement("dynamodb:GetItem", "['*']"), "Resource is '*'"),
        (statement("'dynamodb:*'", "!GetAtt OrdersTable.Arn"), "'dynamodb:*' is a wildcard"),
        (statement("['s3:Get*']", "!GetAtt OrdersTable.Arn"), "'s3:Get*' is a wildcard"),
        (statement("s3:GetObject", "arn:aws:s3:::bucket/*"), "is written out"),
        (statement("s3:GetObject", "!Sub 'arn:aws:s3:::${AWS::AccountId}-*'"), "names no resource of ours"),
        ("Statement: [{Effect: Allow, NotAction: s3:GetObject, Resource: !GetAtt X.Arn}]", "permits all but a list"),
        ("Statement: [{Effect: Allow, Action: s3:GetObject, NotResource: !GetAtt X.Arn}]", "permits all but a list"),
        ("DynamoDBReadPolicy: {TableName: orders}", "DynamoDBReadPolicy.TableName (line 7): 'orders' is written out"),
        ("AmazonDynamoDBFullAccess", "permits too much"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "permits too much"),
    ],
)
def test_each_wide_policy_is_caught(policy: str, expected: str) -> None:
    found = problems_of(policy)
    assert any(expected in problem for problem in found), found


def test_a_queue_policy_for_everybody_is_caught() -> None:
    found = problems_of(
        "{Effect: Allow, Principal: '*', Action: sqs:SendMessage, Resource: !GetAtt DropQueue.Arn}", QUEUE
    )
    assert found == [
        (
            "DropQueuePolicy.Properties.PolicyDocument.Statement.0.Principal (line 8): "
            "lets everybody in; expected a principal or a Condition"
        )
    ]


def test_a_key_policy_needs_its_reason() -> None:
    policy = (
        "{Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}"
    )
    assert len(problems_of(policy, QUEUE)) == 2
    assert problems_of(policy + " # why: the account must be able to manage its key", QUEUE) == []
