// Connection errors: what it is to the processor that a connection is not made, or of no more use.

import { type BatchProcessorError, ConfigurationError, OutputUnavailableError } from "../../core/errors.ts";
import type { ConnectOutcome } from "./postgres-connection.ts";
import { remedyOf } from "./sql-state.ts";

export function refusedConnection(
  outcome: Exclude<ConnectOutcome, { readonly kind: "connected" }>,
  place: string,
): BatchProcessorError {
  if (outcome.kind === "broken") {
    const { cause } = outcome;
    return isCertificateError(cause)
      ? new ConfigurationError(
          `${place} shows a certificate that is not trusted: ${String(cause)}; give the authority's certificates as ssl.ca, or in NODE_EXTRA_CA_CERTS, which for RDS is /var/runtime/ca-cert.pem in Lambda`,
          { cause },
        )
      : unavailable(`${place} cannot be reached: ${String(cause)}`, cause);
  }
  const { state, message, cause } = outcome.refusal;
  const remedy = remedyOf(state);
  return remedy === "settings" || remedy === "data" || remedy === "schema"
    ? new ConfigurationError(
        `${place} refuses the connection (SQLSTATE ${state}): ${message}; ${settingOf(state)} of postgresOutput`,
        { cause },
      )
    : unavailable(`${place} takes no connection (SQLSTATE ${state}): ${message}`, cause);
}

function settingOf(state: string): string {
  if (state === "3D000") {
    return "see database";
  }
  return state.startsWith("28") ? "see user, and password, secretId or useIam," : "see host, port and ssl";
}

export function unavailable(message: string, cause?: unknown): OutputUnavailableError {
  return new OutputUnavailableError(message, { cause });
}

/** As Node names what is wrong with a certificate: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isCertificateError(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === "string" && (code.includes("CERT") || code.includes("SELF_SIGNED") || code.startsWith("ERR_TLS_"))
  );
}
