import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { DeadlineError } from "../../../../../shared/core/errors.ts";
import { blameOf } from "../../../../../shared/core/failure/blame-error.ts";
import { type Processor, runBounded } from "../../../../../shared/schemas/json-schema/run-bounded.ts";
import { MAX_VALIDATION_MS, VALIDATION_TRIES_MS } from "../../../../../shared/schemas/limits.ts";

const endless = () => {
  for (;;) {
    // Goes on.
  }
};

test("what it runs is answered, and what that throws is thrown", () => {
  expect(runBounded(() => 7, "it")).toBe(7);
  expect(() => runBounded(() => fail(new TypeError("no")), "it")).toThrow(TypeError);
});

test("what does not end is ended, also within another one, and the next runs as before", () => {
  const nested = () => runBounded(() => runBounded(endless, "the inner"), "the outer");

  expect(nested).toThrow(/^the outer (?:takes longer|was not done)/); // As the machine's load has it.
  expect(runBounded(() => "still", "it")).toBe("still");
}, 120_000);

test("RBD1: a run that has used its time of the processor is ended once, and the record is to blame", () => {
  const { processor, tries } = processorThatUses([MAX_VALIDATION_MS]);

  const refusal = new UndecodableError(`it takes longer than ${MAX_VALIDATION_MS} ms for it`);
  expect(() => runBounded(() => 7, "it", processor)).toThrow(refusal);
  expect(tries).toEqual([VALIDATION_TRIES_MS[0]]);
});

test.each([1, 2])(
  "RBD2: a run that the clock ended %i times before its time was used is answered by the next",
  (times) => {
    const { processor, tries } = processorThatUses(Array.from({ length: times }, () => MAX_VALIDATION_MS - 1));

    expect(runBounded(() => 7, "it", processor)).toBe(7);
    expect(tries).toEqual(VALIDATION_TRIES_MS.slice(0, times + 1));
  },
);

test("RBD2: the time of tries that were ended is not added up, and time is to blame after the last of them", () => {
  const { processor, tries } = processorThatUses(VALIDATION_TRIES_MS.map(() => MAX_VALIDATION_MS - 1));

  const error = errorOf(() => runBounded(() => 7, "it", processor));

  expect(error).toBeInstanceOf(DeadlineError);
  expect(blameOf(error)).toBe("time");
  expect(tries).toEqual(VALIDATION_TRIES_MS);
  expect(runBounded(() => "still", "it")).toBe("still");
});

test("RBD1: a run that gets the processor at the second try only, and does not end there, is the record's fault", () => {
  const { processor, tries } = processorThatUses([0, MAX_VALIDATION_MS]);

  expect(() => runBounded(() => 7, "it", processor)).toThrow(UndecodableError);
  expect(tries).toEqual(VALIDATION_TRIES_MS.slice(0, 2));
});

test("RBD2: what a run throws is thrown at once, and is no time that is up", () => {
  const { processor, tries } = processorThatUses([]);

  expect(() => runBounded(() => fail(new TypeError("no")), "it", processor)).toThrow(TypeError);
  expect(tries).toHaveLength(1);
});

/** Ends as many runs by the clock, each after it used so much of the processor; those after them are let run. */
function processorThatUses(usedMs: readonly number[]): { readonly processor: Processor; readonly tries: number[] } {
  const tries: number[] = [];
  let cpuMs = 40;
  const processor: Processor = {
    cpuMs: () => cpuMs,
    runFor(run, wallMs) {
      const used = usedMs[tries.length];
      tries.push(wallMs);
      if (used === undefined) {
        return run();
      }
      cpuMs += used;
      throw Object.assign(new Error("ended"), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });
    },
  };
  return { processor, tries };
}

function errorOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function fail(error: Error): never {
  throw error;
}
