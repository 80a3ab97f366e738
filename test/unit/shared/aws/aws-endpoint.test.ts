import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { describe, expect, test } from "vitest";
import { awsEndpoint } from "../../../../shared/aws/aws-endpoint.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";

const REGIONS = [
  "us-east-1",
  "eu-central-2",
  "il-central-1",
  "mx-central-1",
  "us-gov-west-1",
  "cn-north-1",
  "us-iso-east-1",
  "us-isob-east-1",
  "eu-isoe-west-1",
  "us-isof-south-1",
  "eusc-de-east-1",
] as const;

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

type Arguments = Parameters<typeof getEndpointFromInstructions>;

const sdk: Readonly<Record<string, (options: object) => readonly [{ readonly config: Arguments[2] }, Arguments[1]]>> = {
  dynamodb: (options) => [new DynamoDBClient(options), GetItemCommand],
  lambda: (options) => [new LambdaClient(options), InvokeCommand],
  sqs: (options) => [new SQSClient(options), SendMessageCommand],
  secretsmanager: (options) => [new SecretsManagerClient(options), GetSecretValueCommand],
};

describe.each(REGIONS)("in %s", (region) => {
  test.each(Object.keys(sdk))("%s is where the AWS SDK finds it", async (service) => {
    const [client, command] = sdk[service]?.({ region, credentials }) ?? expect.unreachable();

    const { url } = await getEndpointFromInstructions({}, command, client.config);

    expect(awsEndpoint({ service, region }).href).toBe(url.href);
  });
});

test.each([
  ["u:s3cret@aws.example", 'the endpoint of sqs, as AWS_ENDPOINT_URL has it, "…@aws.example" is not a URL of http'],
  ["https://u:s3cret@aws.example", '"https://…@aws.example" has a user in it'],
])("an endpoint %s is refused without its password", (endpointUrl, problem) => {
  const find = () => awsEndpoint({ service: "sqs", region: "eu-west-1", endpointUrl });

  expect(find).toThrow(ConfigurationError);
  expect(find).toThrow(problem);
  expect(find).not.toThrow("s3cret");
});

test.each([
  [{ useDualStack: true }, "https://sqs.eu-west-1.api.aws/"],
  [{ useFips: true }, "https://sqs-fips.eu-west-1.amazonaws.com/"],
  [{ useFips: true, useDualStack: true }, "https://sqs-fips.eu-west-1.api.aws/"],
  [{ endpointUrl: "http://127.0.0.1:4566" }, "http://127.0.0.1:4566/"],
])("%o leads to %s", (choice, href) => {
  expect(awsEndpoint({ service: "sqs", region: "eu-west-1", ...choice }).href).toBe(href);
});
