import { afterEach, beforeEach, expect, test } from "vitest";
import { catchInterrupts } from "../../../../../functions/local/run/interrupts.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let before: ReadonlyMap<string, readonly NodeJS.SignalsListener[]>;

beforeEach(() => {
  before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
});

afterEach(() => {
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal).filter((one) => before.get(signal)?.includes(one) !== true)) {
      process.off(signal, listener);
    }
  }
});

test.each(SIGNALS)("%s lets the run come to its end", (signal) => {
  const { stopping, ended } = catchInterrupts(() => undefined);

  process.emit(signal, signal);

  expect([stopping.aborted, ended.aborted]).toEqual([true, false]);
});

test("IN1: what comes at the same moment is one keystroke", () => {
  const { stopping, ended } = catchInterrupts(() => undefined, 60_000);

  process.emit("SIGINT", "SIGINT");
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");

  expect([stopping.aborted, ended.aborted]).toEqual([true, false]);
});
