export interface AwsCallErrorDetails extends ErrorOptions {
  /** As the service names it (`ConditionalCheckFailedException`), or what the connection failed with (`ECONNRESET`). */
  readonly name: string;
  /** Absent where no answer came. */
  readonly statusCode?: number;
  readonly requestId?: string;
  /** What else the service's answer says, as its JSON has it. */
  readonly answer?: unknown;
}

/** A call that came to nothing, after its repetitions: refused by the service, or without an answer. */
export class AwsCallError extends Error {
  override readonly name: string;
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
  readonly answer: unknown;

  constructor(message: string, { name, statusCode, requestId, answer, ...options }: AwsCallErrorDetails) {
    super(message, options);
    this.name = name;
    this.statusCode = statusCode;
    this.requestId = requestId;
    this.answer = answer;
  }
}
