import type { Logger } from "@aws-lambda-powertools/logger";
import type { OnPhase } from "../shared/core/on-phase.ts";
import { toJson } from "../shared/wire/json/json.ts";

/** A debug line for each phase, where the logger writes such lines; elsewhere nobody is told of them. */
export function logPhases(logger: Pick<Logger, "debug" | "getLevelName">): { readonly onPhase?: OnPhase } {
  return ["TRACE", "DEBUG"].includes(logger.getLevelName())
    ? { onPhase: (phase, facts) => logger.debug(phase, { facts: toJson(facts) }) }
    : {};
}
