// Broker connection
//
// The port between what we ask of Kafka and what carries it. Whoever
// implements it owns sockets, TLS, authentication and framing, and nothing of
// what the answers mean.
//
//   BC1  Every call ends by its own deadline, answered or not.
//   BC2  After `close` nothing is in flight and nothing arrives: the socket is gone.
//   BC3  A connection that failed once is not usable again.
//   BC4  For as long as an answer's throttle time says, the next call is held back (KIP-219);
//        its own deadline begins then.

import type { ApiCall } from "../protocol/api-call.ts";
import type { DescribeProducersRequest, DescribeProducersResponse } from "../protocol/describe-producers-v0.ts";
import type { FetchRequest, FetchResponse } from "../protocol/fetch-v13.ts";
import type { ListOffsetsRequest, ListOffsetsResponse } from "../protocol/list-offsets-v7.ts";
import type { MetadataRequest, MetadataResponse } from "../protocol/metadata-v12.ts";
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../protocol/offset-for-leader-epoch-v4.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";
import type { BrokerAddress } from "./broker-address.ts";

/** Each call throws RangeReadError, ConfigurationError, CorruptRecordError, or what `close` was given. */
export interface BrokerConnection {
  readonly address: BrokerAddress;
  /** Who the broker takes us for, as its ACLs name it; absent where only the broker knows. */
  readonly principal?: Principal | undefined;
  /** What the broker has told it to wait for a quota, in ms: grows and never goes back. */
  readonly throttleTimeMs: number;
  /** Whether a call can be sent. */
  readonly isUsable: boolean;
  metadata(request: MetadataRequest): Promise<MetadataResponse>;
  listOffsets(request: ListOffsetsRequest): Promise<ListOffsetsResponse>;
  offsetForLeaderEpoch(request: OffsetForLeaderEpochRequest): Promise<OffsetForLeaderEpochResponse>;
  fetch(request: FetchRequest): Promise<FetchResponse>;
  /** Throws ConfigurationError, and stays usable, where the broker does not know the request. */
  describeProducers(request: DescribeProducersRequest): Promise<DescribeProducersResponse>;
  /** Any other request. Throws ConfigurationError, and stays usable, where the broker does not serve this version of it. */
  ask<Request, Response extends { readonly throttleTimeMs: number }>(
    call: ApiCall<Request, Response>,
    request: Request,
  ): Promise<Response>;
  /** Whether the socket keeps the process alive; an idle one must not. */
  setIdle(isIdle: boolean): void;
  /** Destroys the socket; calls in flight reject with `reason`. */
  close(reason: unknown): void;
}

/** Dials and authenticates; ends at once with the signal's reason. */
export type ConnectBroker = (address: BrokerAddress, signal?: AbortSignal) => Promise<BrokerConnection>;
