// Whatever comes from outside: a codec answers a value that is not much larger than its
// input, or throws the error that it documents, and nothing else.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError, LedgerIntegrityError } from "../../../shared/core/errors.ts";
import { parsePattern } from "../../../shared/core/pattern/parse-pattern.ts";
import { decodeRange, encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { decodeRequest, encodeRequest } from "../../../shared/dynamodb/items/request-codec.ts";
import { describeProducersV0 } from "../../../shared/kafka/protocol/describe-producers-v0.ts";
import { fetchV13 } from "../../../shared/kafka/protocol/fetch-v13.ts";
import { findCoordinatorV3 } from "../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { listGroupsV4 } from "../../../shared/kafka/protocol/groups/list-groups-v4.ts";
import { offsetCommitV8 } from "../../../shared/kafka/protocol/groups/offset-commit-v8.ts";
import { offsetFetchV7 } from "../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import { listOffsetsV7 } from "../../../shared/kafka/protocol/list-offsets-v7.ts";
import { metadataV12 } from "../../../shared/kafka/protocol/metadata-v12.ts";
import { offsetForLeaderEpochV4 } from "../../../shared/kafka/protocol/offset-for-leader-epoch-v4.ts";
import { produceV9 } from "../../../shared/kafka/protocol/produce-v9.ts";
import { apiVersionsV2 } from "../../../shared/kafka/protocol/session/api-versions-v2.ts";
import { saslAuthenticateV1 } from "../../../shared/kafka/protocol/session/sasl-authenticate-v1.ts";
import { saslHandshakeV1 } from "../../../shared/kafka/protocol/session/sasl-handshake-v1.ts";
import { addOffsetsToTxnV3 } from "../../../shared/kafka/protocol/transactions/add-offsets-to-txn-v3.ts";
import { addPartitionsToTxnV3 } from "../../../shared/kafka/protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../../../shared/kafka/protocol/transactions/end-txn-v3.ts";
import { initProducerIdV4 } from "../../../shared/kafka/protocol/transactions/init-producer-id-v4.ts";
import { txnOffsetCommitV3 } from "../../../shared/kafka/protocol/transactions/txn-offset-commit-v3.ts";
import { WireError } from "../../../shared/kafka/protocol/wire-reader.ts";
import { readCertificates, readPrivateKey } from "../../../shared/key-stores/pem.ts";
import { decodeEnvironment, encodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { encodeSettled, readLetterRecord } from "../../../shared/wire/events/dead-letter-record.ts";
import { decodeDeadLetter } from "../../../shared/wire/events/decode-dead-letter.ts";
import { decodeDrainPayload } from "../../../shared/wire/events/drain-payload.ts";
import { decodeOnFailureRecord } from "../../../shared/wire/events/on-failure-record.ts";
import { decodeProcessorEvent } from "../../../shared/wire/events/processor-event.ts";
import { decodeRangeMessage, encodeRangeMessage } from "../../../shared/wire/events/range-message.ts";
import { decodeRefusal } from "../../../shared/wire/events/refusal.ts";
import { decodeReprocessPayload } from "../../../shared/wire/events/reprocess-payload.ts";
import { decodeSchedulerEvent } from "../../../shared/wire/events/scheduler-event.ts";
import { decodeStrategyAnswer } from "../../../shared/wire/events/strategy-answer.ts";
import { parseJaasConfig } from "../../../shared/wire/java/jaas-config.ts";
import { parseJavaProperties } from "../../../shared/wire/java/java-properties.ts";
import { readJsonText } from "../../../shared/wire/json/json-text.ts";
import { parseRangeArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { readAssign } from "../../../shared/wire/offsets/spark-assign.ts";
import { parseSparkOffsets, parseSparkTimestamps } from "../../../shared/wire/offsets/spark-offsets.ts";
import { aRangeRecord } from "../../support/builders/builders.ts";
import { aReprocessRequest } from "../../support/builders/reprocess-builders.ts";
import { damagedBytes, damagedItem, damagedJson, damagedText, weightOf } from "../../support/fuzz/damaged.ts";
import { SCHEDULER_ENVIRONMENT } from "../../support/pipeline/scheduler-environment.ts";
import { createSelfSigned } from "../../support/self-signed-certificate.ts";

const RUNS = Number(process.env["CODEC_RUNS"] ?? 300);
/** Values of an answer for each value or byte of the input. An answer may name what was left out. */
const MAX_GROWTH = 20;
const MIN_WEIGHT = 100;

interface Codec {
  readonly decode: (input: never) => unknown;
  /** What it throws beside a value. None where it never throws. */
  readonly error?: new (
    ...args: never[]
  ) => Error;
  readonly inputs: fc.Arbitrary<unknown>;
}

const range = { topic: "orders", partition: 0, fromOffset: "5", untilOffset: "9" };
const direct = { requestId: "again", range };
const leader = { nodeId: 1, host: "b-1", port: 9092, leaderEpoch: 3 };
const dispatch = JSON.parse(encodeRangeMessage({ record: aRangeRecord(), leader }));
const reprocess = { requestId: "again", ranges: [range] };
const onFailure = {
  requestContext: { requestId: "1" },
  KafkaBatchInfo: { recordsInfo: { "orders-0": { firstRecordOffset: "5", lastRecordOffset: "8" } } },
  payload: { records: { "orders-0": [{ topic: "orders", partition: 0, offset: 5 }] } },
};
const letter = {
  version: 1,
  kind: "rejected",
  pipeline: "word-count",
  topicId: "id",
  topic: "orders",
  partition: 0,
  offset: "5",
  attempt: 1,
  failedAt: "2026-01-01T00:00:00Z",
  error: { name: "Error", message: "no" },
  invocation: { awsRequestId: "1" },
};
const variables = encodeEnvironment(schedulerEnvironment, SCHEDULER_ENVIRONMENT);
const { certificate, privateKey } = createSelfSigned("broker");
const CERTIFICATE = certificate.toString();
const KEY = String(privateKey.export({ type: "pkcs8", format: "pem" }));
const password = { name: "password", value: undefined };
const setting = (text: string) => ({ what: "the setting", text });

/** Whole responses, as Kafka's message definitions have them. */
const RESPONSES = {
  apiVersionsV2: `0000 00000002 0001 0004 0011 0003 0000 000d 00000007`,
  saslHandshakeV1: `0000 00000001 0005 504c41494e`,
  saslAuthenticateV1: `003a 0002 6e6f 00000003 010203 00000000000003e8`,
  metadataV12: `00000005 02 00000001 03 6131 00002384 00 01 05 02 ffff 03 6364 00000001
    02 0000 03 6162 0123456789abcdef0123456789abcdef 01
      03 0000 00000000 00000001 00000004 02 00000001 02 00000001 01 00
         0005 00000001 ffffffff 00000000 01 01 01 00
    80000000 00 00`,
  listOffsetsV7: `00000000 02 02 61 02 00000003 0006 ffffffffffffffff 0000000000000007 00000002 00 00 00`,
  fetchV13: `00000007 0000 00000000 02 0123456789abcdef0123456789abcdef
    02 00000003 0000 0000000000000064 0000000000000060 0000000000000010
       02 0000000000000005 0000000000000020 00 ffffffff 04 aabbcc
       02 00 0d 00000002 0000000000000030 00 01 09 00000001 00000002 00
    00 00`,
  findCoordinatorV3: `00000000 0000 00 00000001 0a 3132372e302e302e31 00002384 00`,
  listGroupsV4: `00000000 0000 02 02 67 09 636f6e73756d6572 07 537461626c65 00 00`,
  offsetCommitV8: `00000000 02 02 61 02 00000003 0000 00 00 00`,
  offsetFetchV7: `00000000 02 02 61 02 00000003 0000000000000007 ffffffff 02 6d 0000 00 00 0000 00`,
  initProducerIdV4: `00000000 0000 0000000000000fa1 0002 00`,
  endTxnV3: `00000000 0000 00`,
  addOffsetsToTxnV3: `00000000 0000 00`,
  addPartitionsToTxnV3: `00000000 02 02 61 02 00000003 0000 00 00 00`,
  txnOffsetCommitV3: `00000000 02 02 61 02 00000003 0000 00 00 00`,
  produceV9: `02 02 61 02 00000000 0000 0000000000000005 ffffffffffffffff 0000000000000000
    02 00000000 03 6e6f 00 00 00 00 00000007 00`,
  offsetForLeaderEpochV4: `00000000 02 02 61 02 0000 00000003 00000004 0000000000000009 00 00 00`,
  describeProducersV0: `00000007 02 03 6162
    03 00000003 0000 00
       03 0000000000000fa1 00000002 00000005 0000019b76daa800 00000001 0000000000000003 00
          0000000000000fa2 00000000 ffffffff ffffffffffffffff ffffffff ffffffffffffffff 00
       00
       00000004 001d 03 6e6f 01 00
    00 00`,
};

const CODECS: Readonly<Record<string, Codec>> = {
  decodeProcessorEvent: {
    decode: decodeProcessorEvent,
    error: ConfigurationError,
    inputs: damagedJson(direct, dispatch),
  },
  decodeRangeMessage: { decode: decodeRangeMessage, error: ConfigurationError, inputs: damagedJson(dispatch) },
  decodeSchedulerEvent: {
    decode: decodeSchedulerEvent,
    error: ConfigurationError,
    inputs: damagedJson({ tick: {} }, { reprocess }, { drain: { drainId: "d" } }, onFailure, {
      Records: [{ body: "{}" }],
    }),
  },
  decodeReprocessPayload: { decode: decodeReprocessPayload, error: ConfigurationError, inputs: damagedJson(reprocess) },
  decodeOnFailureRecord: { decode: decodeOnFailureRecord, error: ConfigurationError, inputs: damagedJson(onFailure) },
  decodeDrainPayload: { decode: decodeDrainPayload, error: ConfigurationError, inputs: damagedJson({ drainId: "d" }) },
  decodeStrategyAnswer: {
    decode: decodeStrategyAnswer,
    error: ConfigurationError,
    inputs: damagedJson({ selection: { topics: ["a"] }, startingOffsets: { a: { 0: 5 } } }),
  },
  decodeRefusal: { decode: decodeRefusal, inputs: damagedJson({ kind: "refused", reason: "no", passes: false }) },
  decodeDeadLetter: {
    decode: (body: unknown) => decodeDeadLetter(JSON.stringify(body)),
    inputs: damagedJson(letter),
  },
  readLetterRecord: {
    decode: (text: string) => readLetterRecord({ key: null, value: null, headers: settledHeaders(text) }),
    inputs: damagedText('{"id":"a","untilOffset":"5"}'),
  },
  decodeEnvironment: {
    decode: (values: Readonly<Record<string, string>>) => decodeEnvironment(schedulerEnvironment, values),
    error: ConfigurationError,
    inputs: fc
      .tuple(fc.constantFrom(...Object.keys(variables)), damagedText(...Object.values(variables)))
      .map(([name, value]) => ({ ...variables, [name]: value })),
  },
  decodeRange: {
    decode: decodeRange,
    error: LedgerIntegrityError,
    inputs: damagedItem(encodeRange(aRangeRecord())),
  },
  decodeRequest: {
    decode: decodeRequest,
    error: LedgerIntegrityError,
    inputs: damagedItem(encodeRequest(aReprocessRequest())),
  },
  parseSparkOffsets: {
    decode: (text: string) => parseSparkOffsets("startingOffsets", text),
    error: ConfigurationError,
    inputs: damagedText('{"orders":{"0":23,"1":-2},"b":{"0":-1}}', "earliest"),
  },
  parseSparkTimestamps: {
    decode: (text: string) => parseSparkTimestamps("startingTimestamp", text),
    error: ConfigurationError,
    inputs: damagedText('{"orders":{"0":1700000000000},"b":{"0":1}}'),
  },
  readAssign: {
    decode: (text: string) => readAssign("assign", text),
    error: ConfigurationError,
    inputs: damagedText('{"orders":[0,1],"b":[2]}'),
  },
  parseRangeArgument: { decode: parseRangeArgument, error: ConfigurationError, inputs: damagedText("orders:0:5:9") },
  readJsonText: { decode: (text: string) => readJsonText(text), inputs: damagedText('{"a":[1,"x",null,1e3]}') },
  parseJavaProperties: {
    decode: parseJavaProperties,
    error: ConfigurationError,
    inputs: damagedText("# a\nbootstrap.servers=b:1\\\n ,c:2\nssl.key\\ x : \\u0041\n"),
  },
  parseJaasConfig: {
    decode: parseJaasConfig,
    error: ConfigurationError,
    inputs: damagedText("org.apache.kafka.Plain required username=\"a\" /* b */ password='c\\\\';"),
  },
  parsePattern: {
    decode: parsePattern,
    error: ConfigurationError,
    inputs: damagedText("(?:orders|[a-f&&[^d]]\\w{2,3})+?"),
  },
  readCertificates: {
    decode: (text: string) => readCertificates(setting(text)),
    error: ConfigurationError,
    inputs: damagedText(CERTIFICATE, CERTIFICATE + CERTIFICATE),
  },
  readPrivateKey: {
    decode: (text: string) => readPrivateKey(setting(text), password),
    error: ConfigurationError,
    inputs: damagedText(KEY, CERTIFICATE + KEY),
  },
  apiVersionsV2: { decode: apiVersionsV2.decode, error: WireError, inputs: damagedBytes(RESPONSES.apiVersionsV2) },
  saslHandshakeV1: {
    decode: saslHandshakeV1.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.saslHandshakeV1),
  },
  saslAuthenticateV1: {
    decode: saslAuthenticateV1.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.saslAuthenticateV1),
  },
  metadataV12: { decode: metadataV12.decode, error: WireError, inputs: damagedBytes(RESPONSES.metadataV12) },
  listOffsetsV7: { decode: listOffsetsV7.decode, error: WireError, inputs: damagedBytes(RESPONSES.listOffsetsV7) },
  fetchV13: { decode: fetchV13.decode, error: WireError, inputs: damagedBytes(RESPONSES.fetchV13) },
  offsetForLeaderEpochV4: {
    decode: offsetForLeaderEpochV4.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.offsetForLeaderEpochV4),
  },
  findCoordinatorV3: {
    decode: findCoordinatorV3.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.findCoordinatorV3),
  },
  listGroupsV4: { decode: listGroupsV4.decode, error: WireError, inputs: damagedBytes(RESPONSES.listGroupsV4) },
  offsetCommitV8: { decode: offsetCommitV8.decode, error: WireError, inputs: damagedBytes(RESPONSES.offsetCommitV8) },
  offsetFetchV7: { decode: offsetFetchV7.decode, error: WireError, inputs: damagedBytes(RESPONSES.offsetFetchV7) },
  initProducerIdV4: {
    decode: initProducerIdV4.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.initProducerIdV4),
  },
  endTxnV3: { decode: endTxnV3.decode, error: WireError, inputs: damagedBytes(RESPONSES.endTxnV3) },
  addOffsetsToTxnV3: {
    decode: addOffsetsToTxnV3.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.addOffsetsToTxnV3),
  },
  addPartitionsToTxnV3: {
    decode: addPartitionsToTxnV3.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.addPartitionsToTxnV3),
  },
  txnOffsetCommitV3: {
    decode: txnOffsetCommitV3.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.txnOffsetCommitV3),
  },
  produceV9: { decode: produceV9.decode, error: WireError, inputs: damagedBytes(RESPONSES.produceV9) },
  describeProducersV0: {
    decode: describeProducersV0.decode,
    error: WireError,
    inputs: damagedBytes(RESPONSES.describeProducersV0),
  },
};

