import { expect, test } from "vitest";
import type { EventSourceMapping } from "../../../../functions/event-source/event-source-mapping.ts";
import { fromEventSourceHandler } from "../../../../functions/event-source/from-event-source-handler.ts";

test.each<[string, RegExp, EventSourceMapping]>([
  ["that is none", /the mapping is "x"; expected an object/, "x" as never],
  ["with names that are not AWS's", /batchSize: no field of an event source mapping/, { batchSize: 5 }],
  ["of too large batches", /BatchSize is 10001; expected a whole number from 1 to 10000/, { BatchSize: 10_001 }],
  [
    "of another source",
    /EventSourceArn is "arn:aws:sqs.*expected that of an MSK cluster/,
    { EventSourceArn: "arn:aws:sqs:eu-west-1:1:q" },
  ],
  [
    "of servers that are none",
    /KAFKA_BOOTSTRAP_SERVERS is "a:9092"; expected host:port texts/,
    { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: "a:9092" as never } } },
  ],
  ["of other answers", /FunctionResponseTypes is \["All"\]; expected/, { FunctionResponseTypes: ["All"] }],
  [
    "ES1: whose records AWS would decode",
    /AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig is .*decode them there/,
    { AmazonManagedKafkaEventSourceConfig: { SchemaRegistryConfig: { EventRecordFormat: "JSON" } } },
  ],
  [
    "of a source that is none",
    /SelfManagedEventSource is "x"; expected \{ Endpoints: \{ KAFKA_BOOTSTRAP_SERVERS/,
    { SelfManagedEventSource: "x" as never },
  ],
  [
    "of a source whose servers are misspelt",
    /SelfManagedEventSource is .*expected \{ Endpoints/,
    { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVER: ["a:9092"] } } },
  ],
  [
    "of no servers",
    /KAFKA_BOOTSTRAP_SERVERS is \[\]; expected host:port texts/,
    { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: [] } } },
  ],
  [
    "of both sources",
    /EventSourceArn is given too, and a mapping has one of them/,
    {
      EventSourceArn: "arn:aws:kafka:eu-west-1:1:cluster/a/b",
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["a:9092"] } },
    },
  ],
  [
    "ES1: whose filters could not be decrypted",
    /FilterCriteriaError is .*give its FilterCriteria/,
    { FilterCriteria: null, FilterCriteriaError: { ErrorCode: "KMSAccessDeniedException", Message: "no" } },
  ],
  [
    "ES1: whose filters could not be decrypted, and are left out",
    /FilterCriteriaError is /,
    { FilterCriteriaError: { ErrorCode: "KMSAccessDeniedException" } },
  ],
  [
    "ES1: whose filters are encrypted",
    /FilterCriteria is null; they are encrypted/,
    { KMSKeyArn: "arn:aws:kms:…", FilterCriteria: null },
  ],
])("a mapping is refused %s", (_, message, mapping) => {
  expect(() => fromEventSourceHandler(() => {}, mapping)).toThrow(message);
});
