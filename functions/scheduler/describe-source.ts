import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_PARTITIONS } from "../../shared/core/limits.ts";
import type { OffsetSource, SourceMetadata } from "../../shared/core/offset-source.ts";
import type { PipelineRecord } from "../../shared/core/range-ledger.ts";
import type { SchedulerRules } from "./scheduler-deps.ts";

/**
 * What a run has before it. Throws ConfigurationError for more partitions than a run can plan, and where a first run may
 * not see a topic that is named: what it leaves out would count as found later, and be read from its beginning whatever
 * the pipeline is told.
 */
export async function describeSource(
  source: OffsetSource,
  { pipeline, selection }: Pick<SchedulerRules, "pipeline" | "selection">,
  record: PipelineRecord | undefined,
): Promise<SourceMetadata> {
  const metadata = await source.describe(selection);
  const { partitions, forbidden = [] } = metadata;
  if (partitions.length > MAX_PARTITIONS) {
    throw new ConfigurationError(
      `the source of ${pipeline} has ${partitions.length} partitions, more than ${MAX_PARTITIONS}; split it into several pipelines`,
    );
  }
  if (record === undefined && forbidden.length > 0) {
    throw new ConfigurationError(`the pipeline was not started: ${forbidden.map(({ reason }) => reason).join("; ")}`);
  }
  return metadata;
}
