/** What Lambda says of an invocation; the part of it that is used. */
export interface InvocationContext {
  /** Of the request, also where Lambda delivers it again. */
  readonly awsRequestId: string;
  /** Of CloudWatch Logs. */
  readonly logGroupName?: string;
  /** Of CloudWatch Logs. */
  readonly logStreamName?: string;
  /** Until the function's time-out, in milliseconds. */
  getRemainingTimeInMillis(): number;
}

/** A function's handler, as Lambda's Node.js runtime calls it. */
export type LambdaHandler = (event: unknown, context: InvocationContext) => Promise<unknown>;
