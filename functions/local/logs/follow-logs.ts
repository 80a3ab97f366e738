// Follow logs
//
// Shows what functions log from now on, as CloudWatch of the local endpoint has it.

import {
  CloudWatchLogsClient,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { type AwsEnvironment, localClient } from "../deploy/local-aws.ts";
import { pause } from "../process/pause.ts";

const POLL_MS = 500;
/** A line may be told after one that is younger. */
const OVERLAP_MS = 5_000;

export interface FollowedLog {
  readonly endpoint: string;
  readonly environment: AwsEnvironment;
  readonly logGroup: string;
  /** Lines since then, in ms since the epoch. */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly show: (message: string) => void;
}

/** Until the signal fires, and then once more: what was logged by then is shown. */
export async function followLog({ endpoint, environment, logGroup, since, signal, show }: FollowedLog): Promise<void> {
  const client = new CloudWatchLogsClient({ ...localClient(endpoint, environment), maxAttempts: 1 });
  const shown = new Map<string, number>();
  let newest = since;
  const poll = async () => {
    const nextKey = createKeys();
    const startTime = Math.max(since, newest - OVERLAP_MS);
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName: logGroup, startTime })) {
      for (const { logStreamName, message = "", timestamp = 0 } of events) {
        const key = nextKey(`${logStreamName} ${timestamp} ${message}`);
        if (!shown.has(key)) {
          shown.set(key, timestamp);
          newest = Math.max(newest, timestamp);
          show(message);
        }
      }
    }
    for (const [key, timestamp] of shown) {
      if (timestamp < newest - 2 * OVERLAP_MS) {
        shown.delete(key);
      }
    }
  };
  try {
    for (let isLast = false; !isLast; ) {
      isLast = signal.aborted;
      await pollOrWait(poll);
      await pause(POLL_MS, signal);
    }
  } finally {
    client.destroy();
  }
}

/** Tells equal lines apart by their order: an emulator gives events no id. */
function createKeys(): (line: string) => string {
  const counts = new Map<string, number>();
  return (line) => {
    const count = (counts.get(line) ?? 0) + 1;
    counts.set(line, count);
    return `${count} ${line}`;
  };
}

/** There is no group before the first line; an endpoint that does not answer is told by the scheduler's run. */
async function pollOrWait(poll: () => Promise<void>): Promise<void> {
  try {
    await poll();
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException || isUnanswered(error))) {
      throw error;
    }
  }
}

function isUnanswered(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(String(error.code))
  );
}
