// Letter run
//
// A pipeline that refuses some records, on the brokers, the ledger and the stores of the integration
// tests: what is open is processed to its end, or until the process dies at a moment of its first letter.

import { randomUUID } from "node:crypto";
import { parseLetterTarget } from "../../../functions/cli/letters/letter-target.ts";
import { stampLetters } from "../../../functions/processor/letters/stamp-letters.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { withoutOutputs } from "../../../shared/core/ledger/without-outputs.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaDeadLetters } from "../../../shared/kafka/produce/dead-letter-topic.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { createS3DeadLetters } from "../../../shared/s3/dead-letter-bucket.ts";
import { createSQSDeadLetterQueue } from "../../../shared/sqs/dead-letter-queue.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { encodeLetterRecord } from "../../../shared/wire/events/dead-letter-record.ts";
import { localAccess } from "../aws-access.ts";
import { processorRules } from "../builders/builders.ts";
import { openSignedLedger } from "../ledger/ledger-table.ts";

/** Of the first letter: before it is sent, once the store has it, and once the ledger has its record as given up. */
export const KILL_MOMENTS = ["before the letter", "after the letter", "after the ledger"] as const;

export interface LetterRun {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly awsEndpoint: string;
  readonly ledgerTable: string;
  readonly pipeline: string;
  /** As `--target` has it. */
  readonly target: string;
  /** Values that the code refuses. */
  readonly bad: readonly string[];
  /** Whether it rejects them, and goes on. @default false */
  readonly rejects?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly killAt?: (typeof KILL_MOMENTS)[number];
}

const MAX_ROUNDS = 20;
/** Beyond every lease and back-off. */
const STEP_MS = 600_000;

/** Answers with the values that were processed, in order. */
export async function processOpen(run: LetterRun): Promise<readonly string[]> {
  const dynamodb = openSignedLedger(run.dynamodbEndpoint);
  const reader = createKafkaRangeReader({ clientId: "letters", bootstrapServers: [run.bootstrapServers] });
  const ledger: RangeLedger<never> = killing(
    withoutOutputs(createRangeLedger(dynamodb, { tableName: run.ledgerTable, newId: randomUUID })),
    run,
  );
  const processed: string[] = [];
  const process: ProcessFunction<never> = async (range) => {
    const taken: string[] = [];
    for await (const record of range.records()) {
      const value = String(record.value);
      if (!run.bad.includes(value)) {
        taken.push(value);
      } else if (run.rejects === true) {
        await range.reject(record, `${value} is not JSON`);
      } else {
        throw new SyntaxError(`${value} is not JSON`);
      }
    }
    processed.push(...taken);
  };
  let { now } = run;
  const invocation = { awsRequestId: randomUUID(), logGroup: "orders", logStream: "2026/0a" };
  const letters = stampLetters(targetOf(run), { invocation, now: () => now, onKept: () => undefined });
  const never = new AbortController().signal;
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const open = (await allRanges(ledger, run.pipeline)).filter((record) => !isClosed(record));
      if (open.length === 0) {
        return processed;
      }
      for (const record of open) {
        await processAttempts(
          { ledger, reader, process, deadLetters: letters, now: () => now, random: () => 0.5 },
          processorRules({ onFailure: "quarantine", maxAttempts: 1 }),
          { record },
          { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
        );
      }
      now += STEP_MS;
    }
    throw new Error("it goes on for ever");
  } finally {
    await reader.close();
    dynamodb.close();
  }
}

/** Of the live chains and of all requests. */
export async function allRanges(ledger: RangeLedger<never>, pipeline: string): Promise<readonly RangeRecord[]> {
  const record = await ledger.readPipeline(pipeline);
  const chains = (record?.topics ?? []).flatMap(({ topicId, partitions }) =>
    partitions.map((partition) => ({ pipeline, topicId, partition })),
  );
  const live = await Promise.all(chains.map((chain) => Array.fromAsync(ledger.ranges(chain))));
  const requests = await Array.fromAsync(ledger.reprocessRequests(pipeline));
  const ofRequests = await Promise.all(
    requests.map(({ requestId }) => Array.fromAsync(ledger.reprocessRanges(pipeline, requestId))),
  );
  return [...live.flat(), ...ofRequests.flat()];
}

function targetOf({ target: text, awsEndpoint, bootstrapServers, killAt }: LetterRun): DeadLetterTarget {
  const target = openTarget(text, awsEndpoint, bootstrapServers);
  return {
    send: async (letter) => {
      await (killAt === "before the letter" ? die() : undefined);
      await target.send(letter);
      await (killAt === "after the letter" ? die() : undefined);
    },
  };
}

function openTarget(text: string, awsEndpoint: string, bootstrapServers: string): DeadLetterTarget {
  const access = localAccess(awsEndpoint);
  const target = parseLetterTarget(text);
  switch (target.kind) {
    case "queue":
      return createSQSDeadLetterQueue({ access, queueUrl: target.url, encode: encodeDeadLetter });
    case "bucket":
      return createS3DeadLetters({ access, bucket: target.bucket, prefix: target.prefix, encode: encodeDeadLetter });
    case "topic": {
      const kafka = { clientId: "letters", bootstrapServers: [bootstrapServers] };
      const { topic } = target;
      return createKafkaDeadLetters({ kafka, topic, encode: encodeLetterRecord, now: () => Date.now() });
    }
  }
}

function killing(ledger: RangeLedger<never>, { killAt }: LetterRun): RangeLedger<never> {
  return {
    ...ledger,
    splitRange: async (seen, split) => {
      const outcome = await ledger.splitRange(seen, split);
      await (killAt === "after the ledger" ? die() : undefined);
      return outcome;
    },
  };
}

/** Nothing of this process happens after it. */
function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}
