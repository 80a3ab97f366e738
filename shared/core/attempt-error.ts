// Attempt error
//
// What the ledger keeps of a failed attempt. Its name and message are for people, and may
// be cut; what an act is built on is a field.

/** Why records that were asked for cannot be had. */
export type Loss =
  /** By retention or DeleteRecords: the log begins at `beginningOffset`, above what was asked for. */
  | { readonly kind: "deleted"; readonly beginningOffset: bigint }
  /** Other records may stand at the same offsets. */
  | { readonly kind: "truncated" }
  /** With its topic, which was deleted or re-created. */
  | { readonly kind: "topicGone" }
  /** All that is visible is there; requireConsecutiveOffsets asks for more. */
  | { readonly kind: "hole" };

/** Half-open, within the range that failed. */
export interface OffsetsInHand {
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

export interface AttemptError {
  readonly name: string;
  readonly message: string;
  /** Present where records are gone; then nothing was in hand. */
  readonly loss?: Loss;
  /** What the pipeline's code had in hand when it failed for what is in it: one record, or a batch. */
  readonly inHand?: OffsetsInHand;
}

/** The one record that was in hand; undefined for a batch, or nothing. */
export function offsetInHand({ inHand }: AttemptError): bigint | undefined {
  return inHand !== undefined && inHand.untilOffset - inHand.fromOffset === 1n ? inHand.fromOffset : undefined;
}

/** One line for people. */
export function describeAttemptError(error: AttemptError): string {
  return `${describeInHand(error)}${error.name}: ${error.message}`;
}

function describeInHand({ inHand, ...error }: AttemptError): string {
  if (inHand === undefined) {
    return "";
  }
  const offset = offsetInHand({ ...error, inHand });
  return offset === undefined
    ? `with offsets [${inHand.fromOffset}, ${inHand.untilOffset}) in hand, `
    : `with offset ${offset} in hand, `;
}
