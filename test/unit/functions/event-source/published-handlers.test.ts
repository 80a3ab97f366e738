// Handlers as people have them: those of Powertools and middy, as published, and of the types that
// @types/aws-lambda declares, unchanged.

import { BatchProcessor, EventType } from "@aws-lambda-powertools/batch";
import { kafkaConsumer } from "@aws-lambda-powertools/kafka";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import middy, { type MiddlewareObj } from "@middy/core";
import eventNormalizer from "@middy/event-normalizer";
import type { MSKEvent, MSKHandler, MSKRecord, SelfManagedKafkaHandler, SQSHandler } from "aws-lambda";
import { describe, expect, test } from "vitest";
import {
  type EventSourceMapping,
  FIELDS_WITHOUT_EFFECT,
} from "../../../../functions/event-source/event-source-mapping.ts";
import { fromEventSourceHandler } from "../../../../functions/event-source/from-event-source-handler.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";

const records = recordsOf([
  { key: "a", value: { id: 1 }, headers: { source: "shop" } },
  { key: "b", value: { id: 2 } },
  { key: "c", value: { id: 3 } },
  { key: "d", value: null },
]);
const mapping: EventSourceMapping = {
  EventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/sales/abcd",
  FunctionResponseTypes: ["ReportBatchItemFailures"],
};

describe("Powertools", () => {
  test("a Kafka consumer gets keys, values and headers decoded", async () => {
    const seen: unknown[] = [];
    const handler = kafkaConsumer<string, { readonly id: number }>(
      async (event, context) => {
        seen.push(context.functionName);
        for (const { key, value, headers, offset } of event.records) {
          seen.push({ key, value, headers, offset });
        }
      },
      { value: { type: "json" } },
    );

    const result = await runRange(fromEventSourceHandler(handler, mapping), { records });

    expect(result.status).toBe("completed");
    expect(seen).toEqual([
      "processor",
      { key: "a", value: { id: 1 }, headers: [{ source: "shop" }], offset: 0 },
      { key: "b", value: { id: 2 }, headers: [], offset: 1 },
      { key: "c", value: { id: 3 }, headers: [], offset: 2 },
      { key: "d", value: null, headers: [], offset: 3 },
    ]);
  });

  test("a batch processor, taught Kafka's identifiers since it does not ship them, reports what fails", async () => {
    class KafkaProcessor extends BatchProcessor {
      constructor() {
        super(EventType.SQS);
      }

      override collectSqsFailures() {
        const failed = this.failureMessages as unknown as readonly MSKRecord[];
        return failed.map(({ topic, partition, offset }) => ({
          itemIdentifier: { partition: `${topic}-${partition}`, offset },
        })) as never;
      }
    }
    const takeRecord = async (record: unknown) => {
      if ((record as MSKRecord).value === null) {
        throw new TypeError("no value");
      }
    };
    const handler = async (event: MSKEvent) => {
      const processor = new KafkaProcessor();
      processor.register(Object.values(event.records).flat() as never, takeRecord);
      await processor.process();
      return processor.response();
    };

    const result = await runRange(fromEventSourceHandler(handler, mapping), { records });

    expect(result).toMatchObject({ status: "failed", committedOffset: 3n, failedAt: { fromOffset: 3n } });
  });
});

describe("middy", () => {
  test.each([
    ["aws:kafka", mapping],
    ["SelfManagedKafka", { FunctionResponseTypes: ["ReportBatchItemFailures"] }],
  ])("its event normalizer decodes the values of %s, beside Powertools' logger", async (eventSource, given) => {
    const seen: unknown[] = [];
    const handler = middy<MSKEvent, unknown>()
      .use(eventNormalizer() as MiddlewareObj<MSKEvent, unknown>)
      .use(injectLambdaContext(new Logger({ logLevel: "SILENT" })))
      .handler(async (event) => {
        seen.push(event.eventSource, ...(event.records["orders-0"] ?? []).map(({ value }) => value));
        return { batchItemFailures: [{ itemIdentifier: { partition: "orders-0", offset: 2 } }] };
      });

    const result = await runRange(fromEventSourceHandler(handler, given), { records });

    expect(seen).toEqual([eventSource, { id: 1 }, { id: 2 }, { id: 3 }, null]);
    expect(result).toMatchObject({ committedOffset: 2n, failedAt: { fromOffset: 2n, untilOffset: 3n } });
  });
});

test("the handlers of AWS's own types are taken as they are, and those of another source are not", async () => {
  const values: string[] = [];
  const ofMsk: MSKHandler = async (event) => {
    values.push(...Object.values(event.records).flatMap((inside) => inside.map(({ key }) => atob(key))));
  };
  const ofOwn: SelfManagedKafkaHandler = (event, _context, callback) => {
    values.push(event.eventSource);
    callback();
  };
  const ofSqs: SQSHandler = async () => {};

  await runRange(fromEventSourceHandler(ofMsk, mapping), { records });
  await runRange(fromEventSourceHandler(ofOwn), { records });
  // @ts-expect-error Its event has Records, and none by partition.
  fromEventSourceHandler(ofSqs);

  expect(values).toEqual(["a", "b", "c", "d", "SelfManagedKafka"]);
});

test("every field that AWS's client knows of a mapping may be pasted", () => {
  const known: Record<keyof EventSourceMappingConfiguration, true> = {
    AmazonManagedKafkaEventSourceConfig: true,
    BatchSize: true,
    BisectBatchOnFunctionError: true,
    DestinationConfig: true,
    DocumentDBEventSourceConfig: true,
    EventSourceArn: true,
    EventSourceMappingArn: true,
    FilterCriteria: true,
    FilterCriteriaError: true,
    FunctionArn: true,
    FunctionResponseTypes: true,
    KMSKeyArn: true,
    LastModified: true,
    LastProcessingResult: true,
    LoggingConfig: true,
    MaximumBatchingWindowInSeconds: true,
    MaximumRecordAgeInSeconds: true,
    MaximumRetryAttempts: true,
    MetricsConfig: true,
    ParallelizationFactor: true,
    ProvisionedPollerConfig: true,
    Queues: true,
    ScalingConfig: true,
    SelfManagedEventSource: true,
    SelfManagedKafkaEventSourceConfig: true,
    SourceAccessConfigurations: true,
    StartingPosition: true,
    StartingPositionTimestamp: true,
    State: true,
    StateTransitionReason: true,
    Topics: true,
    TumblingWindowInSeconds: true,
    UUID: true,
  };
  const withEffect = [
    "BatchSize",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionResponseTypes",
    "SelfManagedEventSource",
  ];

  expect(Object.keys(known).filter((name) => ![...withEffect, ...FIELDS_WITHOUT_EFFECT].includes(name))).toEqual([]);
});
