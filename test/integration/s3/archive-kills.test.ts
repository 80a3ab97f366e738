// An archive on an S3 that is not ours, whose processor is killed at each of its requests:
// what is in the bucket in the end is each record once.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { decodeReceipt } from "../../../shared/archive/archive-memo.ts";
import { openMultipartUploads } from "../../../shared/s3/multipart-uploads.ts";
import { openS3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { localAccess } from "../../support/aws-access.ts";
import { runKilled } from "../../support/s3/killed-run.ts";
import type { Kill } from "../../support/s3/killing-proxy.ts";

const endpoint = inject("aws.endpoint");
const bucket = "archive-kills";
const attempt = new URL("../../support/archive/archive-attempt.ts", import.meta.url).pathname;
/** Two objects: each is begun, gets a part, and is completed. */
const REQUESTS = 6;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "archive-kills-"));
  const created = await fetch(`${endpoint}/${bucket}`, { method: "PUT" });
  expect(created.ok).toBe(true);
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs one attempt; whether it came to its end. */
const runAttempt = (prefix: string, at?: Omit<Kill, "kill">) =>
  runKilled(endpoint, (proxied) => [attempt, proxied, bucket, prefix, ledgerOf(prefix)], at);

const ledgerOf = (prefix: string) => join(folder, `${prefix}.json`);

async function offsetsIn(prefix: string): Promise<readonly number[]> {
  const store = openS3Bucket(localAccess(endpoint), bucket);
  const listed = await Array.fromAsync(store.list(`${prefix}/`));
  store.close();
  const contents = await Promise.all(
    listed.map(async ({ key }) => {
      const answer = await fetch(`${endpoint}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`);
      return gunzipSync(await answer.bytes()).toString();
    }),
  );
  const lines = contents.flatMap((content) => content.trimEnd().split("\n"));
  return lines.map((line) => (JSON.parse(line) as { order: number }).order).toSorted((a, b) => a - b);
}

const ALL = Array.from({ length: 60 }, (_, index) => 100 + index);

test("OS3: an attempt that nobody kills takes so many requests", async () => {
  expect(await runAttempt("whole")).toEqual({ isWhole: true, requests: REQUESTS });

  expect(await offsetsIn("whole")).toEqual(ALL);
});

test.each(["before", "after"] as const)(
  "G5: a processor that is killed %s a request leaves each record once",
  async (when) => {
    const kills = Array.from({ length: REQUESTS }, (_, index) => ({ request: index + 1, when }));

    for (const kill of kills) {
      const prefix = `${when}-${kill.request}`;
      // The other object's request may be on its way.
      expect((await runAttempt(prefix, kill)).isWhole).toBe(false);
      expect((await runAttempt(prefix)).isWhole).toBe(true);
      expect(await offsetsIn(prefix), prefix).toEqual(ALL);
    }
  },
  120_000,
);

test("a receipt tells sizes and checksums as the store does", async () => {
  const { receipt } = JSON.parse(await readFile(ledgerOf("whole"), "utf8")) as { receipt: string };
  const uploads = openMultipartUploads(localAccess(endpoint), bucket);

  for (const { key, bytes, crc32 } of decodeReceipt(receipt).objects) {
    expect(await uploads.head(key)).toMatchObject({ bytes, crc32 });
  }
  uploads.close();
});
