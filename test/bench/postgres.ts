// Rows per second into a PostgreSQL on this machine, one by one and in bulk: npm run bench:postgres.

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresTransactionOptions } from "../../shared/postgres/output/postgres-output.ts";
import type { PostgresOutput } from "../../shared/postgres/statements/postgres-statement.ts";
import { startPostgres } from "../local/servers/postgres.ts";
import { insertOrder, openAttempt, openPostgresBench } from "../support/postgres/postgres-bench.ts";
import { createSelfSigned } from "../support/self-signed-certificate.ts";
import { median } from "./median.ts";

const ROWS = 10_000;
const RUNS = 5;

interface Way {
  readonly name: string;
  readonly options: PostgresTransactionOptions;
  readonly output: (id: number) => PostgresOutput;
}

const insertOne = (id: number): PostgresOutput => ({
  text: "INSERT INTO orders (id, content) VALUES ($1, $2)",
  values: [id, `order ${id}`],
});
const ways: readonly Way[] = [
  { name: "one by one, each answer awaited", options: { pipelining: false }, output: insertOne },
  { name: "one by one", options: {}, output: insertOne },
  { name: "bulk", options: {}, output: (id) => insertOrder(id, `order ${id}`) },
];

const folder = await mkdtemp(join(tmpdir(), "bench-postgres-"));
// The server's processes may be of another user.
await chmod(folder, 0o755);
const { certificate, privateKey } = createSelfSigned("localhost");
const server = await startPostgres({
  folder: join(folder, "server"),
  certificate: certificate.toString(),
  privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
});
try {
  await using bench = await openPostgresBench(server.port);
  const seconds = new Map(ways.map(({ name }) => [name, [] as number[]]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const { name, options, output } of ways) {
      await bench.query("TRUNCATE orders, kafka_offset_ranges");
      const open = await openAttempt(bench.settings, {}, options);
      const begun = performance.now();
      await open.write(Array.from({ length: ROWS }, (_, id) => output(id)));
      await open.commit({ fromPosition: undefined, untilOffset: BigInt(ROWS), progress: "" });
      seconds.get(name)?.push((performance.now() - begun) / 1_000);
      await open.close();
    }
  }
  const rates = [...seconds].map(([name, times]) => ({ name, rate: ROWS / median(times) }));
  for (const { name, rate } of rates) {
    const ratio = rate / (rates[0]?.rate ?? rate);
    process.stdout.write(`${name}: ${Math.round(rate)} rows/s, ${ratio.toFixed(1)} times the first\n`);
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
