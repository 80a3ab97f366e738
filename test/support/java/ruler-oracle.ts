import { join } from "node:path";
import { cachedFolder } from "../../../functions/local/process/cache-folder.ts";
import { downloadJars } from "../../../functions/local/process/maven-download.ts";
import { LineProcess } from "../../bench/reading/line-process.ts";

const RULER_VERSION = "2.1.0";
const program = new URL("RulerOracle.java", import.meta.url).pathname;

export interface PatternCase {
  readonly pattern: string;
  readonly event: string;
}

export interface RulerOracle {
  /** Of each case; null where the pattern is refused. */
  matched(cases: readonly PatternCase[]): Promise<readonly (boolean | null)[]>;
  stop(): Promise<void>;
}

/** The library that AWS matches event patterns by, in a process of its own. */
export async function startRulerOracle(folder: string): Promise<RulerOracle> {
  const jars = await cachedFolder({
    name: `event-ruler-${RULER_VERSION}`,
    title: `Event Ruler ${RULER_VERSION} (3 MB)`,
    fill: (empty) => downloadJars(empty, [`software.amazon.event.ruler:event-ruler:${RULER_VERSION}`]),
  });
  const process = new LineProcess({
    name: "Event Ruler",
    command: "java",
    args: ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", join(jars, "lib", "*"), program],
    logFile: join(folder, "event-ruler.log"),
  });
  return {
    matched: async (cases) => (await process.ask<{ readonly matched: readonly (boolean | null)[] }>({ cases })).matched,
    stop: () => process.stop(),
  };
}
