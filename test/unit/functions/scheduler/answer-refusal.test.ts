import { expect, test } from "vitest";
import { answerRefusal } from "../../../../functions/scheduler/answer-refusal.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import { decodeSchedulerEvent } from "../../../../shared/wire/events/scheduler-event.ts";

/** What a function answers that fails by this error, and what it logs. */
async function answering(event: unknown, error: Error) {
  const logged: unknown[] = [];
  const logger = { warn: (...line: readonly unknown[]) => void logged.push(line) };
  const answer = await answerRefusal(event, logger, async () => {
    throw error;
  });
  return { answer, logged };
}

const asking = { reprocess: { requestId: "again-1", answerRefusal: true } };
const refused = new ConfigurationError("orders-3 ends above", { passes: "end" });

test("RF1: who asks for it is answered why the request is refused, and the log keeps it", async () => {
  expect(await answering(asking, refused)).toEqual({
    answer: { refusal: { reason: "orders-3 ends above", passes: "end" } },
    logged: [["the request was refused", { reason: "orders-3 ends above" }]],
  });
});

test.each([
  ["a request that does not ask", { reprocess: { requestId: "again-1" } }],
  ["one that asks in other words", { reprocess: { answerRefusal: "yes" } }],
  ["a tick", { tick: {} }],
  ["no event", undefined],
])("RF1: %s fails where it is refused", async (_, event) => {
  await expect(answering(event, refused)).rejects.toBe(refused);
});

test("RF1: an outage is no refusal, whoever asks", async () => {
  const outage = new RangeReadError("the broker is silent");

  await expect(answering(asking, outage)).rejects.toBe(outage);
});

test("an event that cannot be read is refused by an answer as well", async () => {
  const event = { reprocess: { ...asking.reprocess, ranges: "all" } };
  const answer = await answerRefusal(event, { warn: () => undefined }, async () => decodeSchedulerEvent(event));

  expect(answer).toEqual({ refusal: { reason: expect.stringContaining("ranges") } });
});

test("two requests that differ in it alone ask for the same", () => {
  const ranges = [{ topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" }];
  const [one, other] = [true, false].map((answers) =>
    decodeSchedulerEvent({ reprocess: { requestId: "again-1", ranges, answerRefusal: answers } }),
  );

  expect(one).toEqual(other);
});
