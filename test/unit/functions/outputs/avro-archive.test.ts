// Avro records from a log to an archive: decoded by their registry's schema, written by an output.

import { expect, onTestFinished, test } from "vitest";
import { s3Archive } from "../../../../functions/outputs/s3/s3-archive.ts";
import { createRangeProcessor } from "../../../../functions/processor/create-range-processor.ts";
import type { HowToDecode } from "../../../../functions/processor/session/processing-range.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";
import { avroColumns } from "../../../../shared/archive/avro/avro-columns.ts";
import { avroFile } from "../../../../shared/archive/avro/avro-file.ts";
import { parquet } from "../../../../shared/archive/parquet/parquet-format.ts";
import { SchemaRegistryError } from "../../../../shared/core/decode/decode-errors.ts";
import { recordFields } from "../../../../shared/core/source/record-fields.ts";
import { avroPayload } from "../../../../shared/schemas/avro/avro-payload.ts";
import type { SchemaRegistry } from "../../../../shared/schemas/schema-registry.ts";
import { anOutputRange, openBench, openPrepared } from "../../../support/archive/archive-bench.ts";
import { aSchema, avroRecord } from "../../../support/archive/avro-records.ts";
import { startStoreServer } from "../../../support/s3/store-server.ts";
import { createMemoryRegistry, framed } from "../../../support/schemas/memory-registry.ts";

const schema = aSchema([{ name: "id", type: "long" }]);
const one = framed(Buffer.from([2]));
const records = recordsOf([{ value: one }, { value: Buffer.from("no frame") }, { value: null }, { value: one }]);

function archiving(registry: SchemaRegistry, rules: Pick<HowToDecode<never, never>, "onUnusableSchema"> = {}) {
  const how = { value: avroPayload({ registry }), ...rules };
  return createRangeProcessor({
    output: s3Archive({ bucket: "archive", format: avroFile() }),
    process: (range) =>
      range
        .decoded(how)
        .writeEach(({ source, value }) => (value === null ? [] : { ...recordFields(source), avro: value })),
  });
}

test("a record that cannot be decoded rejects itself, and the others are archived with their schema", async () => {
  const result = await runRange(archiving(createMemoryRegistry(() => schema)), { records, crash: { afterCommit: 0 } });

  expect(result.status).toBe("completed");
  expect(result.rejected.map(({ offset }) => offset)).toEqual([1n]);
  const avro = { payload: Buffer.from([2]), schema: expect.objectContaining(schema) };
  expect(result.outputs).toEqual([
    expect.objectContaining({ offset: 0n, avro }),
    expect.objectContaining({ offset: 3n, avro }),
  ]);
});

test("a registry that is down is an outage: the attempt fails, and nothing is rejected", async () => {
  const registry = createMemoryRegistry(() => {
    throw new SchemaRegistryError("down");
  });

  const result = await runRange(archiving(registry), { records });

  expect([result.status, result.rejected, result.outputs]).toEqual(["failed", [], []]);
});

test("so is a schema that cannot be used, and with onUnusableSchema its records alone are rejected", async () => {
  const ofBoth = createMemoryRegistry((id) => (id === "1" ? schema : { format: "AVRO", text: "{" }));
  const broken = Buffer.from([0, 0, 0, 0, 2, 2]);
  const mixed = recordsOf([{ value: one }, { value: broken }, { value: one }]);

  const failed = await runRange(archiving(ofBoth), { records: mixed });
  const rejecting = await runRange(archiving(ofBoth, { onUnusableSchema: "reject" }), { records: mixed });

  expect([failed.status, failed.rejected, failed.committedOffset]).toEqual(["failed", [], 1n]);
  expect(failed.error?.message).toContain("schema 2 cannot be used");
  expect(rejecting.status).toBe("completed");
  expect(rejecting.rejected.map(({ offset }) => offset)).toEqual([1n]);
  expect(rejecting.outputs).toHaveLength(2);
});

test.each([
  ["avroFile", avroFile()],
  ["parquet", parquet({ columns: avroColumns() })],
])("OA2, ACF1: what two attempts at a range make by %s is the same object", async (_, format) => {
  const server = await startStoreServer();
  onTestFinished(() => server.close());
  const output = openBench(server.access, { format });
  const range = anOutputRange();
  const [first, ...others] = Array.from({ length: 50 }, (__, id) => avroRecord(100n + BigInt(id), schema, { id }));

  const attempt = async (groups: readonly (readonly (typeof others)[number][])[]) => {
    const open = await openPrepared(output, range);
    for (const group of groups) {
      await open.write(group);
    }
    const prepared = await open.prepare({ untilOffset: range.untilOffset, progress: "" });
    return prepared === "nothing" ? prepared : output.settle?.(prepared.memo, range);
  };
  const receipt = await attempt([first === undefined ? [] : [first], others]);
  // Settled beside the other, whose object it would refuse if it were not its own.
  const again = await attempt([first === undefined ? [] : [first, ...others]]);

  expect(again).toEqual(receipt);
  expect(receipt).toHaveProperty("receipt");
  expect(server.store.objects.size).toBe(1);
});
