// Params variable
//
// Kafka's settings of a pipeline as they travel in its functions' environment: what was
// judged where the stack is synthesized, with references in place of secrets.

import * as z from "zod/mini";
import type { FetchSettings } from "../kafka-params/fetch-settings.ts";
import type { ParamParts, ParamReference } from "./param-reference.ts";

export interface ParamsVariable {
  /** By their names as they were given. */
  readonly params: Readonly<Record<string, ParamParts>>;
  /** A file of settings or an object of them, which is judged when it is read. */
  readonly whole?: ParamReference;
  readonly fetching?: FetchSettings;
}

const text = z.string().check(z.minLength(1));
const region = { region: z.exactOptional(text) };
const reference: z.ZodMiniType<ParamReference> = z.union([
  z.strictObject({ secret: text, field: z.exactOptional(text), ...region }),
  z.strictObject({ parameter: text, ...region }),
  z.strictObject({ bucket: text, key: text, ...region }),
  z.strictObject({ file: text }),
]);
const positive = z.exactOptional(z.int().check(z.gte(0)));

const content: z.ZodMiniType<ParamsVariable> = z.strictObject({
  params: z.record(z.string(), z.readonly(z.array(z.union([z.string(), reference])))),
  whole: z.exactOptional(reference),
  fetching: z.exactOptional(
    z.strictObject({
      requestTimeoutMs: positive,
      fetchMaxBytes: positive,
      fetchMinBytes: positive,
      fetchMaxWaitMs: positive,
    }),
  ),
});

export const paramsVariable = z.codec(z.string(), content, {
  decode: (value, context) => {
    try {
      return JSON.parse(value);
    } catch {
      context.issues.push({ code: "custom", input: "", message: "expected the JSON that the stack writes" });
      return z.NEVER;
    }
  },
  encode: (value) => JSON.stringify(value),
});
