import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { decodeOnFailureRecord } from "../../../../../shared/wire/events/on-failure-record.ts";
import { decodeReprocessPayload } from "../../../../../shared/wire/events/reprocess-payload.ts";
import { decodeSchedulerEvent } from "../../../../../shared/wire/events/scheduler-event.ts";

function aRecord(requestId: string, first: string, last: string) {
  return {
    requestContext: { requestId, functionArn: "arn:aws:lambda:us-east-1:123456789012:function:orders" },
    KafkaBatchInfo: { recordsInfo: { "orders-3": { firstRecordOffset: first, lastRecordOffset: last } } },
  };
}

/** As `aws sqs receive-message` prints it. */
function received(...bodies: readonly string[]) {
  return {
    Messages: bodies.map((Body, index) => ({
      MessageId: `53dc4d37-${index}`,
      ReceiptHandle: "AQEB…",
      MD5OfBody: "d41d8cd98f00b204e9800998ecf8427e",
      Body,
    })),
  };
}

/** As SNS puts it into a queue without raw delivery. */
function notification(record: object) {
  return {
    Type: "Notification",
    MessageId: "0b0b1b0d",
    TopicArn: "arn:aws:sns:us-east-1:123456789012:failures",
    Message: JSON.stringify(record),
    Timestamp: "2026-01-01T00:00:00.000Z",
    SignatureVersion: "1",
  };
}

const record = aRecord("r-1", "5", "8");
const text = JSON.stringify(record);
const expected = {
  requestId: "r-1",
  ranges: [{ topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n }],
};

const envelopes: readonly [string, unknown][] = [
  ["what aws sqs receive-message prints", received(text)],
  ["one message of it", received(text).Messages[0]],
  ["an SNS notification", notification(record)],
  ["an SNS notification in an SQS message", received(JSON.stringify(notification(record)))],
  ["a Lambda event of SQS", { Records: [{ messageId: "m", body: text, eventSource: "aws:sqs" }] }],
  ["a Lambda event of SNS", { Records: [{ EventSource: "aws:sns", Sns: { Message: text } }] }],
];

test.each([...envelopes, ["its own text", text], ["its text once more as JSON", JSON.stringify(text)]] as const)(
  "an on-failure record is taken out of %s",
  (_, envelope) => {
    expect(decodeOnFailureRecord(envelope)).toEqual(expected);
    expect(decodeReprocessPayload({ onFailureRecord: envelope }).requestId).toBe("r-1");
  },
);

test.each(envelopes)("%s may be the whole event of the scheduler", (_, envelope) => {
  expect(decodeSchedulerEvent(envelope)).toEqual(decodeSchedulerEvent(record));
});

describe("several messages", () => {
  const several = received(text, JSON.stringify(aRecord("r-2", "9", "9")), JSON.stringify(aRecord("r-3", "7", "12")));

  test("need a name for all of them, and are one request under it, each offset once", () => {
    const { target } = decodeReprocessPayload({ requestId: "all", onFailureRecord: several });

    expect(target).toEqual({
      kind: "ranges",
      ranges: [{ topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 13n }],
    });
  });

  test("of several invocations are refused without one, with the ids of those", () => {
    const refused = "the on-failure records are of several invocations, r-1, r-2, r-3: name the request";

    expect(() => decodeReprocessPayload({ onFailureRecord: several })).toThrow(refused);
    expect(() => decodeSchedulerEvent(several)).toThrow(refused);
  });

  test("of one invocation, delivered twice, are one", () => {
    expect(decodeOnFailureRecord(received(text, text))).toEqual(expected);
  });
});

test.each<[string, unknown, string]>([
  ["an empty queue's answer", { Messages: [] }, "there is no message in its envelope"],
  ["a body that is no JSON", received(text, "hello"), "Messages[1].Body is not JSON"],
  ["a body that is another record", received('{"requestPayload":{}}'), "in Messages[0].Body is wrong: KafkaBatchInfo"],
  ["a body with a key twice", received('{"KafkaBatchInfo":{},"KafkaBatchInfo":{}}'), 'names "KafkaBatchInfo" twice'],
  ["an S3 event", { Records: [{ s3: {} }] }, "Records[0] is no message of SQS or SNS"],
  ["a message that is none", { Messages: [null] }, "Messages[0] is no message of SQS or SNS"],
  [
    "a notification of something else",
    received(JSON.stringify(notification({ alarm: 1 }))),
    "in Messages[0].Body.Message is wrong: KafkaBatchInfo is missing",
  ],
])("%s is refused by its place", (_, envelope, message) => {
  expect(() => decodeOnFailureRecord(envelope)).toThrow(ConfigurationError);
  expect(() => decodeOnFailureRecord(envelope)).toThrow(message);
});
