// Start handler
//
// When a function's file is loaded by Lambda, all that its handler is made of is made at once,
// so that a wrong environment fails the cold start and not the first range. Anywhere else, as
// in a test that imports the file, nothing is read before the handler is invoked.

import { isInLambda } from "./lambda-config.ts";
import type { LambdaHandler } from "./lambda-handler.ts";
import { mapStacks } from "./map-stacks.ts";

/** `open` reads the environment, and throws ConfigurationError where that is wrong. */
export function startHandler(open: () => LambdaHandler): LambdaHandler {
  mapStacks(import.meta.url);
  let opened = isInLambda() ? open() : undefined;
  return async (event, context) => {
    opened ??= open();
    return opened(event, context);
  };
}
