import { expect, test } from "vitest";
import { exitCodeOf } from "../../../../../functions/cli/output/exit-codes.ts";
import {
  BeyondEndError,
  ConfigurationError,
  DataLossError,
  RangeReadError,
} from "../../../../../shared/core/errors.ts";

test.each([
  [new ConfigurationError("wrong"), 2],
  [new ConfigurationError("below the log", { passes: "beginning" }), 3],
  [new ConfigurationError("beyond the log", { passes: "end" }), 4],
  [new DataLossError("gone", { fromOffset: 1n, loss: { kind: "deleted", beginningOffset: 5n } }), 3],
  [new BeyondEndError("not there", { untilOffset: 9n, endOffset: 5n }), 4],
  [new RangeReadError("broker silent"), 1],
  [new Error("anything else"), 1],
  ["not even an error", 1],
])("%s exits with %i", (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
