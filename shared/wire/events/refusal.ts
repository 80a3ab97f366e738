// Refusal
//
// How whoever waits for the scheduler is told, if they ask for it, that a request was refused: by an answer,
// whose fields say what a failed invocation says in its text alone. Lambda keeps of an error its name and its text, and
// what stands in for Lambda on a laptop not even the name.
//
//   RF1  Only who asks for it is answered so; for everybody else a refused event is a failed invocation, which
//        Lambda counts, and sends to the on-failure destination.

import * as z from "zod/mini";
import { ConfigurationError } from "../../core/errors.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";

const asking = z.object({ reprocess: z.object({ answerRefusal: z.literal(true) }) });

/** Of any event, also one that is refused because it cannot be read. */
export function asksForRefusal(event: unknown): boolean {
  return asking.safeParse(event).success;
}

const answer = z.object({
  refusal: z.object({ reason: z.string(), passes: z.exactOptional(z.enum(["beginning", "end"])) }),
});

export function encodeRefusal({ message: reason, passes }: ConfigurationError): z.output<typeof answer> {
  return { refusal: { reason, ...omitUndefined({ passes }) } };
}

/** What the answer refuses by; undefined where it is none of a refusal. */
export function decodeRefusal(outcome: unknown): ConfigurationError | undefined {
  const { data } = answer.safeParse(outcome);
  if (data === undefined) {
    return undefined;
  }
  const { reason, passes } = data.refusal;
  return new ConfigurationError(reason, omitUndefined({ passes }));
}
