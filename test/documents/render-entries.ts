import { ENTRY_ROWS, PEM_FILE, PEM_INLINE } from "../support/deployed/entry-matrix.ts";
import { recorded } from "../support/key-stores/recorded-stores.ts";
import { renderTable } from "./documents.ts";

/** The ways of entering a cluster that a test tries on a real Kafka, by a command and by deployed functions. */
export function renderEntries(): string {
  const rows = ENTRY_ROWS.map(({ protocol, mechanism, truststore, keystore, kept }) => [
    protocol,
    mechanism ?? "none",
    kindOf(truststore),
    kindOf(keystore),
    ["in the project", "a whole secret"].includes(kept) ? "yes" : `yes, and referred to: ${kept}`,
    `yes: ${kept}`,
  ]);
  return renderTable(["Protocol", "Mechanism", "Truststore", "Keystore", "ranges", "Functions, kept in"], rows);
}

function kindOf(store: string | undefined): string {
  if (store === undefined) {
    return "none";
  }
  return store === PEM_FILE || store === PEM_INLINE ? store : (recorded.stores[store]?.type ?? store);
}
