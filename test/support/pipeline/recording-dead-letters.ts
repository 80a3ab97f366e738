import { DeadLetterError } from "../../../shared/core/errors.ts";
import { type DeadLetter, type DeadLetterTarget, deadLetterId } from "../../../shared/core/failure/dead-letter.ts";

export interface RecordingDeadLetters extends DeadLetterTarget {
  /** What was kept, oldest first. */
  readonly letters: readonly DeadLetter[];
  /** `kind offset value` of each. */
  shown(): readonly string[];
  ids(): readonly string[];
  /** From now on nothing is taken, or everything is again. */
  setReachable(isReachable: boolean): void;
}

export function createRecordingDeadLetters(): RecordingDeadLetters {
  const letters: DeadLetter[] = [];
  let isReachable = true;
  return {
    letters,
    shown: () =>
      letters.map(
        ({ kind, offset, record }) => `${kind} ${offset} ${record === undefined ? "unreadable" : String(record.value)}`,
      ),
    ids: () => letters.map(deadLetterId),
    setReachable: (isReachableNow) => {
      isReachable = isReachableNow;
    },
    send: async (letter) => {
      if (!isReachable) {
        throw new DeadLetterError("the queue does not answer");
      }
      letters.push(letter);
    },
  };
}
