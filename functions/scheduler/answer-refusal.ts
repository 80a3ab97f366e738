import type { Logger } from "@aws-lambda-powertools/logger";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { asksForRefusal, encodeRefusal } from "../../shared/wire/events/refusal.ts";

/** What `run` answers; for an event that asks for it also why it was refused, which it then does not throw. */
export async function answerRefusal(
  event: unknown,
  logger: Pick<Logger, "warn">,
  run: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConfigurationError && asksForRefusal(event)) {
      logger.warn("the request was refused", { reason: error.message });
      return encodeRefusal(error);
    }
    throw error;
  }
}
