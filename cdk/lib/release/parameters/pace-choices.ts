// Where a pipeline starts, and how much it does at a time.

import { isGiven, isSet, ref } from "../../template/template-value.ts";
import type { ReleaseChoice } from "./release-choice.ts";

const CONCURRENCY = 1_913;

const start: ReleaseChoice = {
  name: "start",
  covers: ["startingOffsets", "startingTimestamp", "startingOffsetsByTimestamp"],
  parameters: [
    {
      name: "StartingTimestamp",
      group: "Start and pace",
      type: "String",
      default: "",
      description:
        "Start at the first record that is not older, in ms since the epoch; goes before StartingOffsets. Empty: by offsets.",
      allowedPattern: String.raw`(0|[1-9]\d{0,15})?`,
      constraint: "must be empty, or a whole number of milliseconds since the epoch",
    },
  ],
  parts: [
    {
      condition: "StartsByTime",
      when: isGiven("StartingTimestamp"),
      props: () => ({ startingTimestamp: 0 }),
      places: [{ key: "RANGES_STARTING_TIMESTAMP", by: ref("StartingTimestamp") }],
    },
  ],
};

const batchSize: ReleaseChoice = {
  name: "batch size",
  covers: ["maxRecordsPerBatch"],
  parameters: [
    {
      name: "MaxRecordsPerBatch",
      group: "Start and pace",
      type: "Number",
      default: 0,
      description: "Offsets of all partitions together in one run, shared out by lag; 0: no limit.",
      minValue: 0,
      constraint: "must be a whole number, 0 for no limit",
    },
  ],
  parts: [
    {
      condition: "LimitsBatches",
      when: { "Fn::Not": [isSet("MaxRecordsPerBatch", "0")] },
      props: () => ({ maxRecordsPerBatch: Number.MAX_SAFE_INTEGER }),
      places: [{ key: "RANGES_MAX_RECORDS_PER_BATCH", by: ref("MaxRecordsPerBatch") }],
    },
  ],
};

const concurrency: ReleaseChoice = {
  name: "concurrency",
  covers: ["maxConcurrency"],
  parameters: [
    {
      name: "MaxConcurrency",
      group: "Start and pace",
      type: "Number",
      default: 0,
      description:
        "Most ranges in flight at a time: the processor's reserved concurrency, beside which 2 are reserved for the scheduler; 0: no limit but the account's.",
      minValue: 0,
      maxValue: 20_000,
      constraint: "must be a whole number up to 20000, 0 for no limit",
    },
  ],
  parts: [
    {
      condition: "LimitsConcurrency",
      when: { "Fn::Not": [isSet("MaxConcurrency", "0")] },
      props: () => ({ maxConcurrency: CONCURRENCY }),
      places: [CONCURRENCY, String(CONCURRENCY)].map((exactly) => ({ exactly, by: ref("MaxConcurrency") })),
    },
  ],
};

const schedule: ReleaseChoice = {
  name: "schedule",
  covers: ["scheduleEnabled"],
  parameters: [
    {
      name: "ScheduleState",
      group: "Pipeline",
      type: "String",
      default: "ENABLED",
      description:
        "Whether the schedule runs the scheduler. DISABLED, to ask first what a run would do; no alarm watches for silence then.",
      allowedValues: ["ENABLED", "DISABLED"],
    },
  ],
  parts: [
    {
      condition: "ScheduleDisabled",
      when: isSet("ScheduleState", "DISABLED"),
      props: () => ({ scheduleEnabled: false }),
    },
  ],
};

export const PACE_CHOICES: readonly ReleaseChoice[] = [start, batchSize, concurrency, schedule];
