import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { showStatus } from "../../../../../functions/cli/commands/show-status.ts";
import { createTerminal } from "../../../../../functions/cli/output/terminal.ts";
import { visibleText } from "../../../../../functions/cli/output/visible-text.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aHaltedRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";

/** Breaks the line, clears the screen, rings, deletes, turns the direction, and begins a sequence in one character. */
const HOSTILE = "bad\r\n\u001b[2Jword\u0007\u007f\u202e\u2028\u009b31m\ttab";
const VISIBLE = "bad\\r\\n\\u001b[2Jword\\u0007\\u007f\\u202e\\u2028\\u009b31m\\ttab";

async function statusOf(pipeline: string, json: boolean): Promise<string> {
  const ledger = createInMemoryRangeLedger<never>();
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [0, 1] }];
  await ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
  ledger.put(aHaltedRecord({ partition: 0, error: { name: "Error", message: HOSTILE } }));
  ledger.put(aHaltedRecord({ partition: 1 }));
  const output = new PassThrough();
  const terminal = createTerminal(output, new PassThrough(), new AbortController().signal);
  await showStatus({ ledger, terminal, now: () => 1, place: { table: "t" } }, { pipeline, json });
  return output.read().toString();
}

describe("a text that a pipeline's code threw", () => {
  test("VT1: neither breaks the lines of the status nor steers the terminal", async () => {
    const lines = (await statusOf("word-count", false)).split("\n");

    expect(lines).toContainEqual(expect.stringContaining(`Error: ${VISIBLE}`));
    expect(lines).toHaveLength(9);
    expect(lines.join("")).toMatch(/^[ -~]*$/);
  });

  test("VT2: is in the status as JSON what it was, and steers no terminal either", async () => {
    const json = await statusOf("word-count", true);

    expect(JSON.parse(json).partitions[0].error.message).toBe(HOSTILE);
    expect(json).toMatch(/^[ -~]*\n$/);
  });
});

test("VT1: what is said about the work is one line as well", () => {
  const notes = new PassThrough();

  createTerminal(new PassThrough(), notes, new AbortController().signal).note(`ranges: ${HOSTILE}`);

  expect(notes.read().toString()).toBe(`ranges: ${VISIBLE}\n`);
});

test.each(["", "plain", "größer, 日本, 😀, \\n", `{"a":"\\u001b"}`])("%j is shown as it is", (text) => {
  expect(visibleText(text)).toBe(text);
});
