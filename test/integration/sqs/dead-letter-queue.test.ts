import { randomUUID } from "node:crypto";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, expect, inject, test } from "vitest";
import { DeadLetterError } from "../../../shared/core/errors.ts";
import { deadLetterId } from "../../../shared/core/failure/dead-letter.ts";
import { createSQSDeadLetterQueue } from "../../../shared/sqs/dead-letter-queue.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { aChain } from "../../support/builders/builders.ts";

const access = localAccess(inject("aws.endpoint"));
const client = new SQSClient(sdkAccess(access));
afterAll(() => client.destroy());

const letter = {
  chain: aChain(),
  topic: "orders",
  partition: 3,
  offset: 37n,
  kind: "rejected",
  error: { name: "Rejected", message: "not JSON: \uFFFE" },
  attempt: 1,
} as const;

test("SF1: a letter that was sent is in the queue, whole and under its id", async () => {
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: `dead-${randomUUID()}` }));
  const target = createSQSDeadLetterQueue({ access, queueUrl: QueueUrl, encode: encodeDeadLetter });

  await target.send(letter);

  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  const bodies = Messages.map(({ Body = "" }) => JSON.parse(Body));
  expect(bodies).toMatchObject([{ id: deadLetterId(letter), offset: "37", error: letter.error }]);
});

test("SF1: a queue that does not take a letter is an error that names both, and may be tried again", async () => {
  const queueUrl = `${inject("aws.endpoint")}/000000000000/no-such-queue`;
  const target = createSQSDeadLetterQueue({ access, queueUrl, encode: encodeDeadLetter });

  const sent = target.send(letter);

  await expect(sent).rejects.toThrow(DeadLetterError);
  await expect(sent).rejects.toThrow(`${deadLetterId(letter)} was not taken by ${queueUrl}`);
});
