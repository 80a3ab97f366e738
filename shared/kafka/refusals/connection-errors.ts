import {
  BatchProcessorError,
  ConfigurationError,
  CorruptRecordError,
  ProtocolError,
  RangeReadError,
} from "../../core/errors.ts";
import { type BrokerError, brokerError } from "../protocol/error-codes.ts";
import { WireError } from "../protocol/wire-reader.ts";
import { type NeededAcl, remedyFor } from "./refusal-remedies.ts";
import { explainTlsCode, type TlsIdentity, tlsWords } from "./tls-errors.ts";

/** As kafkajs's mechanisms name what they throw when the broker does not let them in. */
const SASL_ERROR = "KafkaJSSASLAuthenticationError";

/** An error code in the answer to a request that opens a connection. */
export class AnsweredError extends Error {
  override readonly name = "AnsweredError";
  readonly code: number;

  constructor(code: number) {
    super(`${brokerError(code).name} (${code})`);
    this.code = code;
  }
}

/** Whether the broker refused the credentials, which may be others by now. */
export function isCredentialsRefusal(error: unknown): error is ConfigurationError {
  return error instanceof ConfigurationError && error.cause instanceof Error && error.cause.name === SASL_ERROR;
}

/**
 * What a failed renewal of the session in the middle of a connection's life means: a new connection is let in, or is
 * told why not. A broker answers ILLEGAL_SASL_STATE to a handshake within a second of the one before, as at the end of
 * a token's life.
 */
export function translateRenewalError(error: unknown): unknown {
  return error instanceof AnsweredError || (error instanceof Error && error.name === SASL_ERROR)
    ? new RangeReadError(`the broker did not renew the session: ${error.message}`, { cause: error })
    : error;
}

/** What the system's codes for an address that cannot be dialled come down to. */
const DIAL_REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "; nothing listens there: is the broker up, and the port right?",
  ENOTFOUND: "; the name does not resolve here: is it right, and of this network?",
};

/** Says what failed in our own words; what is ours already, or was the caller's reason to stop, stays as it is. */
export function translateConnectionError(
  error: unknown,
  what: string,
  identity: TlsIdentity = { hasClientCertificate: false },
): Error {
  if (error instanceof BatchProcessorError) {
    return error;
  }
  if (!(error instanceof Error)) {
    return new RangeReadError(`${what} failed`, { cause: error });
  }
  const { name, message } = error;
  const { names = {} } = identity;
  if (error instanceof WireError) {
    return new ProtocolError(`${what}: the answer cannot be decoded: ${message}`, { cause: error });
  }
  if (name === SASL_ERROR) {
    const check = names.credentials === undefined ? "" : `; check ${names.credentials}`;
    return new ConfigurationError(`${what}: the broker refused the credentials: ${message}${check}`, { cause: error });
  }
  const refusal = error instanceof AnsweredError ? brokerError(error.code) : undefined;
  if (refusal?.reaction === "refused") {
    return new ConfigurationError(refusedText(refusal, what, remedyFor(refusal.name, undefined, names)));
  }
  const code = "code" in error ? String(error.code) : "";
  const problem = explainTlsCode(code, identity);
  if (problem !== undefined) {
    return new ConfigurationError(`${what}: TLS failed (${code})${tlsWords(error, code)}; ${problem}`, {
      cause: error,
    });
  }
  // A name that stands for several addresses fails with an AggregateError, which has a code and no message.
  const words = message === "" ? code : message;
  return new RangeReadError(`${what}: ${words}${DIAL_REMEDIES[code] ?? ""}`, { cause: error });
}

function refusedText({ name, code }: Pick<BrokerError, "name" | "code">, what: string, remedy: string): string {
  return `${what} was refused: ${name} (${code}); ${remedy}`;
}

/** The error to throw for a code that no retry cures. `acl` is what the request needed. */
export function refusalError({ code, name, reaction }: BrokerError, what: string, acl?: NeededAcl): Error {
  switch (reaction) {
    case "refused":
      return new ConfigurationError(refusedText({ name, code }, what, remedyFor(name, acl)));
    case "corrupt":
      return new CorruptRecordError(`${what}: the broker cannot read its log: ${name} (${code})`);
    case "unexpected":
      return new ProtocolError(`${what} was answered with an error that does not belong to it: ${name} (${code})`);
    case "none":
    case "retry":
    case "refresh":
    case "unknownTopic":
    case "outOfRange":
      return new RangeReadError(`${what} failed: ${name} (${code})`);
  }
}
