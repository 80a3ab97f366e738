// Offset reset
//
// `auto.offset.reset` as the start of a plan that names none, with Spark's meaning: where
// what nobody has read yet begins.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OffsetReset } from "../../../shared/wire/kafka-params/offset-reset.ts";
import type { ChoiceTexts } from "../../../shared/wire/offsets/range-choice.ts";

/** The choice with its start. Throws ConfigurationError where the file wants one to be given. */
export function withOffsetReset<Texts extends ChoiceTexts>(
  texts: Texts,
  reset: OffsetReset | undefined,
  note: (line: string) => void,
): ChoiceTexts {
  const { startingOffsets, startingOffsetsFromGroup, startingTimestamp, startingOffsetsByTimestamp } = texts;
  const starts = [startingOffsets, startingOffsetsFromGroup, startingTimestamp, startingOffsetsByTimestamp];
  const isGiven = starts.some((start) => start !== undefined);
  if (reset === undefined || isGiven) {
    return texts;
  }
  switch (reset.kind) {
    case "earliest":
      return { ...texts, startingOffsets: "earliest" };
    case "latest":
      note("the start is latest, by auto.offset.reset: --starting-offsets earliest plans what is there already");
      return { ...texts, startingOffsets: "latest" };
    case "none":
      throw new ConfigurationError(
        "auto.offset.reset is none, so that a start has to be given: add --starting-offsets or --starting-timestamp",
      );
    case "duration":
      return {
        ...texts,
        startingTimestamp: String(Math.max(0, Date.now() - reset.durationMs)),
        onNoMatch: texts.onNoMatch ?? "latest",
      };
  }
}
