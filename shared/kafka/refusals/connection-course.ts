// Connection course
//
// How far a connection has come, and what it means when it ends or stands still
// there without a word: brokers close a connection that does not suit their
// listener, and leave it to the client to guess why. The guess is told with its
// remedy; since it is one, what ends so may be tried again.

import type { SettingNames } from "./setting-names.ts";

/** In the order in which a connection goes through them. */
type Stage = "dialling" | "securing" | "greeting" | "authenticating" | "open" | "answering";

export interface Security {
  readonly isTls: boolean;
  readonly hasClientCertificate: boolean;
  readonly isSasl: boolean;
  /** @default Kafka's own */
  readonly names?: SettingNames;
}

export class ConnectionCourse {
  readonly #security: Security;
  #stage: Stage = "dialling";

  constructor(security: Security) {
    this.#security = security;
  }

  /** Whether the next bytes are the first from the other side, and no TLS lies around them. */
  get isUngreeted(): boolean {
    return this.#stage === "greeting" && !this.#security.isTls;
  }

  /** Whether a connection that ends here without a word most likely does not suit the listener. */
  get isUnsuited(): boolean {
    const isIn = this.#stage !== "dialling" && this.#stage !== "answering";
    return isIn && !(this.#stage === "open" && this.#security.isSasl);
  }

  get names(): SettingNames {
    return this.#security.names ?? {};
  }

  tookTcp(): void {
    this.#stage = this.#security.isTls ? "securing" : "greeting";
  }

  tookTls(): void {
    this.#stage = "greeting";
  }

  /** The broker has sent a whole answer; the first is that to ApiVersions. */
  answered(): void {
    if (this.#stage === "greeting") {
      this.#stage = "authenticating";
    } else if (this.#stage === "open") {
      this.#stage = "answering";
    }
  }

  /** ApiVersions and SASL are done. */
  opened(): void {
    this.#stage = "open";
  }

  /** The end of a sentence that tells that the connection was closed or lost. */
  explainEnd(): string {
    const { isTls, hasClientCertificate, isSasl, names = {} } = this.#security;
    const { protocol = "security.protocol", mechanism = "sasl.mechanism", keystore = "ssl.keystore.*" } = names;
    const wish = isTls && !hasClientCertificate ? `, or does it want a client certificate (${keystore})?` : "?";
    switch (this.#stage) {
      case "dialling":
      case "answering":
        return "";
      case "securing":
        return ` before TLS was agreed, as a listener without TLS does: set ${protocol} to ${isSasl ? "SASL_PLAINTEXT" : "PLAINTEXT or SASL_PLAINTEXT"}, or name the port of a listener with TLS`;
      case "greeting":
        return ` before it answered ApiVersions: is it a Kafka listener${isTls ? wish : ", and one without TLS?"}`;
      case "authenticating":
        return ` in the middle of the authentication: does the listener offer this ${mechanism}?`;
      case "open":
        return isSasl
          ? ""
          : ` on the first request behind ApiVersions, as a listener does that wants SASL: set ${protocol} to ${isTls ? "SASL_SSL" : "SASL_PLAINTEXT"} with ${mechanism} and sasl.jaas.config, or name the port of a listener without SASL`;
    }
  }

  /** The end of a sentence that tells that there was no answer in time. */
  explainSilence(): string {
    switch (this.#stage) {
      case "dialling":
        return ", not even to TCP: is the address right, and does no firewall, security group or route stand between?";
      case "securing":
        return " to the TLS hello: is it a listener with TLS?";
      case "greeting":
        return ` to ApiVersions: is it a Kafka listener${this.#security.isTls ? "" : ", and one without TLS"}?`;
      case "authenticating":
        return " to the authentication";
      case "open":
      case "answering":
        return "";
    }
  }
}
