// Decode dead letter
//
// What a letter says of its record, from the JSON that dead-letter.ts writes. What later
// releases add is left alone; letters of earlier ones lack what they did not know.

import * as z from "zod/mini";
import type { DeadLetter, FailedInvocation } from "../../core/failure/dead-letter.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { wireOffset, wirePartition } from "../offsets/wire-offset.ts";

const text = z.string();

const wireLetter = z.object({
  version: z.literal(1),
  kind: z.enum(["quarantined", "rejected"]),
  pipeline: text,
  topicId: text,
  topic: text,
  partition: wirePartition,
  offset: wireOffset,
  requestId: z.optional(text),
  attempt: z.int(),
  failedAt: z.optional(z.iso.datetime()),
  error: z.object({ name: text, message: text, stack: z.optional(text) }),
  invocation: z.optional(z.object({ awsRequestId: text, logGroup: z.optional(text), logStream: z.optional(text) })),
});

/** What a letter says without its record. Of its error only the texts. */
export type LetterHead = Omit<DeadLetter, "record">;

/** Undefined for a text that is no dead letter. */
export function decodeDeadLetter(body: string): LetterHead | undefined {
  const result = wireLetter.safeParse(parseJson(body));
  if (!result.success) {
    return undefined;
  }
  const { version: _version, pipeline, topicId, requestId, failedAt, invocation, error, ...letter } = result.data;
  const { partition } = letter;
  return {
    ...letter,
    chain: { pipeline, topicId, partition, ...omitUndefined({ requestId }) },
    error: { name: error.name, message: error.message, ...omitUndefined({ stack: error.stack }) },
    ...(failedAt === undefined ? {} : { failedAt: Date.parse(failedAt) }),
    ...(invocation === undefined ? {} : { invocation: decodeInvocation(invocation) }),
  };
}

function decodeInvocation({
  awsRequestId,
  logGroup,
  logStream,
}: NonNullable<z.output<typeof wireLetter>["invocation"]>): FailedInvocation {
  return { awsRequestId, ...omitUndefined({ logGroup, logStream }) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
