import { expect, test } from "vitest";
import {
  type RecordOutputs,
  type RecordRefusal,
  writeInParts,
} from "../../../../../functions/processor/session/record-outputs.ts";
import {
  InvalidOutputError,
  LedgerUnavailableError,
  OutputLimitError,
  OutputRefusedError,
  RepeatedItemError,
} from "../../../../../shared/core/errors.ts";
import { NO_COUNTS } from "../../../../../shared/core/range/range-record.ts";

type Part = readonly RecordOutputs<string>[];

/** A record at each offset from 0 on, with these outputs. */
function records(...outputs: readonly (readonly string[])[]): Part {
  return outputs.map((own, index) => ({ offset: BigInt(index), outputs: own, countsBelow: NO_COUNTS }));
}

/** What is written, part by part, where `refuse` has nothing against a part's outputs. */
async function write(all: Part, refuse: (outputs: readonly string[]) => Error | undefined) {
  const written: string[] = [];
  const refusals: RecordRefusal[] = [];
  const ended = await writeInParts(
    all,
    async (part, isLast) => {
      const outputs = part.flatMap((one) => one.outputs);
      const refusal = refuse(outputs);
      if (refusal !== undefined) {
        throw refusal;
      }
      written.push(`${outputs.join("")}${isLast ? "." : ""}`);
    },
    (refusal) => refusals.push(refusal),
  ).catch((error: Error) => error);
  return { written, ended, refused: refusals.map(({ offset }) => offset) };
}

function repeated(outputs: readonly string[]): Error | undefined {
  const second = outputs.findIndex((output, index) => outputs.indexOf(output) < index);
  const first = outputs.indexOf(outputs[second] ?? "");
  const details = { tableName: "t", itemKey: "k", outputIndexes: [first, second] } as const;
  return second < 0 ? undefined : new RepeatedItemError("twice", details);
}

const wrong = (outputs: readonly string[], wrap: (outputIndex: number) => Error) =>
  outputs.includes("!") ? wrap(outputs.indexOf("!")) : undefined;

test("RW1: what fits is written at once", async () => {
  expect(await write(records(["a"], ["b", "c"]), repeated)).toEqual({
    written: ["abc."],
    ended: undefined,
    refused: [],
  });
  expect(await write([], repeated)).toEqual({ written: ["."], ended: undefined, refused: [] });
});

test("RW2: the part ends before the record with the second output of an item", async () => {
  const { written, ended } = await write(records(["a"], ["b"], ["c", "a"], ["a"], ["b"], ["b"]), repeated);

  expect(ended).toBeUndefined();
  expect(written).toEqual(["ab", "ca", "ab", "b."]);
});

test("RW2: what is too much for one transaction is halved", async () => {
  const tooMuch = (outputs: readonly string[]) => (outputs.length > 3 ? new OutputLimitError("too many") : undefined);

  const { written } = await write(records(["a"], ["b"], ["c"], ["d", "e"], ["f"]), tooMuch);

  expect(written.join("")).toBe("abcdef.");
  expect(written.every((part) => part.replace(".", "").length <= 3)).toBe(true);
});

test("RW3: one record with two outputs of an item fails at that record, all before it written", async () => {
  const { written, ended, refused } = await write(records(["a"], ["b"], ["c", "c"], ["d"]), repeated);

  expect(written).toEqual(["ab"]);
  expect(ended).toBeInstanceOf(RepeatedItemError);
  expect(refused).toEqual([2n]);
});

test.each([
  ["an output that is invalid", (outputIndex: number) => new InvalidOutputError("no", { outputIndex })],
  ["an output whose condition fails", (outputIndex: number) => new OutputRefusedError("no", { outputIndex })],
  ["an output that nobody names", () => new InvalidOutputError("no")],
])("RW3: %s fails at its record, all before it written", async (_, wrap) => {
  const all = records(["a"], ["b"], ["c"], ["d", "!"], ["e"]);

  const { written, ended, refused } = await write(all, (outputs) => wrong(outputs, wrap));

  expect(written.join("")).toBe("abc");
  expect(ended).toMatchObject({ message: "no" });
  expect(refused).toEqual([3n]);
});

test("what is not about the outputs ends it, and blames no record", async () => {
  const { written, ended, refused } = await write(records(["a"], ["b"]), () => new LedgerUnavailableError("no answer"));

  expect({ written, refused }).toEqual({ written: [], refused: [] });
  expect(ended).toBeInstanceOf(LedgerUnavailableError);
});

test("a refusal of an output that is in no record ends it", async () => {
  const { ended, refused } = await write(records(["a"], ["b"]), () => new InvalidOutputError("no", { outputIndex: 7 }));

  expect(ended).toBeInstanceOf(InvalidOutputError);
  expect(refused).toEqual([]);
});
