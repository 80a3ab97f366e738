// From event source handler
//
// Runs a handler that was written for Lambda's event source mapping over a range: events of the
// documented form, one after the other, and its answers as the mapping takes them.
//
//   EH1  Every record that passes the filter is in the event of exactly one call, in order; no
//        event has more than the mapping's batch, or than Lambda's payload unless one record alone has.
//   EH2  A batch is committed before the next is given out, with the records before and between that
//        were filtered out; a partial failure commits what is below its lowest offset. What was filtered
//        out is committed too where the range ends before its end: it is not read again.

import { ConfigurationError, MisuseError } from "../../shared/core/errors.ts";
import { BatchItemFailureError } from "../../shared/core/failure/batch-item-failure.ts";
import { isThenable } from "../../shared/core/is-thenable.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { KafkaRecord } from "../../shared/core/source/range-reader.ts";
import { readBootstrapServers } from "../lambda-config.ts";
import type { InvocationContext } from "../lambda-handler.ts";
import { holdOffsets } from "../processor/session/hold-offsets.ts";
import type { ProcessingRange } from "../processor/session/processing-range.ts";
import { decodeEventSourceMapping, type EventSourceMapping, type EventSourceSettings } from "./event-source-mapping.ts";
import { failedOffsets } from "./item-failures.ts";
import { eventBytes, type KafkaEvent, toEventRecord } from "./kafka-event.ts";
import { EVENT_FRAME_BYTES, MAX_EVENT_BYTES } from "./limits.ts";

/** Any event that holds records by topic and partition, whoever declares it. */
export interface RecordsByPartition {
  /** By topic and partition: `orders-0`. */
  readonly records: Readonly<Record<string, readonly object[]>>;
}

/**
 * A handler as Lambda calls it, whoever declares its types: `MSKHandler` and `SelfManagedKafkaHandler` of
 * @types/aws-lambda, those of Powertools and middy. One that takes three arguments is given a callback.
 */
export type EventSourceHandler<Event extends RecordsByPartition> = (
  event: Event,
  context: never,
  callback: never,
) => unknown;

/** A pipeline's code that calls an event source handler, for createRangeProcessor. */
export type EventSourceCode = <Output>(range: ProcessingRange<Output>) => Promise<void>;

/** The range that an event is of, where a handler wants more than the event says. */
export type EventRange = Pick<
  ProcessingRange<never>,
  | "pipeline"
  | "topicId"
  | "topic"
  | "partition"
  | "fromOffset"
  | "untilOffset"
  | "committedOffset"
  | "mode"
  | "requestId"
  | "attempt"
  | "leaseCounter"
  | "signal"
>;

/** By the context of the invocation, whose calls come one after the other. */
const ranges = new WeakMap<object, EventRange>();

/**
 * The range that the handler is called for, by the context that it is given: middleware may make another event of the
 * event. Throws MisuseError for a context that fromEventSourceHandler did not pass on.
 */
export function rangeOf(context: object): EventRange {
  const range = ranges.get(context);
  if (range === undefined) {
    throw new MisuseError(
      "rangeOf: no handler is called with this context; give it the second argument of the handler",
    );
  }
  return range;
}

/**
 * The code of a pipeline that calls a handler of Lambda's event source mapping as the mapping would. `mapping` is what
 * `aws lambda get-event-source-mapping` prints, or what is wanted of it. Throws ConfigurationError for a mapping that is
 * none, or has something that cannot be taken over.
 */
export function fromEventSourceHandler<Event extends RecordsByPartition>(
  handler: EventSourceHandler<Event>,
  mapping: EventSourceMapping = {},
): EventSourceCode {
  if (typeof handler !== "function") {
    throw new ConfigurationError(
      "fromEventSourceHandler: it was given no function; give it the handler of the mapping",
    );
  }
  const settings = decodeEventSourceMapping(mapping);
  // What is called with is the documented event, which the handler's own types describe.
  const call = promisedCall(handler as unknown as AnyHandler);
  return (range) => runRange(range, settings, call);
}

type AnyHandler = (event: KafkaEvent, context: InvocationContext, callback?: Callback) => unknown;
type Callback = (error?: unknown, answer?: unknown) => void;
type Call = (event: KafkaEvent, context: InvocationContext) => Promise<unknown>;

/** Records of one event. */
interface Batch {
  readonly records: KafkaRecord[];
  bytes: number;
}

