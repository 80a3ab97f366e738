// kafkajs transport
//
// With oauth-bearer.ts the only file that touches kafkajs beyond its public API: sockets,
// TLS, SASL, re-authentication and the request queue are its; requests and answers are ours.
// It implements broker-connection.ts; replacing kafkajs means replacing these two files.

import type { Socket } from "node:net";
import type { Mechanism, SASLOptions } from "kafkajs";
import Broker from "kafkajs/src/broker/index.js";
import ConnectionPool, { type Connection, type SilentLogger } from "kafkajs/src/network/connectionPool.js";
import { ConfigurationError } from "../../core/errors.ts";
import { type BrokerAddress, formatAddress } from "../connection/broker-address.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import type { DialRequest } from "../connection/dial.ts";
import { FrameReceiver } from "../connection/frame-receiver.ts";
import type { ConnectOptions } from "../connection/kafka-options.ts";
import { openSocket } from "../connection/open-socket.ts";
import { type CallLimits, PendingCalls } from "../connection/pending-calls.ts";
import { hasClientCertificate, principalOf } from "../connection/principal.ts";
import { SESSION_USE } from "../limits.ts";
import type { ApiCall } from "../protocol/api-call.ts";
import { type DescribeProducersRequest, describeProducersV0 } from "../protocol/describe-producers-v0.ts";
import { type FetchRequest, fetchV13 } from "../protocol/fetch-v13.ts";
import { listOffsetsV7 } from "../protocol/list-offsets-v7.ts";
import { metadataV12 } from "../protocol/metadata-v12.ts";
import { offsetForLeaderEpochV4 } from "../protocol/offset-for-leader-epoch-v4.ts";
import { requireApis, servesApi } from "../protocol/required-apis.ts";
import { WireReader } from "../protocol/wire-reader.ts";
import { ConnectionCourse } from "../refusals/connection-course.ts";
import { translateRenewalError } from "../refusals/connection-errors.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";
import { oauthBearerMechanism } from "./oauth-bearer.ts";

/** The first byte of a flexible request's body: kafkajs writes header v1, header v2 is that and no tagged fields. */
const NO_HEADER_TAGS = Buffer.of(0);

/** Errors reach the caller as exceptions; kafkajs would log them as well. */
const silentLogger: SilentLogger = {
  namespace: () => silentLogger,
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};

/** What one connection is opened with. */
export type OpenOptions = Omit<ConnectOptions, "sasl"> & {
  readonly sasl: SASLOptions | Mechanism | undefined;
};

/** `open` is called once, and first. */
export class KafkajsConnection implements BrokerConnection {
  readonly address: BrokerAddress;
  readonly principal: Principal | undefined;
  throttleTimeMs = 0;
  readonly #options: OpenOptions;
  readonly #pool: ConnectionPool;
  // The error makes kafkajs drop its queue at once; its own disconnect would wait for answers.
  readonly #calls = new PendingCalls(() => this.#socket?.destroy(new Error("closed")));
  readonly #course: ConnectionCourse;
  #socket: Socket | undefined;
  #versions: Broker["versions"] = null;

