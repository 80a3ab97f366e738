/** Bytes of log that one busy range makes, of its processor; the deploy guide's volumes are computed from them. */
export const LOGGED_BYTES = {
  /** The line of a completed range. */
  line: 730,
  /** Its metrics, in CloudWatch's embedded metric format. */
  metrics: 480,
  /** The line and the metrics of the scheduler's run, once per batch. */
  run: 1630,
} as const;

/**
 * Lambda's own lines of one invocation, in plain text and traced, as its guide shows them.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export const SYSTEM_LINES = `START RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95 Version: $LATEST
END RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95
REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95\tDuration: 101.26 ms\tBilled Duration: 102 ms\tMemory Size: 1769 MB\tMax Memory Used: 142 MB\t
XRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 557abcec3ee5a047\tSampled: true`;
