"""LocalStack's DynamoDB on a DynamoDB Local that runs already.

LocalStack would download one, with a Java of its own, and start it on every interface.
"""

from localstack.runtime import hooks


@hooks.on_infra_start()
def use_running_dynamodb() -> None:
    """DYNAMODB_LOCAL_PORT is where it runs; LocalStack neither starts nor ends it."""
    from localstack.services.dynamodb.server import DynamodbServer
    from localstack.utils.threads import start_thread

    DynamodbServer.do_start_thread = lambda self: start_thread(lambda _: None, name="dynamodb-local")
    DynamodbServer.stop_dynamodb = lambda self: None
