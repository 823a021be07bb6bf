"""Every call to DynamoDB, S3, SQS and SSM. Nothing else in the hub talks to AWS."""
