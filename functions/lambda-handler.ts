/** What Lambda says of an invocation; the part of it that is used. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Of CloudWatch Logs. */
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  getRemainingTimeInMillis(): number;
}

/** A function's handler, as Lambda's Node.js runtime calls it. */
export type LambdaHandler = (event: unknown, context: InvocationContext) => Promise<unknown>;
