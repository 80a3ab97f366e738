// Prove outputs
//
// What stores have, held against the ledger: archives in S3 by their receipts, stores of their own
// by the positions that they keep.

import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { batchManifests } from "../../manifests/batch-manifests.ts";
import type { Terminal } from "../output/terminal.ts";
import { openArchiveStore } from "./archive-store.ts";
import { expectArchives, rememberedSince } from "./expect-archives.ts";
import { hasCommitted, type OutputProof } from "./output-proof.ts";
import { type PipelineRanges, readRanges } from "./read-ranges.ts";
import { type Expectation, verifyArchive } from "./verify-archive.ts";
import { type PositionStore, verifyPositions } from "./verify-positions.ts";

export interface OutputDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
  /** Present where archives are looked at. */
  readonly archives?: ArchiveAccess;
  /** Stores that keep positions. */
  readonly positions: readonly PositionStore[];
}

export interface ArchiveAccess {
  readonly access: () => Promise<AwsAccess>;
  readonly endpointUrl: string | undefined;
  readonly isDeep: boolean;
}

/** Throws ConfigurationError for what cannot be entered. */
export async function proveOutputs(deps: OutputDeps, pipeline: string | undefined): Promise<readonly OutputProof[]> {
  const { ledger, terminal, archives, positions, now } = deps;
  const { signal } = terminal;
  const read = await readRanges(ledger, pipeline, signal);
  const proofs: OutputProof[] = [];
  if (archives !== undefined) {
    const readAgain = async () => expectationOf(await readRanges(ledger, pipeline, signal), now());
    proofs.push(...(await proveArchives(read, archives, { terminal, readAgain, now: now() })));
  }
  for (const store of positions) {
    for (const one of read) {
      proofs.push(await verifyPositions(store, one, { ledger, now: now(), signal }));
    }
  }
  return proofs;
}

interface Proving {
  readonly terminal: Terminal;
  readonly readAgain: () => Promise<Expectation>;
  readonly now: number;
}

function expectationOf(read: readonly PipelineRanges[], now: number): Expectation {
  const rules = { now, rememberedSince: rememberedSince(read, now) };
  return { archives: expectArchives(read), manifests: batchManifests(read, rules) };
}

async function proveArchives(
  read: readonly PipelineRanges[],
  { access, endpointUrl, isDeep }: ArchiveAccess,
  { terminal, readAgain, now }: Proving,
): Promise<readonly OutputProof[]> {
  const { archives: expected, manifests } = expectationOf(read, now);
  const unarchived = read
    .filter(({ record }) => !expected.some(({ pipelines }) => pipelines.has(record.pipeline)))
    .filter(({ ranges }) => ranges.some(hasDelivered));
  if (expected.length === 0) {
    return unarchived.map(nothingArchived);
  }
  for (const { record } of unarchived) {
    terminal.note(`${record.pipeline}: ${NO_RECEIPT}`);
  }
  const proofs: OutputProof[] = [];
  for (const [bucket, all] of Map.groupBy(expected, (one) => one.bucket)) {
    const store = openArchiveStore(await access(), bucket, endpointUrl);
    try {
      for (const archive of all) {
        const rules = { isDeep, signal: terminal.signal, note: (line: string) => terminal.note(line) };
        const rest = { readAgain, rememberedSince: rememberedSince(read, now) };
        proofs.push(
          await verifyArchive(store, { archive, expected: { archives: all, manifests } }, { ...rules, ...rest }),
        );
      }
    } finally {
      store.close();
    }
  }
  return proofs;
}

/** Of what was not delivered, or was rejected, nothing is archived. */
function hasDelivered(range: RangeRecord): boolean {
  const { delivered, rejected = 0n } = range.counts;
  return hasCommitted(range) && delivered > rejected;
}

const NO_RECEIPT =
  "no range has a receipt of an archive; its outputs, if it has any, are elsewhere: see --outputs kafka and postgres://…";

/** Whoever names an output is not told that all is well where nothing was looked at. */
function nothingArchived({ record, ranges }: PipelineRanges): OutputProof {
  const processed = ranges.filter(hasDelivered).length;
  const message = `${processed} ranges are processed, and ${NO_RECEIPT}`;
  return {
    ...{ pipelines: [record.pipeline], output: "S3", place: "-", ranges: 0, objects: 0, records: 0, bytes: 0 },
    problems: [{ kind: "receiptMissing", message }],
  };
}
