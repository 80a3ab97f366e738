// Follow pipelines
//
// What the pipelines' code logs, with the pipeline's name in front where there are several,
// and the user's own files in its traces.

import { followLog } from "../logs/follow-logs.ts";
import { renderLogLine } from "../logs/render-log-line.ts";
import type { DevDeployment } from "./dev-deployment.ts";
import type { DevPipeline } from "./open-pipelines.ts";

export interface FollowOptions {
  readonly endpoint: () => string;
  readonly deployment: Pick<DevDeployment, "mapPaths">;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface FollowedPipelines {
  /** From now on also these, where they are not followed already. */
  follow(pipelines: readonly DevPipeline[]): void;
  /** Once everything that was logged before the signal is shown. */
  ended(): Promise<void>;
}

export function followPipelines({ endpoint, deployment, say, signal }: FollowOptions): FollowedPipelines {
  const following = new Map<string, Promise<void>>();
  return {
    follow: (pipelines) => {
      for (const { logGroup, environment, running } of pipelines) {
        const key = `${endpoint()} ${logGroup}`;
        const name = pipelines.length > 1 ? `${running.outputs.PipelineName} | ` : "| ";
        const show = (message: string) => {
          for (const line of renderLogLine(message, deployment.mapPaths)) {
            say(`${name}${line}`);
          }
        };
        const log = { endpoint: endpoint(), environment, logGroup, since: Date.now(), signal, show };
        if (!following.has(key)) {
          following.set(
            key,
            followLog(log).catch((error: unknown) => say(`the log ${logGroup} cannot be read: ${String(error)}`)),
          );
        }
      }
    },
    ended: async () => {
      await Promise.all(following.values());
    },
  };
}
