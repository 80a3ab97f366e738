// Manifest environment: the configuration of the function that writes batch manifests.

import * as z from "zod/mini";
import { isLedgerName, LEDGER_NAME_RULE } from "../../core/ledger/ledger-name.ts";

const text = (what: string) => z.string().check(z.minLength(1, `expected ${what}`));

export const manifestEnvironment = z.strictObject({
  pipeline: z.string().check(z.refine(isLedgerName, { error: `expected ${LEDGER_NAME_RULE}` })),
  ledgerTable: text("the name of a DynamoDB table"),
  archiveBucket: text("the name of an S3 bucket"),
  archivePrefix: z.exactOptional(text("a prefix, without a slash at its ends")),
});

export type ManifestEnvironment = z.output<typeof manifestEnvironment>;
