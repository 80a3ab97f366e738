import type { Target } from "../targets.ts";
import type { ClientName, OperationName } from "./calling.ts";

export interface CallTargets {
  /** Milliseconds of CPU: of a warm call, and of the first one. */
  readonly calls: readonly {
    readonly client: ClientName;
    readonly operation: OperationName;
    readonly cpuMs: number;
    readonly firstCpuMs: number;
  }[];
  /** Of a scheduler run with new records in every partition. */
  readonly runs: readonly {
    readonly client: ClientName;
    readonly partitions: number;
    readonly cpuMs: number;
    readonly wallMs: number;
  }[];
  /** Of a warm invocation for a range without a visible record: claim, fetch, complete. */
  readonly emptyRange: { readonly wallMs: number; readonly cpuMs: number };
}

const MAX_CALL_CPU_MS = 0.3;
const MIN_CPU_RATIO = 2;
const MAX_RUN_CPU_MS = 10_000;
const MAX_EMPTY_RANGE_MS = 10;
const MAX_EMPTY_RANGE_CPU_MS = 4;

export function judgeCalls({ calls, runs, emptyRange }: CallTargets): readonly Target[] {
  const ofOwn = calls.filter(({ client }) => client === "signed");
  const worst = Math.max(...ofOwn.map(({ cpuMs }) => cpuMs));
  const ratios = ofOwn.map((own) => (calls.find((one) => isSdkOf(own, one))?.cpuMs ?? Number.NaN) / own.cpuMs);
  const ratio = Math.min(...ratios);
  const run = runs.find(({ client }) => client === "signed");
  return [
    {
      promise: `at most ${MAX_CALL_CPU_MS} ms of CPU for a call of the ledger or an Invoke`,
      measured: `${worst.toFixed(2)} ms`,
      isMet: worst <= MAX_CALL_CPU_MS,
    },
    {
      promise: `at least ${MIN_CPU_RATIO}x less CPU than by the AWS SDK`,
      measured: `${ratio.toFixed(2)}x`,
      isMet: ratio >= MIN_CPU_RATIO,
    },
    {
      promise: `at most ${MAX_RUN_CPU_MS / 1_000} s of CPU for a run with ${run?.partitions} new ranges`,
      measured: run && `${(run.cpuMs / 1_000).toFixed(2)} s`,
      isMet: run !== undefined && run.cpuMs <= MAX_RUN_CPU_MS,
    },
    {
      promise: `at most ${MAX_EMPTY_RANGE_MS} ms for a range without a visible record`,
      measured: `${emptyRange.wallMs.toFixed(2)} ms`,
      isMet: emptyRange.wallMs <= MAX_EMPTY_RANGE_MS,
    },
    {
      promise: `at most ${MAX_EMPTY_RANGE_CPU_MS} ms of CPU for it`,
      measured: `${emptyRange.cpuMs.toFixed(2)} ms`,
      isMet: emptyRange.cpuMs <= MAX_EMPTY_RANGE_CPU_MS,
    },
  ];
}

type Call = CallTargets["calls"][number];

function isSdkOf(own: Call, one: Call): boolean {
  return one.client === "sdk" && one.operation === own.operation;
}
