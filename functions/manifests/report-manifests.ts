// Report manifests: what one run tells an operator, and what it answers.

import type { Logger } from "@aws-lambda-powertools/logger";
import { listNames } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_LOGGED_PARTITIONS } from "../../shared/core/limits.ts";
import type { DueManifests } from "./manifest-run.ts";

export interface ManifestAnswer {
  readonly written: number;
  /** Batches that wait for a range. */
  readonly waiting: number;
}

/** Throws ConfigurationError where something else is in a manifest's place: the function's alarm goes by it. */
export function reportManifests(
  logger: Pick<Logger, "info" | "warn">,
  bucket: string,
  { written, present, differing, elsewhere, givenUp, waiting }: DueManifests,
): ManifestAnswer {
  const first = (names: readonly string[]) => names.slice(0, MAX_LOGGED_PARTITIONS);
  if (written.length + present.length > 0) {
    logger.info("manifests", { written: written.length, present: present.length, waiting, keys: first(written) });
  }
  if (elsewhere.length > 0) {
    const details = { count: elsewhere.length, manifests: first(elsewhere) };
    logger.warn(
      "batches have objects in an archive that is not this function's; ranges manifests writes these",
      details,
    );
  }
  if (givenUp.length > 0) {
    const details = { count: givenUp.length, batches: first(givenUp) };
    logger.warn("batches were not complete in time for a manifest", details);
  }
  if (differing.length > 0) {
    throw new ConfigurationError(
      `in s3://${bucket} ${listNames(differing)} are there with another content than the ledger has: find out who wrote them, and move them away`,
    );
  }
  return { written: written.length, waiting };
}
