import { compareCounts } from "./compare-counts.ts";
import { countTopicWords } from "./count-topic-words.ts";
import type { SampleTotals } from "./sample-stream.ts";
import type { WordCountPipeline } from "./word-count-pipeline.ts";

export interface WordCountProof {
  readonly isProved: boolean;
  /** What was compared, line by line, for a person. */
  readonly lines: readonly string[];
}

export interface ProofSubject {
  readonly pipeline: WordCountPipeline;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly totals: SampleTotals;
}

/** Holds the producer's word, another client's reading of the log, and the counted words against each other. */
export async function proveWordCount({
  pipeline,
  bootstrapServers,
  topic,
  totals,
}: ProofSubject): Promise<WordCountProof> {
  const [inLog, counted, ledger] = await Promise.all([
    countTopicWords(bootstrapServers, topic),
    pipeline.wordCounts((source) => source.startsWith(`${topic}-`) && !source.includes("#")),
    pipeline.prove(),
  ]);
  const stored = compareCounts(totals.words, inLog);
  const processed = compareCounts(inLog, counted);
  // Where an answer never came, the log alone knows what was produced.
  const isStored = stored.isEqual || totals.unresolved > 0;
  const isWhole = ledger.problems.length === 0;
  return {
    isProved: isStored && processed.isEqual && isWhole && processed.counted > 0,
    lines: [
      `words produced ${stored.produced}, in the log ${processed.produced}, counted in DynamoDB ${processed.counted}: ${isStored && processed.isEqual ? "equal" : "NOT EQUAL"}`,
      ...(totals.unresolved > 0 ? [`${totals.unresolved} records were never acknowledged: the log decides`] : []),
      ...(isStored ? [] : stored.differences),
      ...processed.differences,
      `ledger: ${ledger.chains} chains, ${ledger.ranges} ranges: ${isWhole ? "whole" : "NOT WHOLE"}`,
      ...ledger.problems.map(({ message }) => message),
    ],
  };
}
