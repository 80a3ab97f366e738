import type { CdkProject } from "../deploy/cdk-project.ts";
import { watchProject } from "../project/watch-project.ts";
import type { LocalRun } from "../run/local-run.ts";
import type { DevDeployment } from "./dev-deployment.ts";
import type { DevPipeline } from "./open-pipelines.ts";
import { retryFailed } from "./retry-failed.ts";

export interface RedeployOptions {
  readonly project: CdkProject;
  readonly deployment: DevDeployment;
  readonly run: LocalRun;
  /** What pipelines need before they run. */
  readonly prepare: (pipelines: readonly DevPipeline[]) => Promise<readonly DevPipeline[]>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Deploys what is saved until the signal fires; what cannot be deployed is told, and what is deployed runs on. */
export async function redeployOnSave({
  project,
  deployment,
  run,
  prepare,
  say,
  signal,
}: RedeployOptions): Promise<void> {
  const saves = watchProject(project.folder);
  let retries = beginRetries(async () => undefined);
  try {
    for (;;) {
      const files = await saves.nextSave(signal);
      if (signal.aborted) {
        return;
      }
      const startedAt = performance.now();
      const took = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
      try {
        const done = await deployment.redeploy(files);
        if (done.kind === "deployed") {
          run.replacePipelines(await prepare(done.pipelines));
        }
        if (done.kind !== "unchanged") {
          say(`saved: deployed again in ${took()}`);
          await retries.end();
          retries = beginRetries((ended) =>
            retryFailed(run, say, ended).catch((error: unknown) =>
              say(`what has failed was not retried: ${String(error)}`),
            ),
          );
        }
      } catch (error) {
        say("saved, but not deployed; what is deployed runs on:");
        for (const line of (error instanceof Error ? error.message : String(error)).split("\n")) {
          say(`  ${deployment.mapPaths(line)}`);
        }
      }
    }
  } finally {
    saves.close();
    await retries.end();
  }
}

/** Goes on beside the next save, up to its deployment. */
function beginRetries(retry: (ended: AbortSignal) => Promise<void>): { readonly end: () => Promise<void> } {
  const ended = new AbortController();
  const done = retry(ended.signal);
  return {
    end: async () => {
      ended.abort();
      await done;
    },
  };
}
