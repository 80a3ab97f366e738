/**
 * A request that opens a connection, in a version from before headers had tagged fields: how it is asked and how its
 * answer reads.
 */
export interface SessionCall<Request, Response> {
  /** As Kafka's protocol guide spells it. */
  readonly name: string;
  readonly apiKey: number;
  readonly apiVersion: number;
  /** The request's body, without its header. */
  encode(this: void, request: Request): Buffer;
  /** The response's body, without its header; throws WireError when it is malformed. */
  decode(this: void, body: Buffer): Response;
}
