// The output of one's own that functions/outputs/README.md shows, run as a pipeline's attempts run it.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OutputCommit, OutputRange, RangeOutput } from "../../../shared/core/output/range-output.ts";
import { Lives, mortalLedger, runToEnd } from "../../support/pipeline/lives.ts";
import { createProcessorBench, ORDERS_0 } from "../../support/pipeline/processor-bench.ts";

const ROOT = join(import.meta.dirname, "../../..");
const VALUES = ["a", "b", "c", "d", "e", "f"];

let folder: string;
let done: string;
let output: RangeOutput<string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-outputs-"));
  const ready = join(folder, "ready");
  done = join(folder, "done");
  await Promise.all([mkdir(ready), mkdir(done)]);
  const text = await readFile(join(ROOT, "functions/outputs/README.md"), "utf8");
  const [, code = ""] = /```ts\n(\/\/ folder-output\.ts\n[\s\S]*?)```/.exec(text) ?? [];
  const entry = JSON.stringify(join(ROOT, "functions/package/pipeline.ts"));
  const file = join(folder, "folder-output.ts");
  await writeFile(file, code.replace('"kafka-offset-ranges"', entry).replace(">= 1_000", ">= 2"));
  const { folderOutput } = await import(pathToFileURL(file).href);
  output = folderOutput(ready, done);
});

afterEach(() => rm(folder, { recursive: true }));

/** What a reader of the store sees, by offset. */
async function visible(): Promise<readonly string[]> {
  const from = (name: string) => Number(name.split("_")[3]);
  const names = (await readdir(done)).toSorted((one, other) => from(one) - from(other));
  const texts = await Promise.all(names.map((name) => readFile(join(done, name), "utf8")));
  return texts.flatMap((text) => text.split("\n").slice(0, -1));
}

/** The output, whose calls that leave a trace can be died at. */
function mortalOutput(own: RangeOutput<string>, lives: Lives): RangeOutput<string> {
  return {
    name: own.name,
    open: async (range) => {
      const opened = await own.open(range);
      if (opened.kind !== "prepared") {
        return expect.unreachable();
      }
      const prepare = async (commit: OutputCommit) => {
        lives.step("before prepare");
        const prepared = await opened.prepare(commit);
        lives.step("after prepare");
        return prepared;
      };
      // What is looked up in the output itself, such as isFull, stays as it is.
      return Object.create(opened, { prepare: { value: prepare } });
    },
    settle: async (memo, range) => {
      lives.step("before settle");
      const settled = await own.settle?.(memo, range);
      lives.step("after settle");
      return settled ?? expect.unreachable();
    },
  };
}

test.each(Array.from({ length: 24 }, (_, index) => index + 1))(
  "OS3, OS4: the documented output takes effect exactly once where the processor dies at step %i, and at the next ones",
  async (step) => {
    const lives = new Lives([step, step, 3]);
    const bench = createProcessorBench();
    bench.log.append(ORDERS_0, VALUES);
    bench.plan(0n, BigInt(VALUES.length));

    const attempts = await runToEnd(bench, lives, () =>
      bench.attempt((range) => range.writeEach(({ value }) => String(value)), {
        deps: { ledger: mortalLedger(bench.ledger, lives), output: mortalOutput(output, lives) },
      }),
    );

    expect(attempts).toBeGreaterThan(1);
    expect(await visible()).toEqual(VALUES);
  },
);

test("OS3: it settles a memo once, whoever does and how often, and says nothing of a disk that is not there", async () => {
  const bench = createProcessorBench();
  const range = { ...bench.plan(0n, 2n), topicId: "id" } as unknown as OutputRange;
  const opened = await output.open(range);
  await opened.write(["a", "b"]);
  const prepared = opened.kind === "prepared" ? await opened.prepare({ untilOffset: 2n, progress: "" }) : "nothing";
  const memo = prepared === "nothing" ? expect.unreachable() : prepared.memo;
  const settle = () => output.settle?.(memo, range);

  expect(await visible()).toEqual([]);
  const receipts = await Promise.all([settle(), settle(), settle()]);

  expect([...receipts, await settle()]).toEqual(Array.from({ length: 4 }, () => ({ receipt: memo })));
  expect(await visible()).toEqual(["a", "b"]);
  await rename(done, join(folder, "away"));
  await expect(settle()).rejects.toMatchObject({ name: "OutputUnavailableError" });
});
