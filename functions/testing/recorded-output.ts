// Recorded output
//
// What stands for a pipeline's own output where its code is tested: it keeps its position, as
// a database would, and writes down what took effect with each commit.

import { MAX_OUTPUTS_PER_COMMIT } from "../../shared/core/limits.ts";
import type { OpenOutput, OutputPosition, RangeOutput } from "../../shared/core/output/range-output.ts";

/** What took effect at once. */
export interface RecordedCommit<Output> {
  readonly untilOffset: bigint;
  readonly outputs: readonly Output[];
}

/** `onCommit` throws to die before a commit takes effect. `writeAll` records records. */
export function createRecordedOutput<Output>(
  name: string,
  onCommit: (commit: RecordedCommit<Output>) => void,
): RangeOutput<Output> {
  let position: OutputPosition | undefined;
  const open = async (): Promise<OpenOutput<Output>> => {
    let written: Output[] = [];
    return {
      kind: "positioned",
      position,
      write: async (outputs) => {
        written.push(...outputs);
      },
      writeBatch: async (batch) => {
        // An output that takes records as they are has them for its outputs.
        written.push(...([...batch] as unknown as readonly Output[]));
        return batch.untilOffset;
      },
      get isFull() {
        return written.length >= MAX_OUTPUTS_PER_COMMIT;
      },
      commit: async ({ untilOffset, progress }) => {
        onCommit({ untilOffset, outputs: written });
        written = [];
        position = { untilOffset, progress };
      },
      close: async () => {},
    };
  };
  return { name, open };
}