  constructor(address: BrokerAddress, options: OpenOptions) {
    this.address = address;
    this.#options = options;
    this.principal = principalOf(options);
    this.#course = new ConnectionCourse({
      isTls: options.ssl !== undefined,
      hasClientCertificate: hasClientCertificate(options.ssl),
      isSasl: options.sasl !== undefined,
      names: options.settingNames,
    });
    this.#pool = new ConnectionPool({
      ...address,
      clientId: options.clientId,
      ssl: options.ssl ?? null,
      sasl: options.sasl === undefined ? null : mechanismOf(options.sasl),
      logger: silentLogger,
      socketFactory: (request) => this.#dial(request),
      connectionTimeout: options.connectTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      enforceRequestTimeout: false, // It looks at intervals; our own deadlines are exact.
    });
    const { requestQueue } = this.#connection;
    requestQueue.scheduleCheckPendingRequests = () => scheduleThrottled(requestQueue);
    meterThrottle(requestQueue, (throttleTimeMs) => {
      this.throttleTimeMs += Math.max(throttleTimeMs, 0);
    });
  }

  get isUsable(): boolean {
    return !this.#calls.areClosed && this.#connection.isConnected();
  }

  async open(): Promise<void> {
    const broker = new Broker({ connectionPool: this.#pool, logger: silentLogger });
    const what = `connecting to ${formatAddress(this.address)}`;
    const limits = {
      ...this.#limitsOf(what, this.#options.connectTimeoutMs),
      whySilent: () => this.#course.explainSilence(),
    };
    await this.#calls.run(limits, async () => {
      try {
        await broker.connect();
      } finally {
        // ApiVersions is answered before any authentication, also where that fails.
        requireApis(formatAddress(this.address), broker.versions);
      }
    });
    const connection = this.#connection;
    connection.reauthenticationThreshold = Math.ceil(connection.sessionLifetime.toNumber() * (1 - SESSION_USE));
    this.#versions = broker.versions;
    this.#course.opened();
  }

  async ask<Request, Response extends { readonly throttleTimeMs: number }>(
    call: ApiCall<Request, Response>,
    request: Request,
  ): Promise<Response> {
    if (!servesApi(this.#versions, call)) {
      const { name, apiVersion } = call;
      throw new ConfigurationError(`${formatAddress(this.address)} does not know ${name} v${apiVersion}`);
    }
    return this.#call(call, request, this.#options.requestTimeoutMs);
  }

  metadata = this.#caller(metadataV12);
  listOffsets = this.#caller(listOffsetsV7);
  offsetForLeaderEpoch = this.#caller(offsetForLeaderEpochV4);

  fetch = (request: FetchRequest) => this.#call(fetchV13, request, this.#options.requestTimeoutMs + request.maxWaitMs);

  describeProducers = (request: DescribeProducersRequest) => this.ask(describeProducersV0, request);

  setIdle(isIdle: boolean): void {
    if (isIdle) {
      this.#socket?.unref();
    } else {
      this.#socket?.ref();
    }
  }

  close(reason: unknown): void {
    this.#calls.close(reason);
  }

  get #connection(): Connection {
    const [connection] = this.#pool.pool;
    if (connection === undefined) {
      throw new ConfigurationError("this version of kafkajs pools no connections; version 2.2.4 is needed");
    }
    return connection;
  }

  #caller<Request, Response extends { readonly throttleTimeMs: number }>(call: ApiCall<Request, Response>) {
    return (request: Request) => this.#call(call, request, this.#options.requestTimeoutMs);
  }

  #call<Request, Response extends { readonly throttleTimeMs: number }>(
    { name, apiKey, apiVersion, encode, decode }: ApiCall<Request, Response>,
    request: Request,
    timeoutMs: number,
  ): Promise<Response> {
    const buffer = Buffer.concat([NO_HEADER_TAGS, encode(request)]);
    const limits = this.#limitsOf(`${name} from ${formatAddress(this.address)}`, timeoutMs);
    const send = () =>
      this.#connection.send({
        request: {
          apiKey,
          apiVersion,
          apiName: name,
          encode: async () => ({ buf: buffer, buffer, size: () => buffer.length }),
        },
        response: {
          decode: async (payload) => {
            // Response header v1: the correlation id, which kafkajs took, and tagged fields.
            const reader = new WireReader(payload);
            reader.skipTags();
            const response = decode(payload.subarray(reader.position));
            return { response, clientSideThrottleTime: response.throttleTimeMs };
          },
          parse: async ({ response }) => response,
        },
        logResponseError: false,
      });
    return this.#calls.run(limits, async () => {
      try {
        return await send();
      } catch (error) {
        throw translateRenewalError(error);
      }
    });
  }

  /** A request waits in the queue for as long as the broker throttles the connection. */
  #limitsOf(what: string, timeoutMs: number): CallLimits {
    const { requestQueue } = this.#connection;
    const names = this.#options.settingNames;
    return { what, timeoutMs, names, heldBackMs: () => Math.max(0, requestQueue.throttledUntil - Date.now()) };
  }

  #dial(request: Omit<DialRequest, "onread">): Socket {
    const course = this.#course;
    const receiver = new FrameReceiver((frame) => {
      course.answered();
      passFrame(this.#connection, frame);
    });
    const where = formatAddress(this.address);
    this.#socket = openSocket(request, { where, course, receiver, close: (reason) => this.close(reason) });
    return this.#socket;
  }
}

/** A copy: kafkajs keeps in it what it authenticates with. */
function mechanismOf(sasl: SASLOptions | Mechanism): SASLOptions | Mechanism {
  return sasl.mechanism === "oauthbearer" && "oauthBearerProvider" in sasl ? oauthBearerMechanism(sasl) : { ...sasl };
}

/** Gives kafkajs a whole response. What it keeps of the one before, no bytes at all, would make it copy this one. */
function passFrame(connection: Connection, frame: Buffer): void {
  connection.chunks = [];
  connection.processData(frame);
}

/** Every answer passes here, also those to what kafkajs asks by itself to open a connection. */
function meterThrottle(queue: Connection["requestQueue"], add: (throttleTimeMs: number) => void): void {
  const maybeThrottle = queue.maybeThrottle.bind(queue);
  queue.maybeThrottle = (throttleTimeMs) => {
    add(throttleTimeMs ?? 0);
    maybeThrottle(throttleTimeMs);
  };
}

/**
 * Stands in for kafkajs's own, which sets a timer of negative length after every
 * response and another one when that has fired, for ever.
 */
function scheduleThrottled(queue: Connection["requestQueue"]): void {
  if (queue.pending.length === 0 || queue.throttleCheckTimeoutId !== null) {
    return;
  }
  queue.throttleCheckTimeoutId = setTimeout(
    () => {
      queue.throttleCheckTimeoutId = null;
      queue.checkPendingRequests();
    },
    Math.max(1, queue.throttledUntil - Date.now()),
  );
}
