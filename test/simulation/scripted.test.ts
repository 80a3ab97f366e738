import { expect, test } from "vitest";
import type { RangeView } from "./audit/range-view.ts";
import { playScript, SCRIPTS, type ScriptName } from "./scripts.ts";
import type { Simulation } from "./simulated-system.ts";

interface Played {
  /** The newest range of each topic id that there was, in their order. */
  readonly newest: readonly string[];
  /** What took effect of the topic that is there. */
  readonly effects: readonly string[];
}

function lookAt({ cluster, ranges, outputs }: Simulation): Played {
  const { topicId } = cluster.partition(0);
  const newest = cluster.topicIds.map((id) => describeRange(ranges.newest(id, 0)));
  return { newest, effects: outputs.valuesOf(topicId, 0) };
}

function describeRange(range: RangeView | undefined): string {
  return range === undefined ? "none" : `${range.status} [${range.fromOffset}, ${range.untilOffset})`;
}

/** What is left of each topic, the last of which is there. */
const LEFT: Readonly<Record<ScriptName, readonly unknown[]>> = {
  "plan at the frozen start of a topic that is gone": ["LOST [2, 3)", "COMPLETED [0, 9)"],
  "plan at the frozen start of a topic that is gone, with fail": [
    expect.stringMatching(/^(PLANNED|FAILED) \[2, 3\)$/),
    "none",
  ],
  "anchor at the end of a topic that is gone": ["none", "ANCHOR [9, 9)", "COMPLETED [0, 9)"],
  "begin at what another topic's log is listed with": ["none", "COMPLETED [0, 9)"],
  "go on to the end of another topic's log": ["COMPLETED [0, 3)", "COMPLETED [0, 9)"],
  // Halted, with what the store has of it.
  "cut through a commit without outputs, whose answer is lost": ["FAILED [1, 4)"],
  "read what a truncation takes the marker of": [expect.stringMatching(/ \[0, 4\)$/)],
};

// The table names every script.
test.each(Object.keys(SCRIPTS) as ScriptName[])(
  "G1, G6, FP1, RT2: nothing is broken by a run that is made to %s",
  async (name) => {
    let played: Played | undefined;

    const violation = await playScript(name, (simulation) => {
      played = lookAt(simulation);
    });

    expect(violation?.message).toBeUndefined();
    expect(played?.newest).toEqual(LEFT[name]);
  },
);

test("G1: what was read as committed takes effect though its marker is gone", async () => {
  let played: Played | undefined;

  await playScript("read what a truncation takes the marker of", (simulation) => {
    played = lookAt(simulation);
  });

  expect(played?.effects).toEqual(["0:1", "0:2", "0:3"]);
});
