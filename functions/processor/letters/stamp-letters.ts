import type { DeadLetterTarget, FailedInvocation } from "../../../shared/core/failure/dead-letter.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { InvocationContext } from "../../lambda-handler.ts";

export interface LetterStamp {
  readonly invocation: FailedInvocation;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Is told of each letter that is kept. */
  readonly onKept: () => void;
}

/** The target, whose letters say of which invocation they are, and when they were written. */
export function stampLetters(target: DeadLetterTarget, { invocation, now, onKept }: LetterStamp): DeadLetterTarget {
  return {
    async send(letter) {
      await target.send({ ...letter, failedAt: now(), invocation });
      onKept();
    },
  };
}

/** Where CloudWatch has what this invocation logs. */
export function invocationOf({ awsRequestId, logGroupName, logStreamName }: InvocationContext): FailedInvocation {
  return { awsRequestId, ...omitUndefined({ logGroup: logGroupName, logStream: logStreamName }) };
}
