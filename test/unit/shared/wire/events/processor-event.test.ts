import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { decodeProcessorEvent } from "../../../../../shared/wire/events/processor-event.ts";
import { encodeRangeMessage } from "../../../../../shared/wire/events/range-message.ts";
import { decodeReprocessPayload } from "../../../../../shared/wire/events/reprocess-payload.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";

const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };

test("a dispatch is what the scheduler sends", () => {
  const record = aRangeRecord();

  expect(decodeProcessorEvent(JSON.parse(encodeRangeMessage({ record })))).toEqual({
    kind: "dispatch",
    dispatch: { record },
  });
});

test("one range and a request id are the request that the scheduler would take for them", () => {
  expect(decodeProcessorEvent({ requestId: "again-1", range })).toEqual({
    kind: "direct",
    payload: decodeReprocessPayload({ requestId: "again-1", ranges: [range] }),
  });
});

test.each<[object, string]>([
  [{ range }, "requestId is missing: expected 1 to 64 letters"],
  [{ requestId: "again-1" }, 'range is missing: expected {"topic", "partition", "fromOffset", "untilOffset"}'],
  [{ requestId: "again-1", range: { ...range, fromOffset: "x" } }, 'range.fromOffset is "x": expected an offset'],
  [{ requestId: "again-1", range: { ...range, fromOffset: "05" } }, 'range.fromOffset is "05": expected an offset'],
  [{ requestId: "again-1", range: { ...range, partition: "3" } }, 'range.partition is "3": expected a whole number'],
  [{ requestId: "again-1", range: { ...range, note: 1 } }, "range.note is unknown: remove it"],
  [{ requestId: "again-1", range, ranges: [] }, "ranges is unknown: remove it"],
  [{ requestId: "a b", range: { ...range, partition: -1 } }, "requestId is"],
])("%j is refused", (event, message) => {
  expect(() => decodeProcessorEvent(event)).toThrow(ConfigurationError);
  expect(() => decodeProcessorEvent(event)).toThrow(message);
});

test.each([{ reprocess: {} }, { tick: {} }, {}, null, undefined, 5, [], "text"])("%j is no dispatch", (event) => {
  expect(() => decodeProcessorEvent(event)).toThrow(ConfigurationError);
  expect(() => decodeProcessorEvent(event)).toThrow("the event is not a range message of version 1");
});