function settledHeaders(text: string) {
  return encodeSettled("a", 5n).headers.map(({ key }) => ({ key, value: Buffer.from(text) }));
}

describe.each(Object.entries(CODECS))("%s", (_, { decode, error, inputs }) => {
  test("answers within bounds, or throws what it documents", () => {
    let answers = 0;

    fc.assert(
      fc.property(inputs, (input) => {
        let answer: unknown;
        try {
          answer = decode(input as never); // The table pairs each codec with inputs of its type.
        } catch (thrown) {
          if (error === undefined || !(thrown instanceof error)) {
            throw thrown;
          }
          return;
        }
        answers += 1;
        expect(weightOf(answer)).toBeLessThanOrEqual(MIN_WEIGHT + MAX_GROWTH * weightOf(input));
      }),
      { numRuns: RUNS },
    );

    // Else only the first check of the codec was reached.
    expect(answers).toBeGreaterThan(0);
  });
});

/** Where others are fuzzed, or why they need not be: they are parts of one that is. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  readJks: "key-stores.test.ts",
  readPkcs12: "key-stores.test.ts",
  readTrusted: "key-stores.test.ts",
  readIdentity: "key-stores.test.ts",
  decodeDrain: "its fields: decodeRequest",
  decodePipeline: "its fields: decodeRange",
  decodeRangeKey: "decodeRange",
  decodeOpenRequests: "its fields: decodeRange",
  decodeManifestProgress: "its fields: decodeRange",
  decodeError: "decodeRange",
  decodeCounts: "decodeRange",
  decodeOutputNotes: "decodeRange",
  decodeProperties: "its bytes are decoded as Java does; what it says: parseJavaProperties",
  parseRecordArgument: "parseRangeArgument",
  decodePartitionErrors: "offsetCommitV8",
  decodeOperator: "decodeRange",
  decodeOutcomes: "decodeRequest",
  decodeAccount: "decodeRequest",
  decodeColumn: "decodeRequest",
  decodeStarts: "decodeRequest",
  decodeIntervals: "decodeRequest",
  decodePause: "its fields: decodeRange",
  decodeRate: "its fields: decodeRange",
  readDecimal: "parseRangeArgument",
  readPartition: "parseRangeArgument",
  readNamedValues: "parseSparkOffsets",
  readOffsets: "parseSparkOffsets",
  readTimestamps: "parseSparkTimestamps",
  readTimestamp: "parseSparkTimestamps",
  readOffsetReset: "one of a few words",
  parseRangeStartArgument: "parseRangeArgument",
  parseTopicPartitionArgument: "parseRangeArgument",
  parseOffsetArgument: "parseRangeArgument",
  parseRangeChoice: "parseSparkOffsets",
};

test("each codec of a folder that reads what comes from outside is in the table, or has its place named", () => {
  const folders = ["shared/wire/events", "shared/wire/environment", "shared/wire/offsets", "shared/wire/java"];
  folders.push("shared/wire/json", "shared/wire/kafka-params", "shared/dynamodb/items", "shared/key-stores");
  const codecs = [...folders, "shared/kafka/protocol"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((file) => {
      if (!file.endsWith(".ts")) {
        return [];
      }
      const text = readFileSync(join(folder, file), "utf8");
      return [
        ...text.matchAll(/^export (?:async )?function ((?:decode|parse|read)\w+)/gm),
        ...text.matchAll(/^export const (\w+V\d+): ApiCall/gm),
      ].map(([, name = ""]) => name);
    }),
  );

  expect(codecs).toContain("decodeRangeMessage");
  expect(codecs.filter((name) => !(name in CODECS) && !(name in ELSEWHERE))).toEqual([]);
});
