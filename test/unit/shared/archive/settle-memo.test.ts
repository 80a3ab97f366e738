import { expect, onTestFinished, test } from "vitest";
import { decodeMemo, decodeReceipt } from "../../../../shared/archive/archive-memo.ts";
import { jsonLines } from "../../../../shared/archive/lines/line-formats.ts";
import { ConfigurationError, OutputUnavailableError } from "../../../../shared/core/errors.ts";
import { anOutputRange, kafkaRecords, NOON, openBench, openPrepared } from "../../../support/archive/archive-bench.ts";
import { refusal } from "../../../support/s3/object-store.ts";
import { startStoreServer } from "../../../support/s3/store-server.ts";

const range = anOutputRange({ untilOffset: 104n });
const HOUR_MS = 3_600_000n;

/** Two objects that are prepared and not settled. */
async function prepareTwo() {
  const server = await startStoreServer();
  onTestFinished(() => server.close());
  const output = openBench(server.access, { format: jsonLines({ compression: "none" }) });
  const open = await openPrepared(output, range);
  await open.write(kafkaRecords(range, (offset) => ({ timestamp: BigInt(NOON) + (offset % 2n) * HOUR_MS })));
  const prepared = await open.prepare({ untilOffset: range.untilOffset, progress: "" });
  await open.close();
  const memo = prepared === "nothing" ? expect.unreachable("something was written") : prepared.memo;
  const settle = async () => (await output.settle?.(memo, range)) ?? expect.unreachable();
  return { server, store: server.store, output, memo, settle, objects: decodeMemo(memo).objects };
}

test("SM1: settling completes every object, and says the same each time", async () => {
  const { store, settle, objects } = await prepareTwo();

  const first = await settle();

  expect(await settle()).toEqual(first);
  const { objects: told } = decodeReceipt(first === "nothing" ? "" : first.receipt);
  const kept = [...store.objects].map(([key, { size, checksum }]) => ({ key, bytes: size, crc32: checksum }));
  expect(told).toMatchObject(kept);
  expect(told.map(({ key }) => key)).toEqual(objects.map(({ key }) => key));
  expect(store.uploads.size).toBe(0);
});

test("SM1: several that settle at the same time get one result", async () => {
  const { store, settle } = await prepareTwo();

  const results = await Promise.all(Array.from({ length: 5 }, settle));

  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  expect(results[0]).not.toBe("nothing");
  expect(store.objects.size).toBe(2);
});

test.each([1, 2, 3, 4])("SM1: an answer to request %d that is lost changes nothing", async (lost) => {
  const { server, store, settle } = await prepareTwo();
  const before = server.requests.length;
  server.interfere = (_, number) => (number === before + lost ? "lost" : undefined);

  expect(await settle()).not.toBe("nothing");

  expect(store.objects.size).toBe(2);
});

test.each([0, 1])(
  "SM1: where upload %d is gone without its object nothing is left, and nothing can come",
  async (gone) => {
    const { store, settle, objects } = await prepareTwo();
    for (const [id, { key }] of store.uploads) {
      if (key === objects[gone]?.key) {
        store.uploads.delete(id);
      }
    }

    expect(await Promise.all([settle(), settle(), settle()])).toEqual(["nothing", "nothing", "nothing"]);

    expect(store.objects.size).toBe(0);
    expect(store.uploads.size).toBe(0);
  },
);

test("SM3: who may have lost the lease removes nothing, and leaves it to the next attempt", async () => {
  const { store, output, memo, objects } = await prepareTwo();
  for (const [id, { key }] of store.uploads) {
    if (key === objects[1]?.key) {
      store.uploads.delete(id);
    }
  }

  // Its time was up a millisecond ago.
  await expect(output.settle?.(memo, { ...range, remainingMs: -1 })).rejects.toThrow(OutputUnavailableError);

  expect([...store.objects.keys()]).toEqual([objects[0]?.key]);
  expect(await output.settle?.(memo, range)).toBe("nothing");
  expect(store.objects.size).toBe(0);
});

test("SM1: another upload of the same content that was first is the object", async () => {
  const { store, settle } = await prepareTwo();
  const first = await settle();
  // As if each upload were still there beside the object.
  const again = await prepareTwo();
  for (const [key, object] of store.objects) {
    again.store.objects.set(key, object);
  }

  expect(await again.settle()).toEqual(first);

  expect(again.store.uploads.size).toBe(0);
});

test("SM2: an object of other content stays, and the error names it with both sizes", async () => {
  const { store, settle, objects } = await prepareTwo();
  const key = objects[1]?.key ?? "";
  store.answer({ method: "PUT", key, query: new URLSearchParams(), headers: {}, body: Buffer.from("somebody's") });

  const failure = await settle().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toContain(`${key} has another content (10 bytes`);
  expect(store.objects.get(key)?.bytes.toString()).toBe("somebody's");
});

test("a key that is being written is waited for, and not for ever", async () => {
  const { server, store, settle } = await prepareTwo();
  let busy = 2;
  server.interfere = ({ method }) =>
    method === "POST" && busy-- > 0 ? refusal(409, "ConditionalRequestConflict") : undefined;

  expect(await settle()).not.toBe("nothing");
  expect(store.objects.size).toBe(2);

  const other = await prepareTwo();
  other.server.interfere = () => refusal(409, "ConditionalRequestConflict");
  await expect(other.settle()).rejects.toBeInstanceOf(OutputUnavailableError);
});

test("a failure that S3 tells in an answer of status 200 is one", async () => {
  const { server, store, settle } = await prepareTwo();
  let failures = 1;
  const failed = { status: 200, body: "<Error><Code>InternalError</Code><Message>later</Message></Error>" };
  server.interfere = ({ method }) => (method === "POST" && failures-- > 0 ? failed : undefined);

  await expect(settle()).rejects.toBeInstanceOf(OutputUnavailableError);

  expect(await settle()).not.toBe("nothing");
  expect(store.objects.size).toBe(2);
});

test("a memo of another release is refused with its version", async () => {
  const { memo, server } = await prepareTwo();
  const output = openBench(server.access);

  await expect(async () => output.settle?.(memo.replace('"v":1', '"v":2'), range)).rejects.toThrow(
    "memo has version 2",
  );
});
