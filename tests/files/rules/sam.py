"""Rules for the resources of the template: what keeps data, hides it, or brings it back."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.documents import as_list, walk
from rules.template import (
    FUNCTION,
    LAMBDA_TIMEOUT,
    QUEUE_TIMEOUT,
    STATE_MACHINE,
    Resource,
    Template,
    function_globals,
    is_intrinsic,
    number,
    plain,
    properties,
    references,
    resources,
)

OUTPUTS = (
    "ApiUrl",
    "DropBucketName",
    "ResultsBucketName",
    "OrdersTableName",
    "AccountsTableName",
    "WalletTableName",
    "BulkRequestsQueueUrl",
    "FulfilOrderStateMachineArn",
)
RETAINED = ("Retain", "RetainExceptOnCreate")
PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
VISIBILITY_FACTOR = 6
DEAD_LETTERS = "DeadLetterQueue"


def problems(template: Template) -> list[str]:
    """Everything wrong with one template, each as 'resource: what was found; expected what'."""
    rules = (_globals, _queues, _consumers, _log_groups, _tables, _keys, _buckets, _machines, _parameters, _outputs)
    return [problem for rule in rules for problem in rule(template)]


def _globals(template: Template) -> Iterator[str]:
    shared = function_globals(template)
    if plain(template, shared.get("Runtime")) != "python3.13":
        yield f"Globals.Function.Runtime is {shared.get('Runtime')!r}; expected 'python3.13'"
    if [plain(template, one) for one in as_list(shared.get("Architectures"))] != ["arm64"]:
        yield f"Globals.Function.Architectures is {shared.get('Architectures')!r}; expected ['arm64']"
    for name, resource in resources(template, FUNCTION):
        for field in ("Runtime", "Architectures"):
            if field in properties(resource):
                yield f"{name}.{field} is set; expected it in Globals only"


def _queues(template: Template) -> Iterator[str]:
    queues = dict(resources(template, "AWS::SQS::Queue"))
    for name, queue in queues.items():
        target = (properties(queue).get("RedrivePolicy") or {}).get("deadLetterTargetArn")
        if name.endswith(DEAD_LETTERS):
            continue
        if target is None:
            yield f"{name}: no RedrivePolicy.deadLetterTargetArn; expected !GetAtt …{DEAD_LETTERS}.Arn"
        for other in sorted(references(target)):
            if not other.endswith(DEAD_LETTERS) or other not in queues:
                yield f"{name}: dead letters go to {other}; expected a queue of this template named …{DEAD_LETTERS}"


def _consumers(template: Template) -> Iterator[str]:
    """Pairs of function and queue, from SAM's events and from plain event source mappings."""
    queues = dict(resources(template, "AWS::SQS::Queue"))
    for place, function, source, mapping in _event_sources(template):
        if "ReportBatchItemFailures" not in as_list(mapping.get("FunctionResponseTypes")):
            yield f"{place}: no ReportBatchItemFailures in FunctionResponseTypes; one bad message brings all back"
        for name in sorted(references(source) & set(queues)):
            yield from _visibility(template, place, name, queues[name], function)


def _event_sources(template: Template) -> Iterator[tuple[str, Resource, Any, Mapping[str, Any]]]:
    functions = dict(resources(template, FUNCTION))
    for name, function in functions.items():
        for event, spec in (properties(function).get("Events") or {}).items():
            if spec.get("Type") == "SQS":
                yield f"{name}.Events.{event}", function, properties(spec).get("Queue"), properties(spec)
    for name, mapping in resources(template, "AWS::Lambda::EventSourceMapping"):
        for target in sorted(references(properties(mapping).get("FunctionName")) & set(functions)):
            yield name, functions[target], properties(mapping).get("EventSourceArn"), properties(mapping)


def _visibility(template: Template, place: str, name: str, queue: Resource, function: Resource) -> Iterator[str]:
    timeout = number(
        template, properties(function).get("Timeout", function_globals(template).get("Timeout", LAMBDA_TIMEOUT))
    )
    visible = number(template, properties(queue).get("VisibilityTimeout", QUEUE_TIMEOUT))
    if timeout is None or visible is None:
        yield f"{place}: Timeout or {name}.VisibilityTimeout is no number; expected one, or a parameter with a default"
    elif visible < VISIBILITY_FACTOR * timeout:
        least = f"{VISIBILITY_FACTOR} × {timeout} s = {VISIBILITY_FACTOR * timeout}"
        yield f"{name}.VisibilityTimeout is {visible}; expected at least {least}, after {place}"


