// A consumer's own file, without a renamed key: what it says of brokers, of fetches and
// of records reaches the wire.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { jsonLines, runRanges } from "../../../support/cli/run-ranges.ts";
import { type ScriptedCall, startScriptedBroker } from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog } from "../../../support/kafka/scripted-log.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "client-params-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function startBroker() {
  const fetches: ScriptedCall[] = [];
  const broker = await startScriptedBroker(scriptedLog, (call) => {
    if (call.api === "fetch") {
      fetches.push(call);
    }
    return undefined;
  });
  onTestFinished(() => broker.close());
  return { broker, fetches };
}

async function fileOf(lines: readonly string[]): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.properties`);
  await writeFile(file, lines.join("\n"));
  return file;
}

const SERIALIZATION = "org.apache.kafka.common.serialization";

test("what a consumer's file says of fetches and visible records is what the broker is asked", async () => {
  const { broker, fetches } = await startBroker();
  const file = await fileOf([
    `bootstrap.servers=${broker.bootstrapServers}`,
    "group.id=orders\nenable.auto.commit=false\nauto.offset.reset=latest",
    `key.deserializer=${SERIALIZATION}.StringDeserializer\nvalue.deserializer=${SERIALIZATION}.ByteArrayDeserializer`,
    "fetch.min.bytes=77\nfetch.max.wait.ms=123\nmax.partition.fetch.bytes=4321\nisolation.level=read_uncommitted",
  ]);

  const { code, stdout } = await runRanges(["read", "--command-config", file, "--range", "orders:0:0:6"]);

  expect(code).toBe(0);
  expect(jsonLines(stdout)).toHaveLength(everyOffset.length);
  const asked = fetches.map(({ body }) => ({
    maxWaitMs: body.readInt32BE(4),
    minBytes: body.readInt32BE(8),
    maxBytes: body.readInt32BE(12),
    isolationLevel: body.readInt8(16),
  }));
  // The first fetch waits for nothing.
  expect(asked[0]).toEqual({ maxWaitMs: 0, minBytes: 77, maxBytes: 4321, isolationLevel: 0 });
  expect(asked.at(-1)).toEqual({ maxWaitMs: 123, minBytes: 77, maxBytes: 4321, isolationLevel: 0 });
});

test.each([
  ["earliest", "", [{ topic: "orders", partition: 0, fromOffset: "0", untilOffset: "6" }]],
  ["latest", "the start is latest, by auto.offset.reset", []],
])("auto.offset.reset=%s is where a plan starts that names no start", async (reset, remark, ranges) => {
  const { broker } = await startBroker();
  const file = await fileOf([`bootstrap.servers=${broker.bootstrapServers}`, `auto.offset.reset=${reset}`]);
  const plan = ["plan", "--command-config", file, "--topics", "orders"];

  const { code, stdout, stderr } = await runRanges(plan);
  const given = await runRanges([...plan, "--starting-offsets", '{"orders": {"0": 2}}']);

  expect({ code, ranges: JSON.parse(stdout).ranges }).toEqual({ code: 0, ranges });
  expect(stderr).toContain(remark);
  expect(JSON.parse(given.stdout).ranges).toMatchObject([{ fromOffset: "2" }]);
});

test("auto.offset.reset=none wants a start to be given", async () => {
  const { broker } = await startBroker();
  const file = await fileOf([`bootstrap.servers=${broker.bootstrapServers}`, "auto.offset.reset=none"]);

  const { code, stderr } = await runRanges(["plan", "--command-config", file, "--topics", "orders"]);

  expect(code).toBe(2);
  expect(stderr).toContain("a start has to be given: add --starting-offsets or --starting-timestamp");
});

test.each([
  ["read", "--range", "orders:0:0:1"],
  ["plan", "--topics", "orders"],
])("without brokers, by option or file, ranges %s says where to name them", async (...args) => {
  const bare = await runRanges(args);
  const file = await fileOf(["client.id=me"]);
  const withFile = await runRanges([...args, "--command-config", file]);

  expect([bare.code, withFile.code]).toEqual([2, 2]);
  expect(bare.stderr).toContain("give --bootstrap-servers, or bootstrap.servers in the file of --command-config");
  expect(withFile.stderr).toContain("has no bootstrap.servers: add it, or give --bootstrap-servers");
});
