"""DynamoDB, S3, KMS and the queues, behind the ports of the use cases."""