def _log_groups(template: Template) -> Iterator[str]:
    groups = dict(resources(template, "AWS::Logs::LogGroup"))
    for name, group in groups.items():
        if not properties(group).get("RetentionInDays"):
            yield f"{name}: no RetentionInDays; logs would be kept, and paid, for ever"
    for name, function in resources(template, FUNCTION):
        config = properties(function).get("LoggingConfig") or function_globals(template).get("LoggingConfig") or {}
        if references(config.get("LogGroup")) & set(groups):
            continue
        if not any(_is_group_of(properties(group).get("LogGroupName"), name, function) for group in groups.values()):
            yield (
                f"{name}: no log group; expected LoggingConfig.LogGroup: !Ref <an AWS::Logs::LogGroup>, "
                f"or one with LogGroupName: !Sub /aws/lambda/${{{name}}}"
            )


def _is_group_of(group_name: Any, logical_id: str, function: Resource) -> bool:
    given = properties(function).get("FunctionName")
    return logical_id in references(group_name) or (
        given is not None and _text(group_name) == f"/aws/lambda/{_text(given)}"
    )


def _text(node: Any) -> str:
    return str(node.get("Fn::Sub", node)) if isinstance(node, Mapping) else str(node)


def _is_on(node: Any) -> bool:
    """True, or left to a parameter or a condition."""
    return node is True or is_intrinsic(node)


def _retention(name: str, resource: Resource) -> Iterator[str]:
    for field in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(field) not in RETAINED and not is_intrinsic(resource.get(field)):
            yield f"{name}.{field} is {resource.get(field)!r}; expected Retain: it holds what nobody can buy again"


def _tables(template: Template) -> Iterator[str]:
    for name, table in resources(template, "AWS::DynamoDB::Table"):
        yield from _retention(name, table)
        for block, field in (
            ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
            ("SSESpecification", "SSEEnabled"),
        ):
            spec = properties(table).get(block) or {}
            if not is_intrinsic(spec) and not _is_on(spec.get(field)):
                yield f"{name}.{block}.{field} is {spec.get(field)!r}; expected true"


def _keys(template: Template) -> Iterator[str]:
    """Cards sealed under a key that is gone are gone as well."""
    for name, key in resources(template, "AWS::KMS::Key"):
        yield from _retention(name, key)
        if not _is_on(properties(key).get("EnableKeyRotation")):
            yield f"{name}.EnableKeyRotation is {properties(key).get('EnableKeyRotation')!r}; expected true"


def _buckets(template: Template) -> Iterator[str]:
    for name, bucket in resources(template, "AWS::S3::Bucket"):
        block = properties(bucket).get("PublicAccessBlockConfiguration") or {}
        for field in PUBLIC_ACCESS:
            if block.get(field) is not True:
                yield f"{name}.PublicAccessBlockConfiguration.{field} is {block.get(field)!r}; expected true"
        if not properties(bucket).get("BucketEncryption"):
            yield f"{name}: no BucketEncryption"


def _machines(template: Template) -> Iterator[str]:
    for name, machine in resources(template, STATE_MACHINE):
        logging = properties(machine).get("Logging") or {}
        if not logging.get("Destinations") or logging.get("Level") not in ("ALL", "ERROR", "FATAL"):
            yield f"{name}.Logging: expected Level ALL, ERROR or FATAL and Destinations"
        if logging.get("IncludeExecutionData") is not False:
            given = logging.get("IncludeExecutionData")
            yield f"{name}.Logging.IncludeExecutionData is {given!r}; expected false: logs carry no data"


def _parameters(template: Template) -> Iterator[str]:
    rest = {section: node for section, node in template.items() if section != "Parameters"}
    used = references(rest)
    for name in template.get("Parameters") or {}:
        if name not in used:
            yield f"Parameters.{name} is used nowhere; expected a !Ref or !Sub of it"


def _outputs(template: Template) -> Iterator[str]:
    outputs = template.get("Outputs") or {}
    for name in OUTPUTS:
        if name not in outputs:
            yield f"Outputs.{name} is missing; the commands and their users read it"
    known = {*(template.get("Resources") or {}), *(template.get("Parameters") or {})}
    for path, node in walk(outputs, ("Outputs",)):
        if len(path) == 3 and path[-1] == "Value":
            for name in sorted(references(node) - known):
                # SAM makes resources of its own, as OrdersApiProdStage; their names begin with one of ours.
                if not name.startswith(("ServerlessRestApi", *map(str, known))):
                    yield f"{'.'.join(path)} refers to {name}; expected a resource of the template"
