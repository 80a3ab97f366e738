// Range choice
//
// Spark's options for choosing offsets, as texts: the command line's arguments,
// or the fields of a reprocess payload. Spark's precedence holds: a global
// timestamp wins over timestamps by partition, and those over offsets; a consumer
// group, which Spark does not have here, comes before offsets too.

import { joinProblems, quote } from "../../core/bounded-text.ts";
import type { SplitRules } from "../../core/choice/cut-pieces.ts";
import type { OffsetBound, RangeChoice, StartingBound } from "../../core/choice/resolve-choice.ts";
import type { GroupNoMatch } from "../../core/choice/starting-group.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { groupIdProblem } from "../../core/source/group-id.ts";
import { DECIMAL_RULE, readDecimal } from "./decimal.ts";
import { parseSparkOffsets, parseSparkTimestamps } from "./spark-offsets.ts";
import { readTimestamp } from "./timestamp.ts";

/** The options by name; each has a default or no effect where it is absent. */
export const CHOICE_OPTIONS = [
  "startingOffsets",
  "startingOffsetsFromGroup",
  "endingOffsets",
  "startingTimestamp",
  "endingTimestamp",
  "startingOffsetsByTimestamp",
  "endingOffsetsByTimestamp",
  "onNoMatch",
  "maxRecordsPerPartition",
  "minRecordsPerPartition",
  "maxRecordsPerBatch",
] as const;

export const SPLIT_OPTIONS = ["maxRecordsPerRange", "minPartitions"] as const;

export type ChoiceTexts = {
  readonly [Option in (typeof CHOICE_OPTIONS)[number] | (typeof SPLIT_OPTIONS)[number]]?: string | undefined;
};

/** How a message spells an option. */
export type OptionNaming = (option: keyof ChoiceTexts) => string;

/** Throws ConfigurationError that names every wrong option and its value. */
export function parseRangeChoice(
  texts: ChoiceTexts,
  nameOf: OptionNaming,
): { readonly choice: RangeChoice; readonly split: SplitRules } {
  const problems: string[] = [];
  const parse = <Value>(option: keyof ChoiceTexts, read: (name: string, text: string) => Value) => {
    const text = texts[option];
    return text === undefined ? undefined : collect(problems, () => read(nameOf(option), text));
  };
  const count = <Option extends keyof ChoiceTexts>(option: Option) => present(option, parse(option, parseCount));
  const noMatch = parse("onNoMatch", parseNoMatch) ?? "error";
  const starting = startingOf(parse, noMatch);
  if (noMatch === "earliest" && !("group" in starting)) {
    problems.push(
      `${nameOf("onNoMatch")} earliest is of a start by ${nameOf("startingOffsetsFromGroup")}; by timestamps it is error or latest`,
    );
  }
  const choice = {
    starting,
    ending: boundOf(parse, "ending", "latest"),
    onNoMatch: noMatch === "earliest" ? "error" : noMatch,
    limits: {
      ...count("maxRecordsPerPartition"),
      ...count("minRecordsPerPartition"),
      ...count("maxRecordsPerBatch"),
    },
  } as const;
  const minPartitions = parse("minPartitions", parseCount);
  const split = {
    ...count("maxRecordsPerRange"),
    ...(minPartitions === undefined ? {} : { minPartitions: Number(minPartitions) }),
  };
  if (problems.length > 0) {
    throw new ConfigurationError(joinProblems(problems));
  }
  return { choice, split };
}

type Parse = <Value>(option: keyof ChoiceTexts, read: (name: string, text: string) => Value) => Value | undefined;

function startingOf(parse: Parse, onNoMatch: GroupNoMatch): StartingBound {
  const bound = boundOf(parse, "starting", "earliest");
  const groupId = parse("startingOffsetsFromGroup", parseGroupId);
  return groupId === undefined || "timestamps" in bound ? bound : { group: { groupId, onNoMatch } };
}

function boundOf(parse: Parse, end: "starting" | "ending", otherwise: "earliest" | "latest"): OffsetBound {
  const timestamp = parse(`${end}Timestamp`, parseTimestamp);
  const byTimestamp = parse(`${end}OffsetsByTimestamp`, parseSparkTimestamps);
  const offsets = parse(`${end}Offsets`, parseSparkOffsets);
  const timestamps = timestamp ?? byTimestamp;
  return timestamps === undefined ? { offsets: offsets ?? otherwise } : { timestamps };
}

function collect<Value>(problems: string[], read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) {
      throw error;
    }
    problems.push(error.message);
    return undefined;
  }
}

function present<Key extends string>(key: Key, value: bigint | undefined): { readonly [key in Key]?: bigint } {
  // The index type of a computed key is lost to the checker.
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]: bigint });
}

function parseNoMatch(name: string, text: string): GroupNoMatch {
  if (text !== "error" && text !== "latest" && text !== "earliest") {
    throw new ConfigurationError(`${name} ${quote(text)} is none of error, latest and earliest`);
  }
  return text;
}

function parseGroupId(name: string, text: string): string {
  const problem = groupIdProblem(text);
  if (problem !== undefined) {
    throw new ConfigurationError(`${name} ${quote(text)} is not a consumer group's id: ${problem}`);
  }
  return text;
}

function parseTimestamp(name: string, text: string): bigint {
  const read = readTimestamp(text);
  if (read.kind === "refused") {
    throw new ConfigurationError(`${name} ${quote(text)} is ${read.why}`);
  }
  return read.value;
}

function parseCount(name: string, text: string): bigint {
  const value = readDecimal(text, { min: 1n });
  if (value === undefined) {
    throw new ConfigurationError(
      `${name} ${quote(text)} is not a whole number from 1 to ${MAX_OFFSET} ${DECIMAL_RULE}`,
    );
  }
  return value;
}
