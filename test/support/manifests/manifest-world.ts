// Manifest world
//
// A pipeline that archives, in memory: whatever happens to its ranges goes through the ledger's own verbs. What
// a writer of manifests is to leave behind is what the command makes of the same ledger.

import { readRanges } from "../../../functions/cli/outputs/read-ranges.ts";
import { batchManifests } from "../../../functions/manifests/batch-manifests.ts";
import type { DueManifests } from "../../../functions/manifests/manifest-run.ts";
import { writeDueManifests } from "../../../functions/manifests/write-due-manifests.ts";
import { encodeReceipt } from "../../../shared/archive/archive-memo.ts";
import { MANIFESTS_LOOK_BACK_MS } from "../../../shared/core/limits.ts";
import { newRange } from "../../../shared/core/range/new-range.ts";
import { type ChainKey, isClosed, NO_COUNTS, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";
import type { S3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { aChain, ORDERS_ID } from "../builders/builders.ts";
import { aReprocessRequest } from "../builders/reprocess-builders.ts";
import { START } from "../fake-clock.ts";
import { createInMemoryManifestLedger } from "./in-memory-manifest-ledger.ts";

const RETENTION_MS = 30 * 86_400_000;
const PIPELINE = "word-count";
const TOPIC = "orders";

/** What happens to one call of a run: it is not made, or nobody hears that it was. */
export interface Death {
  readonly atCall: number;
  readonly isHeard: boolean;
}

export interface WriteOptions {
  readonly death?: Death | undefined;
  readonly onCall?: (name: string) => void;
}

type ManifestBucket = Pick<S3Bucket, "create" | "get">;

export class ManifestWorld {
  readonly ledger = createInMemoryRangeLedger<never>();
  readonly manifests = createInMemoryManifestLedger(this.ledger);
  readonly objects = new Map<string, string>();
  readonly partitions: readonly number[];
  now = START;
  #batches = 0;
  #writes = 0;

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, (_, partition) => partition);
  }

  static async of(partitions: number): Promise<ManifestWorld> {
    const world = new ManifestWorld(partitions);
    const topics = [{ topicId: ORDERS_ID, topic: TOPIC, partitions: world.partitions }];
    await world.ledger.writePipeline({ pipeline: PIPELINE, revision: 1, startedAt: START, topics });
    return world;
  }

  /**
   * A run of the scheduler: of each partition whose newest range is closed the next one. `meanwhile` happens within the run,
   * after each. Answers the batch's id.
   */
  async plan(
    partitions = this.partitions,
    { length = 10n, spreadMs = 0, meanwhile = async () => {} }: PlanOptions = {},
  ): Promise<string> {
    const batchId = this.#newBatch();
    for (const [index, partition] of partitions.entries()) {
      const chain = aChain({ partition });
      const newest = await this.ledger.newestRange(chain);
      if (newest === undefined || isClosed(newest)) {
        const fromOffset = newest?.untilOffset ?? 0n;
        await this.#plan({ chain, fromOffset, length, batchId, now: this.now + index * spreadMs });
        await meanwhile();
      }
    }
    return batchId;
  }

  /** Completes the newest range of the partition, with an object in the archive, unless it is closed. */
  async complete(partition: number, archive = { bucket: "orders", prefix: "archive" }, objects = 1): Promise<void> {
    const range = await this.ledger.newestRange(aChain({ partition }));
    if (range !== undefined && !isClosed(range)) {
      await this.#complete(range, archive, objects);
    }
  }

  async completeAll(): Promise<void> {
    for (const partition of this.partitions) {
      await this.complete(partition);
    }
  }

  /** Gives up the first offset of the newest range of the partition, as a processor or an operator does; the rest goes on. */
  async split(partition: number, first: "SKIPPED" | "QUARANTINED" | "LOST"): Promise<void> {
    const range = await this.ledger.newestRange(aChain({ partition }));
    if (range !== undefined && !isClosed(range)) {
      const at = range.committedOffset + 1n;
      await this.ledger.splitRange(range, { at, first, now: this.now, retentionMs: RETENTION_MS });
    }
  }

  /** A request for ranges of the partitions, which were planned by two runs, and are open. */
  async request(requestId: string, partitions: readonly number[]): Promise<void> {
    const ranges = partitions.map((partition) => ({
      ...{ topicId: ORDERS_ID, topic: TOPIC, partition },
      ...{ fromOffset: 0n, untilOffset: 5n },
    }));
    await this.ledger.requestReprocess({ ...aReprocessRequest(), pipeline: PIPELINE, requestId, ranges });
    for (const half of [ranges.slice(1), ranges.slice(0, 1)]) {
      const batchId = this.#newBatch();
      for (const { partition } of half) {
        const chain = aChain({ partition, requestId });
        await this.#plan({ chain, fromOffset: 0n, length: 5n, batchId, now: this.now });
      }
    }
  }

  /** The request alone, while a processor still has its ranges. */
  async closeRequest(requestId: string): Promise<void> {
    await this.ledger.completeReprocess({ pipeline: PIPELINE, requestId }, this.now, RETENTION_MS);
  }

  /** Completes ranges of the request that are open, at most so many. */
  async completeRanges(requestId: string, most: number): Promise<void> {
    const ranges = await Array.fromAsync(this.ledger.reprocessRanges(PIPELINE, requestId));
    for (const range of ranges.filter((one) => !isClosed(one)).slice(0, most)) {
      await this.#complete(range, { bucket: "orders", prefix: `archive-reprocessed/request=${requestId}` }, 1);
    }
  }

  async completeRequest(requestId: string): Promise<void> {
    await this.completeRanges(requestId, this.partitions.length);
    await this.closeRequest(requestId);
  }

  /** A run of the writer; one that dies rejects. */
  async write({ death, onCall }: WriteOptions = {}): Promise<DueManifests> {
    const { now } = this;
    let calls = 0;
    const dying = <Port extends object>(port: Port): Port =>
      new Proxy(port, {
        get: (target, name) => {
          const verb: unknown = Reflect.get(target, name);
          if (typeof verb !== "function") {
            return verb;
          }
          return (...given: readonly unknown[]) => {
            calls += 1;
            onCall?.(String(name));
            const isLast = death?.atCall === calls;
            if (isLast && !death.isHeard) {
              throw new Error("killed before the call");
            }
            const answer: unknown = verb.apply(target, given);
            return isLast ? unheard(answer) : answer;
          };
        },
      });
    return writeDueManifests(
      { ledger: dying(this.manifests), bucket: dying(this.bucket), now: () => now },
      { pipeline: PIPELINE, bucketName: "orders", prefix: "archive", endsAt: now + 60_000 },
    );
  }

  get bucket(): ManifestBucket {
    return {
      create: async (key, body) => {
        const isFree = !this.objects.has(key);
        if (isFree) {
          this.#writes += 1;
          this.objects.set(key, body);
        }
        return isFree;
      },
      get: async (key) => this.objects.get(key),
    };
  }

  /** Objects that were ever put. */
  get writes(): number {
    return this.#writes;
  }

  /** What `ranges manifests` would write to the writer's bucket, by key. */
  async expected(): Promise<ReadonlyMap<string, string>> {
    const read = await readRanges(this.ledger, PIPELINE, new AbortController().signal);
    const all = batchManifests(read, { now: this.now, rememberedSince: this.now - MANIFESTS_LOOK_BACK_MS });
    const due = all.filter(({ state, bucket }) => state === "complete" && bucket === "orders");
    return new Map(due.map(({ key, text }) => [key, text]));
  }

  #newBatch(): string {
    this.#batches += 1;
    return `batch-${this.#batches}`;
  }

  async #plan({ chain, fromOffset, length, batchId, now }: Planned): Promise<void> {
    const untilOffset = fromOffset + length;
    const writeId = `plan-${batchId}-${chain.partition}`;
    await this.ledger.planRange(newRange({ chain, topic: TOPIC, fromOffset, untilOffset, batchId, writeId, now }));
  }

  async #complete(range: RangeRecord, archive: { bucket: string; prefix: string }, objects: number): Promise<void> {
    const { now, ledger } = this;
    const claimed = await ledger.changeRange(range, { kind: "claim", owner: "processor", now, leaseMs: 60_000 });
    if (claimed.kind !== "changed" || claimed.record.lease === undefined) {
      throw new Error(`the range cannot be claimed: ${claimed.kind}`);
    }
    const { committedOffset, untilOffset, partition, lease } = claimed.record;
    const receipt = encodeReceipt({
      ...{ ...archive, fromOffset: committedOffset, untilOffset },
      objects: Array.from({ length: objects }, (_, index) => ({
        key: `${archive.prefix}/part=${partition}/${committedOffset}-${index}.jsonl`,
        ...{ bytes: 100, records: 10, sha256: "s", crc32: "c-1" },
      })),
    });
    const outcome = await ledger.changeRange(claimed.record, {
      kind: "complete",
      lease,
      fromOffset: committedOffset,
      counts: { ...NO_COUNTS, delivered: untilOffset - committedOffset },
      ...{ now, retentionMs: RETENTION_MS, receipt },
    });
    if (outcome.kind !== "changed") {
      throw new Error(`the range cannot be completed: ${outcome.kind}`);
    }
  }
}

export interface PlanOptions {
  readonly length?: bigint;
  /** Between the times of two ranges. */
  readonly spreadMs?: number;
  readonly meanwhile?: () => Promise<unknown>;
}

interface Planned {
  readonly chain: ChainKey;
  readonly fromOffset: bigint;
  readonly length: bigint;
  readonly batchId: string;
  readonly now: number;
}

/** What a call comes to whose answer nobody hears. */
function unheard(answer: unknown): unknown {
  if (answer instanceof Promise) {
    return answer.then(() => Promise.reject(new Error("killed after it")));
  }
  throw new Error("killed while it is listed");
}
