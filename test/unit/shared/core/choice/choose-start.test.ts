import { describe, expect, test } from "vitest";
import { chooseStart, chooseStartByTime, type ListedLog } from "../../../../../shared/core/choice/choose-start.ts";
import { aPartition } from "../../../../support/builders/builders.ts";

const listed = (offset: bigint | undefined) => ({ kind: "listed", offset }) as const;
const failed = { kind: "failed", error: new Error("leader is away") } as const;

/** orders-3, whose log holds [4, 10). */
function aLog(overrides: Partial<ListedLog> = {}): ListedLog {
  return { partition: aPartition(), beginning: listed(4n), end: listed(10n), ...overrides };
}

const at = (offset: bigint) => new Map([["orders-3", offset]]);

test.each([
  ["earliest", "earliest", 4n],
  ["latest", "latest", 10n],
  ["-2", at(-2n), 4n],
  ["-1", at(-1n), 10n],
  ["an offset of the log", at(7n), 7n],
  ["its first offset", at(4n), 4n],
  ["its end", at(10n), 10n],
] as const)("%s is chosen as a number", (_, choice, offset) => {
  expect(chooseStart(aLog(), choice)).toEqual({ kind: "chosen", offset });
});

test.each([
  [11n, "the starting offset 11 of orders-3 is beyond its log's end 10"],
  [3n, "the starting offset 3 of orders-3 is below its log's first offset 4: those records are gone"],
])("%d is refused with both numbers", (offset, problem) => {
  expect(chooseStart(aLog(), at(offset))).toEqual({ kind: "refused", problem });
});

test("a partition that the choice does not name is refused by name", () => {
  const problem = "the starting offsets do not name orders-3";

  expect(chooseStart(aLog(), new Map([["orders-2", 5n]]))).toEqual({ kind: "refused", problem });
});

describe("what Kafka did not say", () => {
  test.each<[string, ListedLog["end"], string]>([
    ["was not answered", undefined, "no answer for this partition"],
    ["failed", failed, "leader is away"],
    ["is listed as none", listed(undefined), "the broker listed none"],
  ])("is unknown with its reason when it %s", (_, offset, why) => {
    const [beginning, end] = ["beginning", "end"].map((what) => ({
      kind: "unknown",
      reason: `the ${what} offset is unknown: ${why}`,
    }));

    expect(chooseStart(aLog({ beginning: offset }), "earliest")).toEqual(beginning);
    expect(chooseStart(aLog({ end: offset }), "latest")).toEqual(end);
    expect(chooseStart(aLog({ beginning: offset }), at(5n))).toEqual(beginning);
    expect(chooseStart(aLog({ end: offset }), at(5n))).toEqual(end);
  });

  test("does not matter where the choice does not need it", () => {
    expect(chooseStart(aLog({ end: failed }), "earliest")).toEqual({ kind: "chosen", offset: 4n });
    expect(chooseStart(aLog({ beginning: failed }), "latest")).toEqual({ kind: "chosen", offset: 10n });
  });
});

describe("by time", () => {
  const byTime = (match: ListedLog["end"], onNoMatch: "error" | "latest" = "error") =>
    chooseStartByTime(aLog(), { timestamp: 77n, match, onNoMatch });

  test("the offset that matches is chosen as it is, also above the end that was listed before", () => {
    expect(byTime(listed(7n))).toEqual({ kind: "chosen", offset: 7n });
    expect(byTime(listed(12n))).toEqual({ kind: "chosen", offset: 12n });
  });

  test("no match is refused with partition and timestamp, or is the end", () => {
    const problem = expect.stringContaining("no offset matched the starting timestamps of orders-3 (77)");

    expect(byTime(listed(undefined))).toEqual({ kind: "refused", problem });
    expect(byTime(listed(undefined), "latest")).toEqual({ kind: "chosen", offset: 10n });
  });

  test("no answer is no match: it is asked for again", () => {
    const reason = "the offset of timestamp 77 is unknown: leader is away";

    expect(byTime(failed, "latest")).toEqual({ kind: "unknown", reason });
  });
});
