import { verifyLedger } from "../../cli/commands/verify-ledger.ts";
import { EXIT } from "../../cli/output/exit-codes.ts";
import type { LocalRun } from "../run/local-run.ts";

/** Whether everything is processed, and each ledger whole, as `ranges verify` has it with the brokers. */
export async function giveVerdict(run: LocalRun, say: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const isDrained = await run.drain(signal);
  signal.throwIfAborted();
  const terminal = { print: async (line: string) => say(line), note: say, signal };
  let isWhole = true;
  for (const { running } of run.pipelines) {
    const deps = { ledger: running.ledger, now: () => Date.now(), log: { source: run.source }, terminal };
    const code = await verifyLedger(deps, { pipeline: running.outputs.PipelineName, json: false, strict: false });
    isWhole &&= code === EXIT.done;
  }
  if (!isDrained) {
    say("FAILED: not everything was processed");
  } else {
    say(isWhole ? "VERIFIED: everything was processed, and the ledger is whole" : "FAILED: the ledger is not whole");
  }
  return isDrained && isWhole;
}
