import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { createTerminal, OutputClosedError } from "../../../../../functions/cli/output/terminal.ts";

const never = new AbortController().signal;

test("results go to the output, remarks to the notes", async () => {
  const [output, notes] = [new PassThrough(), new PassThrough()];
  const terminal = createTerminal(output, notes, never);

  await terminal.print("a record");
  terminal.note("a summary");

  expect(output.read().toString()).toBe("a record\n");
  expect(notes.read().toString()).toBe("a summary\n");
});

test("print waits for a slow reader", async () => {
  const output = new PassThrough({ highWaterMark: 4 });
  const terminal = createTerminal(output, new PassThrough(), never);
  let isPrinted = false;

  const printing = terminal.print("more than four bytes").then(() => {
    isPrinted = true;
  });
  await new Promise(setImmediate);
  expect(isPrinted).toBe(false);
  output.read();

  await printing;
  expect(isPrinted).toBe(true);
});

test("a closed output ends the work instead of crashing it", async () => {
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  });
  const terminal = createTerminal(output, new PassThrough(), never);

  await expect(terminal.print("first")).rejects.toBeInstanceOf(OutputClosedError);

  await expect(terminal.print("second")).rejects.toBeInstanceOf(OutputClosedError);
});
