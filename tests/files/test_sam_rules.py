"""The rules for the template's resources pass a good one and catch each bad one."""

import pytest
from rules import sam
from rules.documents import read_yaml

GOOD = """
Parameters:
  LogDays: {Type: Number, Default: 30}
Globals:
  Function:
    Runtime: python3.13
    Architectures: [arm64]
    Timeout: 20
    LoggingConfig: {LogFormat: JSON}
Resources:
  OrdersTable:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      SSESpecification: {SSEEnabled: true}
  VaultKey:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {EnableKeyRotation: true}
  ResultsBucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      BucketEncryption: {ServerSideEncryptionConfiguration: []}
  BulkRequestsQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 120
      RedrivePolicy: {deadLetterTargetArn: !GetAtt BulkRequestsDeadLetterQueue.Arn, maxReceiveCount: 5}
  BulkRequestsDeadLetterQueue:
    Type: AWS::SQS::Queue
  HandleBulkRequestFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        BulkRequest:
          Type: SQS
          Properties: {Queue: !GetAtt BulkRequestsQueue.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}
  HandleBulkRequestLogGroup:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub '/aws/lambda/${HandleBulkRequestFunction}', RetentionInDays: !Ref LogDays}
  FulfilOrderStateMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Logging: {Level: ERROR, IncludeExecutionData: false, Destinations: [x]}
Outputs:
  ApiUrl: {Value: !Sub 'https://${ServerlessRestApi}.example'}
  DropBucketName: {Value: x}
  ResultsBucketName: {Value: !Ref ResultsBucket}
  OrdersTableName: {Value: !Ref OrdersTable}
  AccountsTableName: {Value: x}
  WalletTableName: {Value: x}
  BulkRequestsQueueUrl: {Value: !Ref BulkRequestsQueue}
  FulfilOrderStateMachineArn: {Value: !Ref FulfilOrderStateMachine}
"""
LOG_GROUP_NAME = "LogGroupName: !Sub '/aws/lambda/${HandleBulkRequestFunction}'"


def problems_after(old: str, new: str) -> list[str]:
    assert old in GOOD, f"the example has no {old!r}"
    return sam.problems(read_yaml(GOOD.replace(old, new, 1)))


def test_a_good_template_has_no_problems() -> None:
    assert sam.problems(read_yaml(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Runtime: python3.13", "Runtime: python3.12", "Globals.Function.Runtime"),
        ("[arm64]", "[x86_64]", "Globals.Function.Architectures"),
        ("      Events:", "      Runtime: python3.13\n      Events:", "HandleBulkRequestFunction.Runtime is set"),
        (
            "      RedrivePolicy: {deadLetterTargetArn: !GetAtt BulkRequestsDeadLetterQueue.Arn, maxReceiveCount: 5}\n",
            "",
            "no RedrivePolicy",
        ),
        (
            "!GetAtt BulkRequestsDeadLetterQueue.Arn",
            "!GetAtt BulkRequestsQueue.Arn",
            "dead letters go to BulkRequestsQueue",
        ),
        (
            "VisibilityTimeout: 120",
            "VisibilityTimeout: 119",
            "BulkRequestsQueue.VisibilityTimeout is 119; expected at least 6 × 20 s",
        ),
        ("VisibilityTimeout: 120", "DelaySeconds: 0", "BulkRequestsQueue.VisibilityTimeout is 30"),
        ("      Events:", "      Timeout: 21\n      Events:", "expected at least 6 × 21 s"),
        ("VisibilityTimeout: 120", "VisibilityTimeout: !Ref Unknown", "is no number"),
        (
            ", FunctionResponseTypes: [ReportBatchItemFailures]",
            "",
            "HandleBulkRequestFunction.Events.BulkRequest: no ReportBatchItemFailures",
        ),
        (", RetentionInDays: !Ref LogDays", "", "HandleBulkRequestLogGroup: no RetentionInDays"),
        (LOG_GROUP_NAME, "LogGroupName: other", "HandleBulkRequestFunction: no log group"),
        (
            "DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n",
            "Properties:\n",
            "OrdersTable.DeletionPolicy is None",
        ),
        (
            "    UpdateReplacePolicy: Retain\n    Properties:\n",
            "    Properties:\n",
            "OrdersTable.UpdateReplacePolicy is None",
        ),
        (
            "PointInTimeRecoveryEnabled: true",
            "PointInTimeRecoveryEnabled: false",
            "PointInTimeRecoveryEnabled is False",
        ),
        ("SSESpecification: {SSEEnabled: true}", "BillingMode: PAY_PER_REQUEST", "SSESpecification.SSEEnabled is None"),
        ("EnableKeyRotation: true", "EnableKeyRotation: false", "VaultKey.EnableKeyRotation"),
        (
            "DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties: {Enable",
            "Properties: {Enable",
            "VaultKey.DeletionPolicy",
        ),
        (
            "IgnorePublicAcls: true",
            "IgnorePublicAcls: false",
            "ResultsBucket.PublicAccessBlockConfiguration.IgnorePublicAcls is False",
        ),
        ("      BucketEncryption: {ServerSideEncryptionConfiguration: []}\n", "", "ResultsBucket: no BucketEncryption"),
        ("IncludeExecutionData: false", "IncludeExecutionData: true", "IncludeExecutionData is True"),
        ("IncludeExecutionData: false, ", "", "IncludeExecutionData is None"),
        (", Destinations: [x]", "", "FulfilOrderStateMachine.Logging"),
        ("RetentionInDays: !Ref LogDays", "RetentionInDays: 30", "Parameters.LogDays is used nowhere"),
        ("  WalletTableName: {Value: x}\n", "", "Outputs.WalletTableName is missing"),
        ("!Ref OrdersTable}", "!Ref OrderTable}", "Outputs.OrdersTableName.Value refers to OrderTable"),
    ],
)
def test_each_bad_template_is_caught(old: str, new: str, expected: str) -> None:
    found = problems_after(old, new)
    assert any(expected in problem for problem in found), found


def test_a_log_group_may_be_shared_through_the_logging_config() -> None:
    text = GOOD.replace("{LogFormat: JSON}", "{LogFormat: JSON, LogGroup: !Ref HandleBulkRequestLogGroup}")
    assert sam.problems(read_yaml(text.replace(LOG_GROUP_NAME, "LogGroupName: all-functions"))) == []


def test_a_log_group_may_be_found_by_the_name_of_its_function() -> None:
    text = GOOD.replace("      Events:", "      FunctionName: !Sub '${AWS::StackName}-handle'\n      Events:")
    named = text.replace(LOG_GROUP_NAME, "LogGroupName: !Sub '/aws/lambda/${AWS::StackName}-handle'")
    assert sam.problems(read_yaml(named)) == []


def test_a_mapping_apart_from_its_function_is_read_too() -> None:
    mapping = """
  BulkRequestsMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref HandleBulkRequestFunction, EventSourceArn: !GetAtt BulkRequestsQueue.Arn}
Outputs:"""
    assert sam.problems(read_yaml(GOOD.replace("\nOutputs:", mapping))) == [
        "BulkRequestsMapping: no ReportBatchItemFailures in FunctionResponseTypes; one bad message brings all back"
    ]


def test_what_a_parameter_decides_is_left_to_it() -> None:
    text = GOOD.replace("PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: !If [IsLocal, false, true]")
    text = text.replace("VisibilityTimeout: 120", "VisibilityTimeout: !Ref LogDays").replace(
        "Default: 30", "Default: '120'"
    )
    assert sam.problems(read_yaml(text)) == []
