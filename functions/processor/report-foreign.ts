import type { Logger } from "@aws-lambda-powertools/logger";
import { ForeignPipelineError } from "../../shared/core/errors.ts";

/** Names both pipelines in the log where the invocation failed for a range of another one. */
export function reportForeign(logger: Pick<Logger, "error">, error: unknown): void {
  if (error instanceof ForeignPipelineError) {
    const { ownPipeline, pipeline: foreignPipeline } = error;
    logger.error("the range is another pipeline's: refused", { ownPipeline, foreignPipeline, error });
  }
}
