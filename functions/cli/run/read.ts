import { parseRangeArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { readRanges } from "../commands/read-ranges.ts";
import { kafkaAccessOf } from "../options/kafka-access.ts";
import type { KafkaArguments } from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { usingKafka } from "./using-kafka.ts";

export interface ReadArguments extends KafkaArguments {
  readonly range: readonly string[];
}

export async function runRead(options: ReadArguments, terminal: Terminal): Promise<ExitCode> {
  const ranges = options.range.map(parseRangeArgument);
  const access = await kafkaAccessOf(options, (line) => terminal.note(line));
  await usingKafka(access, options, ({ isolationLevel, ...kafka }) =>
    readRanges({ ...kafka, terminal, now: () => Date.now() }, { ranges, isolationLevel }),
  );
  return EXIT.done;
}
