import { type DeadLetter, deadLetterId } from "../../../shared/core/failure/dead-letter.ts";

/** Of all targets that pipelines share: the same for every copy of one pipeline's letter about a record. */
export function letterName(letter: Pick<DeadLetter, "chain" | "offset">): string {
  return `${letter.chain.pipeline}/${deadLetterId(letter)}`;
}
