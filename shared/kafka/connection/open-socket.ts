// Open socket
//
// Dials a broker and turns whatever becomes of the socket into the one reason for
// which its connection is closed.

import type { Socket } from "node:net";
import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import type { ConnectionCourse } from "../refusals/connection-course.ts";
import { translateConnectionError } from "../refusals/connection-errors.ts";
import type { SettingNames } from "../refusals/setting-names.ts";
import { isTlsAlert } from "../refusals/tls-errors.ts";
import { UnsuitedError } from "../refusals/unsuited-error.ts";
import { type DialRequest, dial } from "./dial.ts";
import type { FrameReceiver } from "./frame-receiver.ts";
import { hasClientCertificate } from "./principal.ts";

export interface SocketUse {
  /** The broker's address, for messages. */
  readonly where: string;
  readonly course: ConnectionCourse;
  readonly receiver: FrameReceiver;
  /** Is told why the socket is of no use any more; only the first time counts. */
  readonly close: (reason: Error) => void;
}

const wantsTls = ({ protocol = "security.protocol" }: SettingNames) =>
  `the listener wants TLS: set ${protocol} to SSL or SASL_SSL, or name the port of a listener without TLS`;

/** What a peer's reset of the connection is called, by whether it came on reading or on writing. */
const RESET_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

/** A certificate or key that cannot be used throws at once, after `close` was told. */
export function openSocket(request: Omit<DialRequest, "onread">, use: SocketUse): Socket {
  const { where, course, receiver, close } = use;
  const identity = { hasClientCertificate: hasClientCertificate(request.ssl), names: course.names };
  const lose = (what: string) => {
    const message = `${what}${course.explainEnd()}`;
    close(course.isUnsuited ? new UnsuitedError(message) : new RangeReadError(message));
  };
  const fail = (error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (RESET_CODES.has(code)) {
      lose(`${where} reset the connection`);
    } else {
      close(translateConnectionError(error, where, identity));
    }
  };
  const onread = {
    buffer: () => receiver.room,
    callback: (length: number, bytes: Uint8Array) => {
      const problem = problemOf(use, length, bytes);
      if (problem !== undefined) {
        close(problem);
      }
      return true;
    },
  };
  try {
    const socket = dial({ ...request, onread });
    socket.once("connect", () => course.tookTcp());
    socket.once("secureConnect", () => course.tookTls());
    socket.once("error", fail);
    socket.once("end", () => lose(`${where} closed the connection`));
    socket.once("close", () => lose(`the connection to ${where} was lost`));
    return socket;
  } catch (error) {
    fail(error);
    throw error;
  }
}

function problemOf({ where, course, receiver }: SocketUse, length: number, bytes: Uint8Array): Error | undefined {
  if (course.isUngreeted && isTlsAlert(bytes.subarray(0, length))) {
    return new ConfigurationError(`${where} answered with a TLS alert; ${wantsTls(course.names)}`);
  }
  const problem = receiver.accept(length);
  return problem === undefined
    ? undefined
    : new RangeReadError(`${where} ${problem}; is it a Kafka listener, and is ssl set as it needs?`);
}
