"""Rules of tables and buckets."""

from tests.template.cloudformation import Template, names, properties, text


def table_is_safe(stack: Template, name: str) -> list[str]:
    table = properties(stack, name)
    checks = {
        "cannot be restored to a point in time": table.get("PointInTimeRecoverySpecification")
        == {"PointInTimeRecoveryEnabled": True},
        "is not encrypted with a key of the account": table.get("SSESpecification") == {"SSEEnabled": True},
        "can be deleted in production": table.get("DeletionProtectionEnabled") == {"Fn::If": ["IsProd", True, False]},
        "is paid by the hour": table.get("BillingMode") == "PAY_PER_REQUEST",
    }
    return [f"{name} {problem}" for problem, fine in checks.items() if not fine]


def bucket_is_private(stack: Template, name: str) -> list[str]:
    bucket = properties(stack, name)
    block = bucket.get("PublicAccessBlockConfiguration", {})
    switches = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    problems = [f"{name} does not set {switch}" for switch in switches if block.get(switch) is not True]
    if not bucket.get("BucketEncryption"):
        problems.append(f"{name} is not encrypted")
    policies = [properties(stack, policy) for policy in names(stack, "AWS::S3::BucketPolicy")]
    denials = [
        statement
        for policy in policies
        if text(policy["Bucket"]) == f"${{{name}}}"
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    if not denials:
        problems.append(f"{name} can be read without TLS")
    return problems


def data_outlives_the_stack(stack: Template, name: str) -> list[str]:
    resource = stack["Resources"][name]
    wanted = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    return [f"{name} has no {key} {value}" for key, value in wanted.items() if resource.get(key) != value]
