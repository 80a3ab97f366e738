import { joinProblems } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { MAX_PARTITIONS } from "../../../shared/core/limits.ts";
import type { ForbiddenTopic, OffsetSource, SourceMetadata } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerRules } from "../deps/scheduler-deps.ts";

interface SourceUse {
  /** Absent before the first run. */
  readonly record: PipelineRecord | undefined;
  readonly drainId: string | undefined;
}

/**
 * What a run has before it. Throws ConfigurationError for more partitions than a run can plan, and for a named topic that
 * may not be described where the run must see all of them.
 */
export async function describeSource(
  source: OffsetSource,
  { pipeline, selection }: Pick<SchedulerRules, "pipeline" | "selection">,
  use: SourceUse,
): Promise<SourceMetadata> {
  const metadata = await source.describe(selection);
  const { partitions, forbidden = [] } = metadata;
  if (partitions.length > MAX_PARTITIONS) {
    throw new ConfigurationError(
      `the source of ${pipeline} has ${partitions.length} partitions, more than ${MAX_PARTITIONS}; split it into several pipelines`,
    );
  }
  requireAllowed(forbidden, use);
  return metadata;
}

function requireAllowed(forbidden: readonly ForbiddenTopic[], { record, drainId }: SourceUse): void {
  if (forbidden.length === 0) {
    return;
  }
  const problems = joinProblems(forbidden.map(({ reason }) => reason));
  // It would count as found later, and be read from its beginning whatever the pipeline is told.
  if (record === undefined) {
    throw new ConfigurationError(`the pipeline was not started: ${problems}`);
  }
  // It would count as gone, and the drain as done.
  if (drainId !== undefined) {
    throw new ConfigurationError(`drain ${drainId} does not go on: ${problems}`);
  }
}
