import { expect, onTestFinished, test } from "vitest";
import { openArchiveStore } from "../../../../../functions/cli/outputs/archive-store.ts";
import { writeManifests } from "../../../../../functions/cli/outputs/write-manifests.ts";
import { encodeReceipt } from "../../../../../shared/archive/archive-memo.ts";
import { BATCH_SETTLED_MS } from "../../../../../shared/core/limits.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aChain, aRangeRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { createRecordingTerminal } from "../../../../support/cli/recording-terminal.ts";
import { START } from "../../../../support/fake-clock.ts";
import { startStoreServer } from "../../../../support/s3/store-server.ts";

const PARTITIONS = [0, 1, 2];

/** Three batches of a range in each of three partitions: the last one has a range that is open. */
async function aPipeline() {
  const server = await startStoreServer();
  onTestFinished(() => server.close());
  const ledger = createInMemoryRangeLedger<never>();
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: PARTITIONS }];
  await ledger.writePipeline({ pipeline: "word-count", revision: 1, startedAt: START, topics });
  for (const batch of [1, 2, 3]) {
    for (const partition of PARTITIONS) {
      const [fromOffset, untilOffset] = [BigInt(batch * 10), BigInt(batch * 10 + 10)];
      const key = `archive/part=${partition}/${fromOffset}.jsonl`;
      const object = { key, bytes: 100, records: 10, sha256: "s", crc32: "c-1" };
      const receipt = encodeReceipt({
        bucket: "orders",
        prefix: "archive",
        fromOffset,
        untilOffset,
        objects: [object],
      });
      const place = { chain: aChain({ partition }), partition, fromOffset, untilOffset, batchId: `batch-${batch}` };
      const isOpen = batch === 3 && partition === 2;
      ledger.put(aRangeRecord(isOpen ? place : { ...place, status: "COMPLETED", receipts: [receipt] }));
    }
  }
  const write = async ({ isDryRun = false, now = START + BATCH_SETTLED_MS } = {}) => {
    const terminal = createRecordingTerminal();
    const openBucket = async (name: string) => openArchiveStore(server.access, name, undefined);
    await writeManifests(
      { ledger, terminal, now: () => now, openBucket },
      { pipeline: undefined, isDryRun, json: false },
    );
    return terminal;
  };
  const manifests = () =>
    [...server.store.objects].map(([key, { bytes }]) => [key, JSON.parse(bytes.toString())] as const);
  return { server, ledger, write, manifests };
}

test("BM1: each complete batch gets a manifest of its ranges, once, and one that is open gets none", async () => {
  const { write, manifests } = await aPipeline();

  const first = await write();
  const again = await write();

  expect(first.printed).toEqual([
    "s3://orders/archive/_manifests/batch-1.json",
    "s3://orders/archive/_manifests/batch-2.json",
  ]);
  expect(first.noted).toEqual(["2 manifests written, 0 are there, 1 batches are not complete"]);
  expect(again.noted).toEqual(["0 manifests written, 2 are there, 1 batches are not complete"]);
  const [[, content] = [], ...others] = manifests();
  expect(others).toHaveLength(1);
  expect(content).toMatchObject({ pipeline: "word-count", batchId: "batch-1", ranges: 3, objects: 3, records: 30 });
  expect(content.content.map((range: { readonly partition: number }) => range.partition)).toEqual(PARTITIONS);
});

test("BM1: a batch that a run of the scheduler may still plan in has to wait", async () => {
  const { write, manifests } = await aPipeline();

  const { noted } = await write({ now: START + BATCH_SETTLED_MS - 1 });

  expect(manifests()).toEqual([]);
  expect(noted).toEqual([
    "0 manifests written, 0 are there, 1 batches are not complete, 2 are complete, and younger than 5 minutes: run it again then",
  ]);
});

test("where nothing is in an archive, it is said that manifests are of archives", async () => {
  const ledger = createInMemoryRangeLedger<never>();
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [0] }];
  await ledger.writePipeline({ pipeline: "word-count", revision: 1, startedAt: START, topics });
  ledger.put(aRangeRecord({ status: "COMPLETED" }));
  const terminal = createRecordingTerminal();
  const openBucket = async () => expect.unreachable();

  await writeManifests(
    { ledger, terminal, now: () => START + BATCH_SETTLED_MS, openBucket },
    { pipeline: "word-count", isDryRun: false, json: false },
  );

  expect(terminal.noted).toEqual([
    "0 manifests written, 0 are there, 0 batches are not complete",
    "nothing of pipeline word-count is in an archive so far: a manifest names the objects of an s3Archive",
  ]);
});

test("a dry run says what would be written, and writes nothing", async () => {
  const { write, manifests } = await aPipeline();

  const { printed, noted } = await write({ isDryRun: true });

  expect(printed).toHaveLength(2);
  expect(noted).toEqual(["2 manifests to be written, 0 are there, 1 batches are not complete"]);
  expect(manifests()).toEqual([]);
});

test.each([1, 2, 3])(
  "WMA1: a writer that dies at request %d, or whose answer is lost, leaves the rest to the next",
  async (at) => {
    const whole = await aPipeline();
    await whole.write();
    const { server, write, manifests } = await aPipeline();
    server.interfere = (_, number) =>
      number === at ? { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" } : undefined;

    await expect(write()).rejects.toThrow("may not do this to bucket orders");
    const lost = new Set<string>();
    server.interfere = ({ method, key }) => {
      const isFirst = method === "PUT" && !lost.has(key);
      lost.add(key);
      return isFirst ? "lost" : undefined;
    };
    await write();

    expect(manifests()).toEqual(whole.manifests());
  },
);

test("WMA1: two writers at once leave the same, and a manifest of somebody else's is never replaced", async () => {
  const { server, write, manifests } = await aPipeline();
  await Promise.all([write(), write(), write()]);
  expect(manifests()).toHaveLength(2);

  const key = "archive/_manifests/batch-1.json";
  server.store.objects.delete(key);
  server.interfere = (request) => {
    if (request.method === "PUT" && !server.store.objects.has(key)) {
      const content = { bytes: Buffer.from("{}"), size: 2, etag: '"e"', checksum: undefined };
      server.store.objects.set(key, { ...content, headers: {}, modifiedAt: 0 });
    }
    return undefined;
  };

  await expect(write()).rejects.toThrow(`s3://orders/${key} is there with another content than the ledger has`);
  expect(server.store.objects.get(key)?.bytes.toString()).toBe("{}");
});
