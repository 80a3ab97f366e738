// What kafkajs-transport.ts and oauth-bearer.ts use of kafkajs 2.2.4 beyond its public
// API. Tests hold the installed package to it.

declare module "kafkajs/src/network/connectionPool.js" {
  import type { Socket } from "node:net";
  import type { ConnectionOptions } from "node:tls";
  import type { Mechanism, SASLOptions } from "kafkajs";

  export interface SilentLogger {
    namespace(): SilentLogger;
    info(): void;
    error(): void;
    warn(): void;
    debug(): void;
  }

  export interface ConnectionPoolOptions {
    readonly host: string;
    readonly port: number;
    readonly clientId: string;
    readonly ssl: ConnectionOptions | null;
    readonly sasl: SASLOptions | Mechanism | null;
    readonly logger: SilentLogger;
    readonly socketFactory: (request: {
      readonly host: string;
      readonly port: number;
      readonly ssl: ConnectionOptions | null;
      readonly onConnect: () => void;
    }) => Socket;
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly enforceRequestTimeout: boolean;
  }

  export interface ProtocolCall<Decoded, Parsed> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer; size(): number }>;
    };
    readonly response: {
      decode(payload: Buffer): Promise<Decoded>;
      parse(decoded: Decoded): Promise<Parsed>;
    };
    readonly logResponseError: boolean;
  }

  export interface RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    /** Is told of every answer's throttle time, in ms. */
    maybeThrottle(clientSideThrottleTime: number | null | undefined): void;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }

  export interface Connection {
    readonly requestQueue: RequestQueue;
    /** In ms, as the broker said at the last authentication; 0 for no end. */
    readonly sessionLifetime: { toNumber(): number };
    /** So many ms before the session's end, the next request is preceded by an authentication (KIP-368). */
    reauthenticationThreshold: number;
    isConnected(): boolean;
    /** Of a response that is not whole yet. */
    chunks: Buffer[];
    processData(chunk: Buffer): void;
    send<Decoded extends { readonly clientSideThrottleTime: number }, Parsed>(
      call: ProtocolCall<Decoded, Parsed>,
    ): Promise<Parsed>;
  }

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default class ConnectionPool {
    constructor(options: ConnectionPoolOptions);
    readonly pool: readonly Connection[];
  }
}

declare module "kafkajs/src/broker/index.js" {
  import type ConnectionPool from "kafkajs/src/network/connectionPool.js";
  import type { SilentLogger } from "kafkajs/src/network/connectionPool.js";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default class Broker {
    constructor(options: { readonly connectionPool: ConnectionPool; readonly logger: SilentLogger });
    readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
    /** ApiVersions, then SASL where it is configured. */
    connect(): Promise<void>;
  }
}

declare module "kafkajs/src/broker/saslAuthenticator/oauthBearer.js" {
  import type { Mechanism, SASLOptions } from "kafkajs";

  // biome-ignore lint/style/noDefaultExport: it is what the CommonJS module exports.
  export default function oauthBearer(
    sasl: Extract<SASLOptions, { readonly mechanism: "oauthbearer" }>,
  ): Mechanism["authenticationProvider"];
}
