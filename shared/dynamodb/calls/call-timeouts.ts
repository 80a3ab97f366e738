import type { CallTimeouts } from "../../aws/http-exchange.ts";
import { LEDGER_CONNECT_TIMEOUT_MS, LEDGER_REQUEST_TIMEOUT_MS } from "../../core/limits.ts";
import { REMOTE_CONNECT_TIMEOUT_MS, REMOTE_REQUEST_TIMEOUT_MS } from "../items/limits.ts";

/** Of a function, beside the table. */
export const IN_REGION: CallTimeouts = { connectMs: LEDGER_CONNECT_TIMEOUT_MS, requestMs: LEDGER_REQUEST_TIMEOUT_MS };

/** Of a command that runs anywhere. */
export const REMOTE: CallTimeouts = { connectMs: REMOTE_CONNECT_TIMEOUT_MS, requestMs: REMOTE_REQUEST_TIMEOUT_MS };
