import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkFile } from "../../../../../functions/local/topics/produce-file.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "produce-file-"));
const file = join(folder, "orders.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

test("a line that is no record is told by its number before anything is sent, and empty ones are passed over", async () => {
  writeFileSync(file, '{"value":"one"}\n\n{"value":"two"\n');

  const error: unknown = await checkFile({ file, format: "records" }).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).toContain("line 3");
  await expect(checkFile({ file, format: "text" })).resolves.toBeUndefined();
});

test("what can be read but once is left to the producer", async () => {
  await expect(checkFile({ file: "/dev/null", format: "records" })).resolves.toBeUndefined();
});
