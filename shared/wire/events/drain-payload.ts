import * as z from "zod/mini";
import { ConfigurationError } from "../../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../../core/ledger/ledger-name.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { shape } from "../offsets/wire-offset.ts";

/** Asks to process what is there when it is first seen, and then nothing more. */
export interface DrainPayload {
  /** The same id goes on with the same drain. */
  readonly drainId: string;
}

const drainIdRule = `expected ${LEDGER_NAME_RULE}`;

const drainPayload = z.strictObject(
  { drainId: z.string(drainIdRule).check(z.refine(isLedgerName, drainIdRule)) },
  shape('{"drainId"}'),
);

/** Throws ConfigurationError that names every wrong field. */
export function decodeDrainPayload(payload: unknown): DrainPayload {
  const result = drainPayload.safeParse(payload, worded);
  if (!result.success) {
    throw new ConfigurationError(`the drain payload is wrong: ${listProblems(result.error, payload)}`);
  }
  return result.data;
}
