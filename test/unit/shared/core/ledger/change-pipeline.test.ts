import { expect, test } from "vitest";
import { changePipeline } from "../../../../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { MAX_CHANGE_TRIES } from "../../../../../shared/core/limits.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { START } from "../../../../support/fake-clock.ts";

const present: PipelineRecord = { pipeline: "word-count", revision: 1, startedAt: START, topics: [] };

/** What the tests change: when the pipeline started. */
function startLater(record: PipelineRecord | undefined) {
  return { topics: [], ...record, startedAt: (record?.startedAt ?? START) + 1 };
}

test("writes the first revision where there is none", async () => {
  const ledger = createInMemoryRangeLedger();

  const changed = await changePipeline(ledger, "word-count", startLater);

  expect(changed).toEqual({ ...present, startedAt: START + 1 });
  expect(await ledger.readPipeline("word-count")).toEqual(changed);
});

test("writes nothing where nothing is left to change, and answers what there is", async () => {
  const ledger = createInMemoryRangeLedger();
  await ledger.writePipeline(present);

  const changed = await changePipeline(ledger, "word-count", () => undefined);

  expect(changed).toEqual(present);
  expect(ledger.writes).toBe(1);
});

test("applies the change to what another writer left, when that one came first", async () => {
  const ledger = createInMemoryRangeLedger();
  await ledger.writePipeline(present);
  let isOvertaken = false;
  const writePipeline: typeof ledger.writePipeline = async (record) => {
    if (!isOvertaken) {
      isOvertaken = true;
      await changePipeline(ledger, "word-count", startLater);
    }
    return ledger.writePipeline(record);
  };

  await changePipeline({ ...ledger, writePipeline }, "word-count", startLater);

  expect(await ledger.readPipeline("word-count")).toEqual({ ...present, revision: 3, startedAt: START + 2 });
});

test("G7: gives up when the record changes under every try", async () => {
  const ledger = createInMemoryRangeLedger();
  let tries = 0;
  const writePipeline = async () => {
    tries += 1;
    return false;
  };

  const changing = changePipeline({ ...ledger, writePipeline }, "word-count", startLater);

  await expect(changing).rejects.toThrow(`changed under each of ${MAX_CHANGE_TRIES} tries`);
  expect(tries).toBe(MAX_CHANGE_TRIES);
});