async function runRange<Output>(
  range: ProcessingRange<Output>,
  settings: EventSourceSettings,
  call: Call,
): Promise<void> {
  const { topic, filter, batchSize } = { ...settings, topic: range.topic };
  let batch: Batch = { records: [], bytes: EVENT_FRAME_BYTES };
  /** Everything below was given out, or filtered out. */
  let doneUntil: bigint | undefined;
  let isAnyDelivered = false;
  const commitDone = async () => {
    const until = doneUntil;
    doneUntil = undefined;
    await (until === undefined ? undefined : range.commit(until, []));
  };
  const deliver = async () => {
    range.signal.throwIfAborted();
    const { records } = batch;
    batch = { records: [], bytes: EVENT_FRAME_BYTES };
    // What was only filtered out before the first batch is worth no write of its own.
    doneUntil = isAnyDelivered ? doneUntil : undefined;
    await commitDone();
    isAnyDelivered = true;
    doneUntil = await deliverBatch({ range, settings, call }, records);
  };
  try {
    for await (const record of range.records()) {
      if (!filter(record)) {
        doneUntil = batch.records.length === 0 ? record.offset + 1n : doneUntil;
        continue;
      }
      const bytes = eventBytes(record, topic);
      if (batch.records.length > 0 && batch.bytes + bytes > MAX_EVENT_BYTES) {
        await deliver();
      }
      batch.records.push(record);
      batch.bytes += bytes;
      if (batch.records.length === batchSize) {
        await deliver();
      }
    }
    await (batch.records.length > 0 ? deliver() : undefined);
  } catch (error) {
    // What the last call did is not done again for what came after it.
    await commitDone();
    throw error;
  }
}

interface Delivering<Output> {
  readonly range: ProcessingRange<Output>;
  readonly settings: EventSourceSettings;
  readonly call: Call;
}

/** Resolves to the offset below which all is done. */
async function deliverBatch<Output>(
  { range, settings, call }: Delivering<Output>,
  records: readonly KafkaRecord[],
): Promise<bigint> {
  const { topic, partition, context } = range;
  if (context === undefined) {
    throw new MisuseError(
      "fromEventSourceHandler: there is no Lambda context; run it by createRangeProcessor or runRange",
    );
  }
  const offsets = records.map(({ offset }) => offset);
  const [first = 0n, last = 0n] = [offsets[0], offsets.at(-1)];
  const inEvent = `${topic}-${partition}`;
  const event: KafkaEvent = {
    eventSource: settings.eventSourceArn === undefined ? "SelfManagedKafka" : "aws:kafka",
    ...omitUndefined({ eventSourceArn: settings.eventSourceArn }),
    bootstrapServers: settings.bootstrapServers ?? readBootstrapServers(),
    records: { [inEvent]: records.map((record) => toEventRecord(range, record)) },
  };
  ranges.set(context, range);
  holdOffsets(range, { fromOffset: first, untilOffset: last + 1n });
  const answer = await call(event, context);
  const failed = settings.reportsFailures ? failedOffsets({ partition: inEvent, offsets }, asAnswered(answer)) : [];
  const [lowest] = failed;
  if (lowest !== undefined) {
    holdOffsets(range, { fromOffset: lowest, untilOffset: lowest + 1n });
    await range.commit(lowest, []);
    throw new BatchItemFailureError(
      `the handler reported ${failed.length} of the ${records.length} records of its event as failed, offset ${lowest} of ${inEvent} first`,
      { offsets: failed },
    );
  }
  holdOffsets(range, undefined);
  return last + 1n;
}

/** As the runtime answers it: what JSON makes of it, which a `toJSON` of its own decides. */
function asAnswered(answer: unknown): unknown {
  const text = JSON.stringify(answer) as string | undefined; // Undefined for undefined, and for a function.
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * As Lambda does up to Node.js 22: a promise that is returned counts, or else the callback, which every handler is given.
 * One that takes a callback by its parameters is waited for, and so is one without any that returns nothing, as wrappers
 * do (`(...args) => handler(...args)`); another that returns no promise has done all when it returns.
 */
function promisedCall(handler: AnyHandler): Call {
  let late: unknown;
  return (event, context) =>
    new Promise((resolve, reject) => {
      const told = late;
      late = undefined;
      if (told !== undefined) {
        throw lateError(told);
      }
      let isDone = false;
      const returned = handler(event, context, (error, answer) => {
        if (error === undefined || error === null) {
          resolve(answer);
        } else {
          late = isDone ? error : late;
          reject(error);
        }
      });
      const isWaitedFor = handler.length >= 3 || (handler.length === 0 && returned === undefined);
      if (isThenable(returned)) {
        resolve(returned);
      } else if (!isWaitedFor) {
        // What is called back at once comes first.
        setImmediate(() => {
          isDone = true;
          resolve(returned);
        });
      }
    });
}

/** What it failed with was told when its batch was done already. */
function lateError(cause: unknown): MisuseError {
  return new MisuseError(
    "the handler called its callback with an error after it had returned, and takes no callback by its parameters: declare it as (event, context, callback), so that it is waited for; the batch of that error counts as done",
    { cause },
  );
}
