import { expect, test } from "vitest";
import { lookAroundLines } from "../../../../../functions/local/view/look-around.ts";

const outputs = {
  PipelineName: "WordCount",
  LedgerTableName: "Ledger-1",
  SchedulerFunctionName: "Scheduler-1",
  ProcessorFunctionName: "Processor-1",
  OnFailureQueueUrl: "http://127.0.0.1:4566/OnFailure",
  DeadLetterTarget: "http://127.0.0.1:4566/DeadLetters",
};

test("another shell is told where the servers are, and commands with the names of this run", () => {
  const lines = lookAroundLines({
    endpoint: "http://127.0.0.1:4566",
    bootstrapServers: "127.0.0.1:9092",
    environment: { account: "000000000000", region: "us-east-1" },
    pipelines: [{ outputs, partition: { topic: "lines-1", partition: 0 } }],
  });

  expect(lines).toEqual([
    expect.stringContaining("paste into another shell"),
    "",
    "unset AWS_PROFILE AWS_SESSION_TOKEN",
    "export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ENDPOINT_URL_S3=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=local",
    "export BOOTSTRAP_SERVERS=127.0.0.1:9092 TOPIC=lines-1",
    "npx ranges status --table Ledger-1 --pipeline WordCount --bootstrap-servers 127.0.0.1:9092",
    "npx ranges verify --table Ledger-1 --pipeline WordCount --bootstrap-servers 127.0.0.1:9092",
    "npx ranges reprocess --function Scheduler-1 --request-id again-1 --range lines-1:0:0:10 --wait",
    "npx ranges dead-letters list --target http://127.0.0.1:4566/DeadLetters --pipeline WordCount",
    expect.stringMatching(/^aws lambda invoke --function-name Scheduler-1 --payload '\{"tick":\{\}\}' /),
    "",
  ]);
});

test("letters of a topic are read from the brokers", () => {
  const lines = lookAroundLines({
    endpoint: "http://127.0.0.1:4566",
    bootstrapServers: "127.0.0.1:9092",
    environment: { account: "000000000000", region: "us-east-1" },
    pipelines: [{ outputs: { ...outputs, DeadLetterTarget: "topic:lines.dlq" } }],
  });

  expect(lines).toContain(
    "npx ranges dead-letters list --target topic:lines.dlq --pipeline WordCount --bootstrap-servers 127.0.0.1:9092",
  );
});

test("of a pipeline whose topics only Kafka knows no range is named", () => {
  const lines = lookAroundLines({
    endpoint: "http://127.0.0.1:4566",
    bootstrapServers: "127.0.0.1:9092",
    environment: { account: "123456789012", region: "eu-west-1" },
    pipelines: [{ outputs }],
  });

  expect(lines.join("\n")).toContain(
    "AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=123456789012",
  );
  expect(lines).toContain("export BOOTSTRAP_SERVERS=127.0.0.1:9092");
  expect(lines.filter((line) => line.includes("reprocess"))).toEqual([]);
});
