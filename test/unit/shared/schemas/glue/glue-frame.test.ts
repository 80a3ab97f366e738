import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { readGlueFrame } from "../../../../../shared/schemas/glue/glue-frame.ts";
import { MAX_INFLATED_BYTES } from "../../../../../shared/schemas/limits.ts";

const UUID = "b7b4a7f09c964e4aa687fb5de9ef0c63";
const frame = (start: string, payload: Buffer) => Buffer.concat([Buffer.from(`${start}${UUID}`, "hex"), payload]);

test("what would inflate beyond the bound is refused, and no memory taken for it", () => {
  const bomb = frame("0305", deflateSync(Buffer.alloc(MAX_INFLATED_BYTES + 1)));

  expect(bomb.length).toBeLessThan(100_000);
  expect(() => readGlueFrame(bomb, "AVRO")).toThrow(`cannot be inflated to at most ${MAX_INFLATED_BYTES} bytes`);
});

test.each([
  ["another first byte", frame("0000", Buffer.from("a"))],
  ["a compression that there is not", frame("0301", Buffer.from("a"))],
  ["a payload that is not compressed and says so", frame("0305", Buffer.from("abc"))],
  ["an id that is cut off", Buffer.from("0300b7b4", "hex")],
])("%s is no frame", (_, bytes) => {
  expect(() => readGlueFrame(bytes, "AVRO")).toThrow(UndecodableError);
});
