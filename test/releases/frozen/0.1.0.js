// Release 0.1.0, bundled by freeze.ts.

// shared/core/ledger-table.ts
var PARTITION_KEY = "pk";
var SORT_KEY = "sk";
var EXPIRY_ATTRIBUTE = "expiresAt";
var CRITICAL_ATTRIBUTE = "crit";
var PIPELINES_KEY = "v1#pipelines";
function pipelineKeyPrefix(pipeline) {
  return `v1#${pipeline}#`;
}

// shared/core/limits.ts
var MAX_OUTPUTS_PER_COMMIT = 99;
var MAX_COMMIT_BYTES = 4e6;
var DYNAMODB_LIMITS = {
  itemBytes: 409600,
  partitionKeyBytes: 2048,
  sortKeyBytes: 1024,
  digits: 38
};
var MAX_ATTRIBUTE_DEPTH = 40;
var MAX_DESCRIBED_TABLES = 4;
var MAX_ITEM_BYTES = 4e5;
var WRITE_UNIT_BYTES = 1024;
var MAX_PARTITIONS = 2e4;
var MAX_SPLIT_RANGES = 1e5;
var MAX_CHANGE_TRIES = 8;
var CONTENTION_BACKOFF_BASE_MS = 25;
var CONTENTION_BACKOFF_CAP_MS = 400;
var LEDGER_CONNECT_TIMEOUT_MS = 500;
var LEDGER_REQUEST_TIMEOUT_MS = 1e3;
var MAX_QUERY_PAGES = 1e5;
var LAST_CALL_MARGIN_MS = 2 * LEDGER_REQUEST_TIMEOUT_MS + LEDGER_CONNECT_TIMEOUT_MS;
var DEADLINE_MARGIN_MS = LAST_CALL_MARGIN_MS + 1500;
var MAX_OPERATOR_NAME_LENGTH = 128;
var MAX_OPERATOR_REASON_LENGTH = 160;
var DEFAULT_MAX_CONCURRENT_RANGES = 16;

// shared/core/range-record.ts
import assert3 from "node:assert/strict";

// shared/core/offset-range.ts
import assert2 from "node:assert/strict";

// shared/core/topic-partition.ts
import assert from "node:assert/strict";

// shared/core/bounded-text.ts
var MAX_QUOTED_LENGTH = 80;
var MAX_LISTED = 20;
var MAX_MESSAGE_LENGTH = 4e3;
function cutText(text2, maxLength = MAX_QUOTED_LENGTH) {
  if (text2.length <= maxLength) {
    return text2;
  }
  const last = text2.charCodeAt(maxLength - 1);
  const splitsPair = last >= 55296 && last < 56320;
  return `${text2.slice(0, splitsPair ? maxLength - 1 : maxLength)}\u2026`;
}
function quote(value, maxLength = MAX_QUOTED_LENGTH) {
  return value === void 0 ? "missing" : cutText(toText(value, maxLength), maxLength);
}
function toText(value, maxLength) {
  const shown = typeof value === "string" ? cutText(value, maxLength) : value;
  try {
    return JSON.stringify(shown, (_, inner) => asJson(inner)) ?? String(shown);
  } catch {
    return "a value that JSON cannot show";
  }
}
function asJson(value) {
  if (typeof value === "bigint") {
    return value.toString();
  }
  return value instanceof Map ? Object.fromEntries(value) : value;
}
function showName(name) {
  return /^[\w.-]+$/.test(name) ? cutText(name, MAX_NAME_LENGTH) : quoteName(name);
}
function quoteName(text2) {
  return quote(text2, MAX_NAME_LENGTH);
}
var MAX_NAME_LENGTH = 320;
function listNames(names) {
  return listSome(
    names.slice(0, MAX_LISTED).map((name) => cutText(name, MAX_NAME_LENGTH)),
    names.length,
    ", "
  );
}
function joinProblems(problems) {
  return listSome(problems.slice(0, MAX_LISTED), problems.length, "; ");
}
function listSome(shown, count2, separator) {
  const more = count2 > shown.length ? ` and ${count2 - shown.length} more` : "";
  return `${shown.join(separator)}${more}`;
}

// shared/core/topic-partition.ts
var MAX_PARTITION = 2147483647;
var topicPattern = /^[a-zA-Z0-9._-]{1,249}$/;
function isTopicName(name) {
  return topicPattern.test(name) && name !== "." && name !== "..";
}
function assertTopicPartition({ topic, partition }) {
  assert.ok(isTopicName(topic), `topic ${quoteName(topic)} is not a legal Kafka topic name`);
  assert.ok(
    Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION,
    `partition ${partition} of ${topic} is not an integer from 0 to ${MAX_PARTITION}`
  );
}

// shared/core/offset-range.ts
var MAX_OFFSET = 9223372036854775807n;
function assertOffsetRange(range) {
  const { fromOffset, untilOffset } = range;
  assertTopicPartition(range);
  assert2.ok(fromOffset >= 0n, `fromOffset ${fromOffset} of ${formatOffsetRange(range)} is negative`);
  assert2.ok(
    fromOffset <= untilOffset,
    `untilOffset ${untilOffset} is below fromOffset ${fromOffset} for ${range.topic}-${range.partition}`
  );
  assert2.ok(untilOffset <= MAX_OFFSET, `untilOffset ${untilOffset} exceeds ${MAX_OFFSET}`);
  return range;
}
function recordCount({ fromOffset, untilOffset }) {
  return untilOffset - fromOffset;
}
function formatOffsetRange({ topic, partition, fromOffset, untilOffset }) {
  return `${topic}-${partition} [${fromOffset}, ${untilOffset})`;
}

// shared/core/range-record.ts
var RANGE_STATUSES = [
  "ANCHOR",
  "PLANNED",
  "RUNNING",
  "FAILED",
  "COMPLETED",
  "QUARANTINED",
  "SKIPPED",
  "LOST"
];
var NO_COUNTS = { delivered: 0n, aborted: 0n, control: 0n, bytes: 0n };
function addCounts(a, b) {
  return {
    delivered: a.delivered + b.delivered,
    aborted: a.aborted + b.aborted,
    control: a.control + b.control,
    bytes: a.bytes + b.bytes,
    ...rejects((a.rejected ?? 0n) + (b.rejected ?? 0n))
  };
}
function rejects(rejected) {
  return rejected === 0n ? {} : { rejected };
}
function isClosed(record) {
  switch (record.status) {
    case "ANCHOR":
    case "COMPLETED":
    case "QUARANTINED":
    case "SKIPPED":
    case "LOST":
      return true;
    case "PLANNED":
    case "RUNNING":
    case "FAILED":
      return false;
  }
}
function assertRangeRecord(record) {
  assertOffsetRange(record);
  const { fromOffset, committedOffset, untilOffset, status, chain } = record;
  assert3.ok(record.partition === chain.partition, "the record and its chain name different partitions");
  assert3.ok(
    fromOffset <= committedOffset && committedOffset <= untilOffset,
    `committedOffset ${committedOffset} lies outside [${fromOffset}, ${untilOffset}]`
  );
  assert3.ok(status === "RUNNING" === (record.lease !== void 0), `a ${status} range and its lease disagree`);
  assert3.ok(
    status === "ANCHOR" === (fromOffset === untilOffset),
    `a ${status} range of length ${untilOffset - fromOffset}`
  );
  assert3.ok(status !== "COMPLETED" || committedOffset === untilOffset, "a COMPLETED range is not wholly committed");
  assert3.ok(record.narrowed === void 0 || record.narrowed.length > 0n, "an attempt at nothing");
  const { skipOffset } = record;
  assert3.ok(
    skipOffset === void 0 || !isClosed(record) && committedOffset <= skipOffset && skipOffset < untilOffset,
    `a ${status} range [${fromOffset}, ${untilOffset}), committed to ${committedOffset}, that skips ${skipOffset}`
  );
  assert3.ok(
    record.lease === void 0 || record.lease.counter === record.leaseCounter,
    "the lease is not the last one given"
  );
  return record;
}

// shared/core/errors.ts
var BatchProcessorError = class extends Error {
  constructor(message, options = {}) {
    super(cutText(message, MAX_MESSAGE_LENGTH), options);
  }
};
var ConfigurationError = class extends BatchProcessorError {
  name = "ConfigurationError";
  retryable = false;
};
var LedgerUnavailableError = class extends BatchProcessorError {
  name = "LedgerUnavailableError";
  retryable = true;
};
var OutputRefusedError = class extends BatchProcessorError {
  name = "OutputRefusedError";
  retryable = true;
  outputIndex;
  constructor(message, details) {
    super(message, details);
    this.outputIndex = details.outputIndex;
  }
};
var InvalidOutputError = class extends BatchProcessorError {
  name = "InvalidOutputError";
  retryable = false;
  outputIndex;
  constructor(message, details = {}) {
    super(message, details);
    this.outputIndex = details.outputIndex;
  }
};
var OutputLimitError = class extends BatchProcessorError {
  name = "OutputLimitError";
  retryable = false;
};
var ForeignPipelineError = class extends BatchProcessorError {
  name = "ForeignPipelineError";
  retryable = false;
  pipeline;
  ownPipeline;
  constructor(what, { pipeline, ownPipeline }) {
    super(
      `${what} belongs to pipeline ${pipeline}, and this works for pipeline ${ownPipeline}: nothing was read or written; find out who sent it here`
    );
    this.pipeline = pipeline;
    this.ownPipeline = ownPipeline;
  }
};
var LedgerIntegrityError = class extends BatchProcessorError {
  name = "LedgerIntegrityError";
  retryable = false;
};

// shared/dynamodb/item-reader.ts
var ItemReader = class _ItemReader {
  #item;
  #unread;
  #where;
  constructor(item, where = `item ${item[PARTITION_KEY]?.S} / ${item[SORT_KEY]?.S}`) {
    this.#item = item;
    this.#unread = new Set(Object.keys(item));
    this.#where = where;
  }
  has(name) {
    return this.#item[name] !== void 0;
  }
  text(name) {
    return this.#read(name, "string", (value) => value.S);
  }
  /** Exact at any magnitude: DynamoDB sends numbers as decimal text. */
  bigint(name) {
    return BigInt(this.#read(name, "whole number", ({ N }) => N !== void 0 && /^-?\d+$/.test(N) ? N : void 0));
  }
  integer(name) {
    const value = Number(this.bigint(name));
    if (!Number.isSafeInteger(value)) {
      throw this.error(`attribute ${name} is ${value}, beyond the integers that a number holds exactly`);
    }
    return value;
  }
  /** In double precision. */
  double(name) {
    const isDecimal = (text2) => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text2);
    return Number(this.#read(name, "number", ({ N }) => N !== void 0 && isDecimal(N) ? N : void 0));
  }
  flag(name) {
    return this.#read(name, "boolean", (value) => value.BOOL);
  }
  optionalInteger(name) {
    return this.has(name) ? this.integer(name) : void 0;
  }
  map(name) {
    const map = this.#read(name, "map", (value) => value.M);
    return new _ItemReader(map, `${this.#where}, ${name}`);
  }
  maps(name) {
    const list = this.#read(name, "list", (value) => value.L);
    return list.map((element, index) => new _ItemReader(element.M ?? {}, `${this.#where}, ${name}[${index}]`));
  }
  /** Throws LedgerIntegrityError unless every attribute was read. */
  close() {
    if (this.#unread.size > 0) {
      throw this.error(`unknown attributes ${[...this.#unread].join(", ")}; if newer code wrote it, deploy that code`);
    }
  }
  /**
   * Throws LedgerIntegrityError where what was not read is what the item's writer calls critical (C6). Whatever else
   * was not read is left as it stands by the writes of conditional-write.ts.
   */
  closeItem() {
    const critical = this.has(CRITICAL_ATTRIBUTE) ? this.#read(CRITICAL_ATTRIBUTE, "set of strings", ({ SS }) => SS) : [];
    const unknown = critical.filter((name) => this.#unread.has(name));
    if (unknown.length > 0) {
      throw this.error(`it has ${unknown.join(", ")}, which this code does not know; deploy the code that wrote it`);
    }
  }
  error(what, cause) {
    return new LedgerIntegrityError(`${this.#where} of the ledger cannot be read: ${what}`, { cause });
  }
  #read(name, type, pick) {
    const value = this.#item[name];
    if (value === void 0) {
      throw this.error(`attribute ${name} is missing`);
    }
    const picked = pick(value);
    if (picked === void 0) {
      throw this.error(`attribute ${name} is not a ${type}`);
    }
    this.#unread.delete(name);
    return picked;
  }
};

// shared/dynamodb/item-size.ts
function itemBytes(item) {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}
function valueBytes(value) {
  if (value.S !== void 0) {
    return Buffer.byteLength(value.S);
  }
  if (value.N !== void 0) {
    return numberBytes(value.N);
  }
  if (value.B !== void 0) {
    return value.B.byteLength;
  }
  if (value.M !== void 0) {
    return 3 + Object.keys(value.M).length + itemBytes(value.M);
  }
  if (value.L !== void 0) {
    return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  }
  const set = value.SS?.map((text2) => Buffer.byteLength(text2)) ?? value.NS?.map(numberBytes);
  const bytes2 = set ?? value.BS?.map((binary) => binary.byteLength) ?? [1];
  return bytes2.reduce((sum, size) => sum + size, 0);
}
function numberBytes(text2) {
  return Math.ceil(text2.length / 2) + 2;
}

// shared/dynamodb/keys.ts
import assert4 from "node:assert/strict";

// shared/core/ledger-name.ts
var ledgerNamePattern = /^[A-Za-z0-9._-]{1,64}$/;
var LEDGER_NAME_RULE = "1 to 64 letters, digits, dots, hyphens or underscores";
function isLedgerName(name) {
  return ledgerNamePattern.test(name);
}

// shared/dynamodb/keys.ts
var topicIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
var livePattern = /^v1#([^#]+)#([0-9a-f-]{36})#(\d+)$/;
var reprocessPattern = /^v1#([^#]+)#reprocess#([^#]+)$/;
var reprocessSortPattern = /^([0-9a-f-]{36})#(\d{10})#(\d{19})$/;
function rangeKey({ chain, fromOffset }) {
  const { partitionKey, prefix = "" } = chainListing(chain);
  return itemKey(partitionKey, `${prefix}${pad(fromOffset, 19)}`);
}
function chainListing({ pipeline, topicId, partition, requestId }) {
  assert4.match(topicId, topicIdPattern, `topicId ${topicId} is not a lower-case UUID`);
  return requestId === void 0 ? { partitionKey: `${prefixOf(pipeline)}${topicId}#${partition}` } : { ...requestListing(pipeline, requestId), prefix: `${topicId}#${pad(partition, 10)}#` };
}
function boundedListing(chain, { fromOffset, untilOffset }) {
  const { partitionKey, prefix = "" } = chainListing(chain);
  return { partitionKey, between: [`${prefix}${pad(fromOffset, 19)}`, `${prefix}${pad(untilOffset - 1n, 19)}`] };
}
function requestListing(pipeline, requestId) {
  return { partitionKey: `${prefixOf(pipeline)}reprocess#${checked(requestId, "requestId")}` };
}
function requestsListing(pipeline) {
  return { partitionKey: `${prefixOf(pipeline)}requests` };
}
function requestKey(pipeline, requestId) {
  return itemKey(requestsListing(pipeline).partitionKey, checked(requestId, "requestId"));
}
function openRequestsKey(pipeline) {
  return itemKey(`${prefixOf(pipeline)}open`, "requests");
}
var pipelinesListing = { partitionKey: PIPELINES_KEY };
function pipelineKey(pipeline) {
  return itemKey(pipelinesListing.partitionKey, checked(pipeline, "pipeline"));
}
function decodeRangeKey(partitionKey, sortKey) {
  const [, pipeline, topicId, partition] = livePattern.exec(partitionKey) ?? [];
  if (pipeline !== void 0 && topicId !== void 0 && /^\d{19}$/.test(sortKey)) {
    return { chain: { pipeline, topicId, partition: Number(partition) }, fromOffset: BigInt(sortKey) };
  }
  const [, owner, requestId] = reprocessPattern.exec(partitionKey) ?? [];
  const [, ofTopicId, ofPartition, fromOffset] = reprocessSortPattern.exec(sortKey) ?? [];
  if (owner !== void 0 && requestId !== void 0 && ofTopicId !== void 0 && fromOffset !== void 0) {
    const chain = { pipeline: owner, topicId: ofTopicId, partition: Number(ofPartition), requestId };
    return { chain, fromOffset: BigInt(fromOffset) };
  }
  throw new LedgerIntegrityError(`the key ${partitionKey} / ${sortKey} is not a range's`);
}
function prefixOf(pipeline) {
  return pipelineKeyPrefix(checked(pipeline, "pipeline"));
}
function itemKey(partitionKey, sortKey) {
  return { [PARTITION_KEY]: { S: partitionKey }, [SORT_KEY]: { S: sortKey } };
}
function pad(value, digits2) {
  return value.toString().padStart(digits2, "0");
}
function checked(name, what) {
  if (!isLedgerName(name)) {
    throw new ConfigurationError(`${what} ${quote(name)} cannot be a ledger key; use ${LEDGER_NAME_RULE}`);
  }
  return name;
}

// shared/dynamodb/note-codec.ts
var NO_TEXTS = { name: "", by: "", reason: "", message: "" };
function encodeNotes(notes, maxBytes) {
  const { error: cause, operator: act } = notes;
  const errorOnly = cause === void 0 ? {} : { error: cause };
  const operatorOnly = act === void 0 ? {} : { operator: act };
  const either = Object.keys(encodeFacts(cause)).length > 0 ? [errorOnly, operatorOnly] : [operatorOnly];
  const kept = [notes, ...either].find((one) => bareBytes(one) <= maxBytes) ?? {};
  const { error, operator } = kept;
  const [name = "", by = "", reason = "", message = ""] = cutTexts(
    [error?.name, operator?.by, operator?.reason, error?.message],
    maxBytes - bareBytes(kept)
  );
  return layOut(kept, { name, by, reason, message });
}
function bareBytes(notes) {
  return itemBytes(layOut(notes, NO_TEXTS));
}
function decodeError(reader) {
  const error = { name: reader.text("name"), message: reader.text("message"), ...decodeFacts(reader) };
  reader.close();
  return error;
}
function encodeFacts(error) {
  const { loss, inHand } = error ?? {};
  return {
    ...loss === void 0 ? {} : loss.kind === "deleted" ? { beginningOffset: { N: loss.beginningOffset.toString() } } : { loss: { S: loss.kind } },
    ...inHand === void 0 ? {} : { from: { N: inHand.fromOffset.toString() }, until: { N: inHand.untilOffset.toString() } }
  };
}
function decodeFacts(reader) {
  return {
    ...reader.has("beginningOffset") ? { loss: { kind: "deleted", beginningOffset: reader.bigint("beginningOffset") } } : reader.has("loss") ? { loss: { kind: decodeLoss(reader) } } : {},
    ...reader.has("from") ? { inHand: { fromOffset: reader.bigint("from"), untilOffset: reader.bigint("until") } } : {}
  };
}
var OTHER_LOSSES = ["truncated", "topicGone", "hole"];
function decodeLoss(reader) {
  const text2 = reader.text("loss");
  const kind = OTHER_LOSSES.find((known) => known === text2);
  if (kind === void 0) {
    throw reader.error(`loss ${text2} is none of ${OTHER_LOSSES.join(", ")}`);
  }
  return kind;
}
function encodeOperator({ by, reason, at }) {
  return { M: { by: { S: by }, reason: { S: reason }, at: { N: at.toString() } } };
}
function decodeOperator(reader) {
  const operator = { by: reader.text("by"), reason: reader.text("reason"), at: reader.integer("at") };
  reader.close();
  return operator;
}
function layOut({ error, operator }, { name, by, reason, message }) {
  return {
    ...error === void 0 ? {} : { error: { M: { name: { S: name }, message: { S: message }, ...encodeFacts(error) } } },
    ...operator === void 0 ? {} : { operator: encodeOperator({ by, reason, at: operator.at }) }
  };
}
function cutTexts(texts, maxBytes) {
  let left = maxBytes;
  return texts.map((text2 = "") => {
    const kept = cutToBytes(text2, left);
    left -= Buffer.byteLength(kept);
    return kept;
  });
}
function cutToBytes(text2, maxBytes) {
  const whole = text2.toWellFormed();
  let bytes2 = 0;
  let length = 0;
  for (const character of whole) {
    bytes2 += Buffer.byteLength(character);
    if (bytes2 > maxBytes) {
      break;
    }
    length += character.length;
  }
  return whole.slice(0, length);
}

// shared/dynamodb/item-codec.ts
var SCHEMA_VERSION = 1;
var SKIP_ATTRIBUTE = "bad";
var OPTIONAL_RANGE_ATTRIBUTES = [
  "leaseOwner",
  "leaseExpiresAt",
  "groupFrom",
  "adaptiveSize",
  "dispatchedAt",
  "nextAttemptAt",
  "startedAt",
  "completedAt",
  "leaderEpoch",
  "quarantined",
  SKIP_ATTRIBUTE,
  "outages",
  "narrowed",
  "error",
  "operator",
  EXPIRY_ATTRIBUTE
];
function encodeRange(record) {
  const { counts, lease } = record;
  const item = {
    ...rangeKey(record),
    schema: number(SCHEMA_VERSION),
    topic: { S: record.topic },
    untilOffset: number(record.untilOffset),
    committedOffset: number(record.committedOffset),
    status: { S: record.status },
    revision: number(record.revision),
    writeId: { S: record.writeId },
    counts: { M: encodeCounts(counts) },
    attempt: number(record.attempt),
    failedAttempts: number(record.failedAttempts),
    batchId: { S: record.batchId },
    leaseCounter: number(record.leaseCounter),
    ...lease === void 0 ? {} : { leaseOwner: { S: lease.owner }, leaseExpiresAt: number(lease.expiresAt) },
    ...record.groupFrom === void 0 ? {} : { groupFrom: number(record.groupFrom) },
    ...record.adaptiveSize === void 0 ? {} : { adaptiveSize: number(record.adaptiveSize) },
    plannedAt: number(record.plannedAt),
    ...optionalNumbers({
      dispatchedAt: record.dispatchedAt,
      nextAttemptAt: record.nextAttemptAt,
      startedAt: record.startedAt,
      completedAt: record.completedAt,
      leaderEpoch: record.leaderEpoch,
      quarantined: record.quarantined,
      [SKIP_ATTRIBUTE]: record.skipOffset,
      outages: record.outages
    }),
    ...record.narrowed === void 0 ? {} : { narrowed: { M: encodeNarrowing(record.narrowed) } },
    ...record.expiresAt === void 0 ? {} : { [EXPIRY_ATTRIBUTE]: encodeExpiry(record.expiresAt) }
  };
  return { ...item, ...encodeNotes(record, WRITE_UNIT_BYTES - itemBytes(item)) };
}
function decodeRange(item) {
  const reader = openItem(item);
  const { chain, fromOffset } = decodeRangeKey(reader.text(PARTITION_KEY), reader.text(SORT_KEY));
  const record = { chain, partition: chain.partition, fromOffset, ...decodeState(reader), ...decodeTimes(reader) };
  reader.closeItem();
  try {
    return assertRangeRecord(record);
  } catch (error) {
    throw reader.error(error instanceof Error ? error.message : String(error), error);
  }
}
function openItem(item) {
  const reader = new ItemReader(item);
  const version = reader.integer("schema");
  if (version !== SCHEMA_VERSION) {
    throw reader.error(`it has schema version ${version}, this code knows ${SCHEMA_VERSION}; deploy the newer code`);
  }
  return reader;
}
function number(value) {
  return { N: value.toString() };
}
function encodeExpiry(expiresAt) {
  return number(Math.ceil(expiresAt / 1e3));
}
function decodeState(reader) {
  const leaseCounter = reader.integer("leaseCounter");
  const counts = reader.map("counts");
  const state = {
    topic: reader.text("topic"),
    untilOffset: reader.bigint("untilOffset"),
    committedOffset: reader.bigint("committedOffset"),
    status: decodeStatus(reader),
    revision: reader.integer("revision"),
    writeId: reader.text("writeId"),
    counts: decodeCounts(counts),
    attempt: reader.integer("attempt"),
    failedAttempts: reader.integer("failedAttempts"),
    batchId: reader.text("batchId"),
    leaseCounter,
    ...reader.has("groupFrom") ? { groupFrom: reader.bigint("groupFrom") } : {},
    ...reader.has("adaptiveSize") ? { adaptiveSize: reader.bigint("adaptiveSize") } : {},
    ...reader.has(SKIP_ATTRIBUTE) ? { skipOffset: reader.bigint(SKIP_ATTRIBUTE) } : {},
    ...reader.has("leaseOwner") ? { lease: decodeLease(reader, leaseCounter) } : {},
    ...reader.has("error") ? { error: decodeError(reader.map("error")) } : {},
    ...reader.has("narrowed") ? { narrowed: decodeNarrowing(reader.map("narrowed")) } : {},
    ...reader.has("operator") ? { operator: decodeOperator(reader.map("operator")) } : {}
  };
  counts.close();
  return state;
}
function decodeTimes(reader) {
  const expiresAt = reader.optionalInteger(EXPIRY_ATTRIBUTE);
  return {
    plannedAt: reader.integer("plannedAt"),
    ...present("dispatchedAt", reader.optionalInteger("dispatchedAt")),
    ...present("nextAttemptAt", reader.optionalInteger("nextAttemptAt")),
    ...present("startedAt", reader.optionalInteger("startedAt")),
    ...present("completedAt", reader.optionalInteger("completedAt")),
    ...present("leaderEpoch", reader.optionalInteger("leaderEpoch")),
    ...present("quarantined", reader.optionalInteger("quarantined")),
    ...present("outages", reader.optionalInteger("outages")),
    ...present("expiresAt", expiresAt === void 0 ? void 0 : expiresAt * 1e3)
  };
}
function decodeStatus(reader) {
  const text2 = reader.text("status");
  const status = RANGE_STATUSES.find((known) => known === text2);
  if (status === void 0) {
    throw reader.error(`status ${text2} is none of ${RANGE_STATUSES.join(", ")}`);
  }
  return status;
}
function decodeLease(reader, counter) {
  return { owner: reader.text("leaseOwner"), counter, expiresAt: reader.integer("leaseExpiresAt") };
}
function encodeNarrowing({ length, suspectUntil, blamed }) {
  return { length: number(length), ...optionalNumbers({ suspectUntil, blamed }) };
}
function decodeNarrowing(reader) {
  const narrowed = {
    length: reader.bigint("length"),
    ...reader.has("suspectUntil") ? { suspectUntil: reader.bigint("suspectUntil") } : {},
    ...present("blamed", reader.optionalInteger("blamed"))
  };
  reader.close();
  return narrowed;
}
function encodeCounts({ delivered, aborted, control, bytes: bytes2, rejected }) {
  return {
    ...optionalNumbers({ rejected }),
    delivered: number(delivered),
    aborted: number(aborted),
    control: number(control),
    bytes: number(bytes2)
  };
}
function decodeCounts(reader) {
  return {
    delivered: reader.bigint("delivered"),
    aborted: reader.bigint("aborted"),
    control: reader.bigint("control"),
    bytes: reader.bigint("bytes"),
    ...reader.has("rejected") ? { rejected: reader.bigint("rejected") } : {}
  };
}
function optionalNumbers(values) {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => value === void 0 ? [] : [[name, number(value)]])
  );
}
function present(name, value) {
  return value === void 0 ? {} : { [name]: value };
}

// shared/core/offset-outcomes.ts
var NO_OUTCOMES = { processed: 0n, rejected: 0n, quarantined: 0n, skipped: 0n, lost: 0n };
function sumOutcomes({ processed, rejected, quarantined, skipped, lost }) {
  return processed + rejected + quarantined + skipped + lost;
}
function accountFor(total, outcomes, left) {
  const { processed, rejected, quarantined, skipped, lost } = outcomes;
  const unknown = total - left - sumOutcomes(outcomes);
  return { total, processed, rejected, quarantined, skipped, lost, unknown, left };
}

// shared/dynamodb/outcome-codec.ts
var NAMES = ["processed", "rejected", "quarantined", "skipped", "lost"];
function encodeOutcomes(outcomes) {
  const kept = keep(outcomes);
  return Object.keys(kept).length === 0 ? {} : { outcomes: { M: kept } };
}
function decodeOutcomes(reader) {
  if (!reader.has("outcomes")) {
    return NO_OUTCOMES;
  }
  const map = reader.map("outcomes");
  const outcomes = read(map);
  map.close();
  return outcomes;
}
function encodeAccount({ total, left, ...outcomes }) {
  return { M: { total: number(total), left: number(left), ...keep(outcomes) } };
}
function decodeAccount(reader) {
  const account = accountFor(reader.bigint("total"), read(reader), reader.bigint("left"));
  reader.close();
  return account;
}
function keep(outcomes) {
  return Object.fromEntries(
    NAMES.filter((name) => outcomes[name] !== 0n).map((name) => [name, number(outcomes[name])])
  );
}
function read(reader) {
  const value = (name) => reader.has(name) ? reader.bigint(name) : 0n;
  return {
    processed: value("processed"),
    rejected: value("rejected"),
    quarantined: value("quarantined"),
    skipped: value("skipped"),
    lost: value("lost")
  };
}

// shared/dynamodb/partition-codec.ts
function decodeColumn(reader, name, count2) {
  const text2 = reader.text(name);
  const values = decodeStarts(text2);
  if (values.length !== count2) {
    throw reader.error(`${name} ${text2} are not one for each of ${count2} partitions`);
  }
  return values;
}
function encodeStarts(starts) {
  const runs = [];
  for (const start of starts) {
    const current = runs.at(-1);
    if (current?.start === start) {
      current.count += 1;
    } else {
      runs.push({ start, count: 1 });
    }
  }
  return runs.map(({ start, count: count2 }) => count2 === 1 ? `${start}` : `${start}*${count2}`).join(",");
}
function decodeStarts(text2) {
  return text2.split(",").flatMap((run) => {
    const [, start, count2 = "1"] = /^(\d{1,19}|pending)(?:\*(\d{1,10}))?$/.exec(run) ?? [];
    if (start === void 0 || Number(count2) > MAX_PARTITIONS) {
      return [];
    }
    return Array.from({ length: Number(count2) }, () => start === "pending" ? start : BigInt(start));
  });
}
function encodeIntervals(ascending) {
  const intervals = [];
  for (const value of ascending) {
    const current = intervals.at(-1);
    if (current !== void 0 && current.last + 1 === value) {
      current.last = value;
    } else {
      intervals.push({ first: value, last: value });
    }
  }
  return intervals.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`).join(",");
}
function decodeIntervals(text2) {
  if (text2 === "") {
    return [];
  }
  return text2.split(",").flatMap((interval) => {
    const [first, last = first] = interval.split("-").map(Number);
    return first === void 0 || last === void 0 ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

// shared/dynamodb/drain-codec.ts
function encodeDrain({ drainId, pinnedAt, topics, completedAt, offsets }) {
  return {
    M: {
      drainId: { S: drainId },
      pinnedAt: number(pinnedAt),
      topics: { L: topics.map(encodePins) },
      ...completedAt === void 0 ? {} : { completedAt: number(completedAt) },
      ...offsets === void 0 ? {} : { offsets: encodeAccount(offsets) }
    }
  };
}
function decodeDrain(reader) {
  const topics = reader.maps("topics").map(decodePins);
  const completedAt = reader.optionalInteger("completedAt");
  const drain = {
    drainId: reader.text("drainId"),
    pinnedAt: reader.integer("pinnedAt"),
    topics,
    ...completedAt === void 0 ? {} : { completedAt },
    ...reader.has("offsets") ? { offsets: decodeAccount(reader.map("offsets")) } : {}
  };
  reader.close();
  return drain;
}
function encodePins({ topicId, topic, partitions }) {
  const lengths = partitions.flatMap(
    ({ fromOffset, untilOffset }) => fromOffset === void 0 ? [] : [untilOffset - fromOffset]
  );
  return {
    M: {
      topicId: { S: topicId },
      topic: { S: topic },
      partitions: { S: encodeIntervals(partitions.map(({ partition }) => partition)) },
      ends: { S: encodeStarts(partitions.map(({ untilOffset }) => untilOffset)) },
      ...lengths.length < partitions.length ? {} : { lengths: { S: encodeStarts(lengths) } }
    }
  };
}
function decodePins(reader) {
  const numbers = decodeIntervals(reader.text("partitions"));
  const ends = decodeColumn(reader, "ends", numbers.length);
  const lengths = reader.has("lengths") ? decodeColumn(reader, "lengths", numbers.length) : [];
  const partitions = numbers.map((partition, index) => {
    const [untilOffset, length] = [ends[index], lengths[index]];
    if (typeof untilOffset !== "bigint" || length === "pending") {
      throw reader.error("an end is pending");
    }
    return { partition, untilOffset, ...length === void 0 ? {} : { fromOffset: untilOffset - length } };
  });
  const topic = { topicId: reader.text("topicId"), topic: reader.text("topic"), partitions };
  reader.close();
  return topic;
}

// shared/dynamodb/pause-codec.ts
function encodePause({ by, reason, at, of, also }) {
  return {
    M: {
      by: { S: by },
      reason: { S: reason },
      at: number(at),
      ...of === void 0 ? {} : { topicId: { S: of.topicId }, topic: { S: of.topic }, partition: number(of.partition) },
      ...also === void 0 ? {} : { also: { L: also.map(encodeOperator) } }
    }
  };
}
function decodePause(reader) {
  const pause = {
    by: reader.text("by"),
    reason: reader.text("reason"),
    at: reader.integer("at"),
    ...reader.has("topicId") ? {
      of: {
        topicId: reader.text("topicId"),
        topic: reader.text("topic"),
        partition: reader.integer("partition")
      }
    } : {},
    ...reader.has("also") ? { also: reader.maps("also").map(decodeOperator) } : {}
  };
  reader.close();
  return pause;
}

// shared/dynamodb/rate-codec.ts
function encodeRate({ latestTime, latestRate, latestError }) {
  return {
    M: {
      latestTime: number(latestTime),
      latestRate: number(latestRate),
      ...latestError === void 0 ? {} : { latestError: number(latestError) }
    }
  };
}
function decodeRate(reader) {
  const rate = {
    latestTime: reader.integer("latestTime"),
    latestRate: reader.double("latestRate"),
    ...reader.has("latestError") ? { latestError: reader.double("latestError") } : {}
  };
  reader.close();
  return rate;
}

// shared/dynamodb/pipeline-codec.ts
var OPTIONAL_PIPELINE_ATTRIBUTES = ["starting", "drain", "rate", "pauses"];
function encodePipeline({ record, writeId }) {
  const item = {
    ...pipelineKey(record.pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(record.revision),
    writeId: { S: writeId },
    startedAt: number(record.startedAt),
    topics: {
      L: record.topics.map(({ topicId, topic, partitions, endedAt, leftAt }) => ({
        M: {
          topicId: { S: topicId },
          topic: { S: topic },
          partitions: { S: encodeIntervals(partitions) },
          ...endedAt === void 0 ? {} : { endedAt: number(endedAt) },
          ...leftAt === void 0 ? {} : { leftAt: number(leftAt) }
        }
      }))
    },
    ...record.starting === void 0 ? {} : { starting: { L: record.starting.map(encodeStarting) } },
    ...record.drain === void 0 ? {} : { drain: encodeDrain(record.drain) },
    ...record.rate === void 0 ? {} : { rate: encodeRate(record.rate) },
    ...record.pauses === void 0 ? {} : { pauses: { L: record.pauses.map(encodePause) } }
  };
  const bytes2 = itemBytes(item);
  if (bytes2 > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `the record of pipeline ${record.pipeline}, of ${record.topics.length} topics started, ${record.starting?.length ?? 0} starting and ${record.pauses?.length ?? 0} pauses, would have ${bytes2} bytes, more than ${MAX_ITEM_BYTES}; give some of the topics a pipeline of their own, or pause the whole pipeline instead of its partitions`
    );
  }
  return item;
}
function decodePipeline(item) {
  const reader = openItem(item);
  reader.text(PARTITION_KEY);
  const record = {
    pipeline: reader.text(SORT_KEY),
    revision: reader.integer("revision"),
    startedAt: reader.integer("startedAt"),
    topics: reader.maps("topics").map(decodeStarted),
    ...reader.has("starting") ? { starting: reader.maps("starting").map(decodeStarting) } : {},
    ...reader.has("drain") ? { drain: decodeDrain(reader.map("drain")) } : {},
    ...reader.has("rate") ? { rate: decodeRate(reader.map("rate")) } : {},
    ...reader.has("pauses") ? { pauses: reader.maps("pauses").map(decodePause) } : {}
  };
  const writeId = reader.text("writeId");
  reader.closeItem();
  return { record, writeId };
}
function decodeStarted(reader) {
  const topic = {
    topicId: reader.text("topicId"),
    topic: reader.text("topic"),
    partitions: decodeIntervals(reader.text("partitions")),
    ...reader.has("endedAt") ? { endedAt: reader.integer("endedAt") } : {},
    ...reader.has("leftAt") ? { leftAt: reader.integer("leftAt") } : {}
  };
  reader.close();
  return topic;
}
function encodeStarting({ topicId, topic, partitions }) {
  return {
    M: {
      topicId: { S: topicId },
      topic: { S: topic },
      partitions: { S: encodeIntervals(partitions.map(({ partition }) => partition)) },
      starts: { S: encodeStarts(partitions.map(({ start }) => start)) }
    }
  };
}
function decodeStarting(reader) {
  const numbers = decodeIntervals(reader.text("partitions"));
  const starts = decodeColumn(reader, "starts", numbers.length);
  const topic = {
    topicId: reader.text("topicId"),
    topic: reader.text("topic"),
    partitions: starts.map((start, index) => ({ partition: numbers[index] ?? 0, start }))
  };
  reader.close();
  return topic;
}

// shared/core/pipeline-ledger.ts
function createPipelineLedger(ledger, ownPipeline) {
  const requireOwn = (pipeline, describe) => {
    if (pipeline !== ownPipeline) {
      throw new ForeignPipelineError(describe(), { pipeline, ownPipeline });
    }
  };
  const ofRange = (record) => requireOwn(record.chain.pipeline, () => formatOffsetRange(record));
  const ofChain = ({ pipeline, topicId, partition }) => requireOwn(pipeline, () => `partition ${partition} of topic id ${topicId}`);
  const ofPipeline = (pipeline) => requireOwn(pipeline, () => "the record of the pipeline");
  const ofRequest = (pipeline, requestId) => requireOwn(pipeline, () => requestId === void 0 ? "a reprocess request" : `reprocess request ${requestId}`);
  return {
    newestRange: async (chain) => {
      ofChain(chain);
      return ledger.newestRange(chain);
    },
    planRange: async (record) => {
      ofRange(record);
      return ledger.planRange(record);
    },
    changeRange: async (seen, event, outputs) => {
      ofRange(seen);
      return ledger.changeRange(seen, event, outputs);
    },
    splitRange: async (seen, split) => {
      ofRange(seen);
      return ledger.splitRange(seen, split);
    },
    ranges: (chain) => {
      ofChain(chain);
      return ledger.ranges(chain);
    },
    rangesWithin: (chain, bounds) => {
      ofChain(chain);
      return ledger.rangesWithin(chain, bounds);
    },
    // Their names are no secret, and a mistyped one is answered with them.
    pipelines: () => ledger.pipelines(),
    readPipeline: async (pipeline) => {
      ofPipeline(pipeline);
      return ledger.readPipeline(pipeline);
    },
    writePipeline: async (record) => {
      ofPipeline(record.pipeline);
      return ledger.writePipeline(record);
    },
    readReprocess: async (pipeline, requestId) => {
      ofRequest(pipeline, requestId);
      return ledger.readReprocess(pipeline, requestId);
    },
    requestReprocess: async (request) => {
      ofRequest(request.pipeline, request.requestId);
      return ledger.requestReprocess(request);
    },
    reprocessRequests: (pipeline) => {
      ofRequest(pipeline);
      return ledger.reprocessRequests(pipeline);
    },
    openReprocesses: async (pipeline) => {
      ofRequest(pipeline);
      return ledger.openReprocesses(pipeline);
    },
    changeReprocess: async (pipeline, requestId, change) => {
      ofRequest(pipeline, requestId);
      return ledger.changeReprocess(pipeline, requestId, change);
    },
    completeReprocess: async (request, completedAt, retentionMs) => {
      ofRequest(request.pipeline, request.requestId);
      return ledger.completeReprocess(request, completedAt, retentionMs);
    },
    reprocessRanges: (pipeline, requestId) => {
      ofRequest(pipeline, requestId);
      return ledger.reprocessRanges(pipeline, requestId);
    }
  };
}

// shared/dynamodb/change-range.ts
import assert6 from "node:assert/strict";

// shared/core/range-status.ts
import assert5 from "node:assert/strict";

// shared/core/operator-act.ts
function operatorAct({ by, reason }, at) {
  return { by: cut(by, MAX_OPERATOR_NAME_LENGTH), reason: cut(reason, MAX_OPERATOR_REASON_LENGTH), at };
}
function cut(text2, maxCharacters) {
  return Array.from(text2).slice(0, maxCharacters).join("");
}

// shared/core/range-narrowing.ts
function narrowAfter(narrowed, committedOffset) {
  const { length, suspectUntil } = narrowed;
  if (suspectUntil === void 0) {
    return { length };
  }
  const suspects = suspectUntil - committedOffset;
  return suspects <= 0n ? void 0 : { length: suspects === 1n ? 1n : suspects / 2n, suspectUntil };
}

// shared/core/range-status.ts
function applyEvent(record, event, writeId) {
  const outcome = decide(record, event);
  if ("refusal" in outcome) {
    return { kind: "refused", refusal: outcome.refusal };
  }
  const next = { ...outcome.next, revision: record.revision + 1, writeId };
  return { kind: "changed", record: assertRangeRecord(next) };
}
function dueAt(record, dispatchTimeoutMs) {
  switch (record.status) {
    case "PLANNED":
      return record.dispatchedAt === void 0 ? AT_ONCE : record.dispatchedAt + dispatchTimeoutMs;
    case "RUNNING":
      return record.lease?.expiresAt;
    case "FAILED":
      if (record.nextAttemptAt === void 0) {
        return void 0;
      }
      return isDispatchedForNextAttempt(record) ? (record.dispatchedAt ?? 0) + dispatchTimeoutMs : record.nextAttemptAt;
    default:
      return void 0;
  }
}
var AT_ONCE = 0;
function decide(record, event) {
  if (event.kind === "renew") {
    return renew(record, event);
  }
  if (isClosed(record)) {
    return { refusal: { kind: "closed" } };
  }
  if ("ofRevision" in event && event.ofRevision !== record.revision) {
    return { refusal: { kind: "superseded" } };
  }
  switch (event.kind) {
    case "claim":
      return claim(record, event);
    case "redispatch":
      return redispatch(record, event);
    case "expire":
      return expire(record, event);
    case "retry":
      return retry(record, event);
    case "skip":
      return skip(record, event);
    case "skipRecord":
      return skipRecord(record, event);
    default:
      return ownsLease(record, event.lease) ? applyOwnersEvent(record, event) : { refusal: { kind: "superseded" } };
  }
}
function ownsLease(record, proof) {
  return record.lease?.owner === proof.owner && record.lease.counter === proof.counter;
}
function applyOwnersEvent(record, event) {
  switch (event.kind) {
    case "commit":
      return advance(record, event, event.untilOffset);
    case "complete":
      return complete(record, event);
    case "fail":
      return fail(record, event);
    case "release": {
      const { dispatchedAt: _lost, ...rest } = withoutLease(record);
      const { narrowed } = event;
      return { next: { ...rest, status: "PLANNED", ...narrowed === void 0 ? {} : { narrowed } } };
    }
  }
}
function claim(record, { owner, now, leaseMs }) {
  assert5.ok(leaseMs > 0, `leaseMs ${leaseMs} is not positive`);
  const refusal = refuseClaim(record, now);
  if (refusal !== void 0) {
    return { refusal };
  }
  const counter = record.leaseCounter + 1;
  const { nextAttemptAt: _due, dispatchedAt: _used, ...rest } = record;
  return {
    next: {
      ...rest,
      status: "RUNNING",
      attempt: record.attempt + 1,
      failedAttempts: record.failedAttempts + (record.status === "RUNNING" ? 1 : 0),
      leaseCounter: counter,
      lease: { owner, counter, expiresAt: now + leaseMs },
      startedAt: record.startedAt ?? now
    }
  };
}
function refuseClaim(record, now) {
  const held = refuseWhileHeld(record, now);
  if (held !== void 0) {
    return held;
  }
  if (record.status !== "FAILED") {
    return void 0;
  }
  if (record.nextAttemptAt === void 0) {
    return { kind: "halted" };
  }
  if (now < record.nextAttemptAt && !isDispatchedForNextAttempt(record)) {
    return { kind: "notDue", dueAt: record.nextAttemptAt };
  }
  return void 0;
}
function refuseWhileHeld({ lease }, now) {
  return lease !== void 0 && now < lease.expiresAt ? { kind: "held", by: lease.owner, until: lease.expiresAt } : void 0;
}
function isDispatchedForNextAttempt({ dispatchedAt, nextAttemptAt }) {
  return dispatchedAt !== void 0 && nextAttemptAt !== void 0 && dispatchedAt >= nextAttemptAt;
}
function advance(record, event, untilOffset) {
  if (event.fromOffset !== record.committedOffset) {
    return { refusal: { kind: "superseded" } };
  }
  assert5.ok(
    untilOffset >= record.committedOffset,
    `commit to ${untilOffset} would go back from ${record.committedOffset}`
  );
  assert5.ok(
    record.skipOffset === void 0 || untilOffset <= record.skipOffset,
    `commit to ${untilOffset} would pass ${record.skipOffset}, which is to be skipped`
  );
  const { narrowed, outages, ...rest } = record;
  const left = narrowed === void 0 ? void 0 : narrowAfter(narrowed, untilOffset);
  const isProgress = untilOffset > record.committedOffset;
  return {
    next: {
      ...rest,
      ...outages === void 0 || isProgress ? {} : { outages },
      ...left === void 0 ? {} : { narrowed: left },
      committedOffset: untilOffset,
      counts: addCounts(record.counts, event.counts),
      failedAttempts: isProgress ? 0 : record.failedAttempts,
      ...event.leaderEpoch === void 0 ? {} : { leaderEpoch: event.leaderEpoch }
    }
  };
}
function complete(record, event) {
  const decision = advance(record, event, record.untilOffset);
  if ("refusal" in decision) {
    return decision;
  }
  const { error: _overcome, narrowed: _done, outages: _over, ...rest } = withoutLease(decision.next);
  return {
    next: {
      ...rest,
      status: "COMPLETED",
      completedAt: event.now,
      expiresAt: event.now + event.retentionMs
    }
  };
}
function fail(record, { error, nextAttemptAt, narrowed, isOutage }) {
  const { dispatchedAt: _used, outages = 0, ...rest } = withoutLease(record);
  return {
    next: {
      ...rest,
      status: "FAILED",
      ...isOutage ? { outages: outages + 1 } : countFailure(record, narrowed),
      error,
      ...nextAttemptAt === void 0 ? {} : { nextAttemptAt }
    }
  };
}
function countFailure({ failedAttempts }, narrowed) {
  return narrowed === void 0 ? { failedAttempts: failedAttempts + 1 } : { failedAttempts: 0, narrowed };
}
function expire(record, { now, mayRetry, narrowed }) {
  if (record.lease === void 0) {
    return { refusal: { kind: "superseded" } };
  }
  const held = refuseWhileHeld(record, now);
  if (held !== void 0) {
    return { refusal: held };
  }
  const { owner } = record.lease;
  const error = { name: "LeaseExpired", message: `${owner} neither completed nor failed within its lease` };
  const failed = {
    ...withoutLease(record),
    status: "FAILED",
    ...countFailure(record, narrowed),
    error
  };
  return { next: mayRetry ? { ...failed, nextAttemptAt: now, dispatchedAt: now } : failed };
}
function redispatch(record, { now, dispatchTimeoutMs }) {
  if (record.lease !== void 0) {
    return { refusal: { kind: "held", by: record.lease.owner, until: record.lease.expiresAt } };
  }
  const due = dueAt(record, dispatchTimeoutMs);
  if (due === void 0) {
    return { refusal: { kind: "halted" } };
  }
  return now < due ? { refusal: { kind: "notDue", dueAt: due } } : { next: { ...record, dispatchedAt: now } };
}
function renew(record, { now, retentionMs }) {
  return isClosed(record) ? { next: { ...record, expiresAt: now + retentionMs } } : { refusal: { kind: "open" } };
}
function retry(record, { operator, now }) {
  const held = refuseWhileHeld(record, now);
  if (held !== void 0) {
    return { refusal: held };
  }
  const {
    nextAttemptAt: _due,
    dispatchedAt: _dispatched,
    narrowed: _n,
    quarantined: _q,
    skipOffset: _s,
    outages: _o,
    ...rest
  } = withoutLease(record);
  return { next: { ...rest, status: "PLANNED", failedAttempts: 0, operator: operatorAct(operator, now) } };
}
function skipRecord(record, { operator, now, offset: offset2 }) {
  const decision = retry(record, { kind: "retry", operator, now });
  if ("refusal" in decision) {
    return decision;
  }
  return offset2 < record.committedOffset ? { refusal: { kind: "superseded" } } : { next: { ...decision.next, skipOffset: offset2 } };
}
function skip(record, { operator, now, retentionMs }) {
  const held = refuseWhileHeld(record, now);
  if (held !== void 0) {
    return { refusal: held };
  }
  const { nextAttemptAt: _due, narrowed: _over, skipOffset: _with, ...rest } = withoutLease(record);
  return {
    next: {
      ...rest,
      status: "SKIPPED",
      operator: operatorAct(operator, now),
      completedAt: now,
      expiresAt: now + retentionMs
    }
  };
}
function withoutLease(record) {
  const { lease: _ended, ...rest } = record;
  return rest;
}

// shared/dynamodb/ledger-store.ts
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionConflictException,
  UpdateItemCommand
} from "@aws-sdk/client-dynamodb";

// shared/dynamodb/conditional-write.ts
function underCondition(tableName, { expression, names = {}, values = {} }) {
  return {
    TableName: tableName,
    ConditionExpression: expression,
    ...Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: { ...names } },
    ...Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD"
  };
}
function conditionalPut({ tableName }, item, condition) {
  return { ...underCondition(tableName, condition), Item: item };
}
function conditionalUpdate({ tableName }, { item, optional }, { expression, names, values }) {
  const { [PARTITION_KEY]: partitionKey, [SORT_KEY]: sortKey, ...attributes } = item;
  const set = Object.entries(attributes);
  const removed = optional.filter((name) => attributes[name] === void 0);
  const verbs = [
    `SET ${set.map((_, index) => `#s${index} = :s${index}`).join(", ")}`,
    ...removed.length === 0 ? [] : [`REMOVE ${removed.map((_, index) => `#r${index}`).join(", ")}`]
  ];
  return {
    ...underCondition(tableName, {
      expression,
      names: {
        ...names,
        ...Object.fromEntries(set.map(([name], index) => [`#s${index}`, name])),
        ...Object.fromEntries(removed.map((name, index) => [`#r${index}`, name]))
      },
      values: { ...values, ...Object.fromEntries(set.map(([, value], index) => [`:s${index}`, value])) }
    }),
    Key: { [PARTITION_KEY]: partitionKey, [SORT_KEY]: sortKey },
    UpdateExpression: verbs.join(" ")
  };
}
var keyIsFree = {
  expression: "attribute_not_exists(#key)",
  names: { "#key": PARTITION_KEY }
};
function followsRevision(revision) {
  return revision === 1 ? keyIsFree : {
    expression: "#revision = :previous",
    names: { "#revision": "revision" },
    values: { ":previous": { N: (revision - 1).toString() } }
  };
}

// shared/dynamodb/ledger-errors.ts
var configurationErrors = /* @__PURE__ */ new Set([
  "AccessDeniedException",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "ResourceNotFoundException",
  "SerializationException",
  "UnrecognizedClientException",
  "ValidationException"
]);
function translateLedgerError(error, action) {
  if (!isAnswer(error)) {
    return error;
  }
  const message = `cannot ${action}: ${error.name}: ${error.message}`;
  return configurationErrors.has(error.name) ? new ConfigurationError(message, { cause: error }) : new LedgerUnavailableError(message, { cause: error });
}
function isAnswer(error) {
  return error instanceof Error && "$metadata" in error;
}

// shared/dynamodb/ledger-store.ts
function putItem(store, item, condition) {
  return write(store, new PutItemCommand(conditionalPut(store, item, condition)));
}
function updateItem(store, state, condition) {
  return write(store, new UpdateItemCommand(conditionalUpdate(store, state, condition)));
}
async function write({ client, tableName }, command) {
  try {
    await (command instanceof PutItemCommand ? client.send(command) : client.send(command));
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { kind: "refused", present: error.Item };
    }
    if (error instanceof TransactionConflictException) {
      return { kind: "contended", cause: error };
    }
    throw translateLedgerError(error, `write to table ${tableName}`);
  }
}
async function readItem({ client, tableName }, key) {
  try {
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
    return Item;
  } catch (error) {
    throw translateLedgerError(error, `read from table ${tableName}`);
  }
}
async function* queryItems(store, listing) {
  let startKey;
  for (let pages = 0; pages < MAX_QUERY_PAGES; pages += 1) {
    const { items, nextKey } = await queryPage(store, listing, startKey === void 0 ? {} : { startKey });
    yield* items;
    if (nextKey === void 0) {
      return;
    }
    startKey = nextKey;
  }
  throw new LedgerIntegrityError(`${listing.partitionKey} of ${store.tableName} exceeds ${MAX_QUERY_PAGES} pages`);
}
async function queryLast(store, listing) {
  const { items } = await queryPage(store, listing, { last: true });
  return items[0];
}
async function pauseAfterContention({ random }, tries) {
  const ceiling = Math.min(CONTENTION_BACKOFF_CAP_MS, CONTENTION_BACKOFF_BASE_MS * 2 ** tries);
  const { promise, resolve } = Promise.withResolvers();
  setTimeout(resolve, random() * ceiling);
  await promise;
}
async function queryPage({ client, tableName }, listing, { startKey, last = false }) {
  const { expression, values } = sortKeyCondition(listing);
  try {
    const { Items, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: `#partitionKey = :partitionKey${expression}`,
        ExpressionAttributeNames: {
          "#partitionKey": PARTITION_KEY,
          ...expression === "" ? {} : { "#sortKey": SORT_KEY }
        },
        ExpressionAttributeValues: { ":partitionKey": { S: listing.partitionKey }, ...values },
        ...last ? { ScanIndexForward: false, Limit: 1 } : {},
        ...startKey === void 0 ? {} : { ExclusiveStartKey: startKey }
      })
    );
    return { items: Items ?? [], nextKey: LastEvaluatedKey };
  } catch (error) {
    throw translateLedgerError(error, `read from table ${tableName}`);
  }
}
function sortKeyCondition({ prefix, between }) {
  if (between !== void 0) {
    const [first, last] = between;
    return {
      expression: " AND #sortKey BETWEEN :first AND :last",
      values: { ":first": { S: first }, ":last": { S: last } }
    };
  }
  return prefix === void 0 ? { expression: "", values: {} } : { expression: " AND begins_with(#sortKey, :prefix)", values: { ":prefix": { S: prefix } } };
}

// shared/dynamodb/output-shape.ts
var VERBS = ["Put", "Update", "Delete", "ConditionCheck"];
var tablePattern = /^([\w.-]{3,255}|arn:\S{1,1000})$/;
function requireOutput(output, index) {
  const where = `outputs[${index}]`;
  const problem = findProblem(output, where);
  if (problem !== void 0) {
    throw new InvalidOutputError(`${problem}; nothing was written`, { outputIndex: index });
  }
  const { verb, tableName } = actionOf(output);
  if (!tablePattern.test(tableName)) {
    throw new ConfigurationError(
      `${where}.${verb}.TableName is ${quote(tableName)}: expected a table's name of 3 to 255 letters, digits, dots, hyphens or underscores, or its ARN; nothing was written`
    );
  }
}
function actionOf(output) {
  for (const verb of VERBS) {
    const action = output[verb];
    if (action !== void 0) {
      const item = "Item" in action ? action.Item : "Key" in action ? action.Key : void 0;
      return { verb, tableName: action.TableName ?? "", item: item ?? {} };
    }
  }
  throw new InvalidOutputError("an output without an action");
}
function findProblem(output, where) {
  if (!isPlainObject(output)) {
    return wrong(where, output, `an object with one of ${VERBS.join(", ")}`);
  }
  const [verb, ...others] = VERBS.filter((name2) => output[name2] !== void 0);
  if (verb === void 0 || others.length > 0) {
    return `${where} has ${listNames(Object.keys(output)) || "nothing"}: expected exactly one of ${VERBS.join(", ")}`;
  }
  const action = output[verb];
  if (!isPlainObject(action)) {
    return wrong(`${where}.${verb}`, action, "an object");
  }
  if (typeof action["TableName"] !== "string") {
    return wrong(`${where}.${verb}.TableName`, action["TableName"], "the table's name");
  }
  const name = verb === "Put" ? "Item" : "Key";
  return findFieldProblem(action, `${where}.${verb}`, [
    "TableName",
    name,
    ...verb === "Update" ? ["UpdateExpression"] : []
  ]) ?? findMapProblem(action[name], `${where}.${verb}.${name}`) ?? findMapProblem(action["ExpressionAttributeValues"] ?? {}, `${where}.${verb}.ExpressionAttributeValues`);
}
function findFieldProblem(action, where, own) {
  return firstOf(Object.keys(action), (name) => {
    if (action[name] === void 0) {
      return void 0;
    }
    if (![...own, ...SHARED_FIELDS].includes(name)) {
      return `${where}.${showName(name)} is unknown: expected one of ${listNames([...own, ...SHARED_FIELDS])}`;
    }
    return name.endsWith("Expression") && typeof action[name] !== "string" ? wrong(`${where}.${name}`, action[name], "an expression as text") : void 0;
  });
}
var SHARED_FIELDS = [
  "ConditionExpression",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
  "ReturnValuesOnConditionCheckFailure"
];
function findMapProblem(map, where, depth = 1) {
  if (!isPlainObject(map)) {
    return wrong(where, map, 'an object of attribute values, as { id: { S: "a" } }');
  }
  return firstOf(Object.keys(map), (name) => findValueProblem(map[name], `${where}.${showName(name)}`, depth));
}
function findValueProblem(value, where, depth) {
  const types = isPlainObject(value) ? Object.keys(value).filter((type2) => value[type2] !== void 0) : [];
  const [type = ""] = types;
  if (!isPlainObject(value) || types.length !== 1) {
    return wrong(where, value, `an attribute value of one type, as { S: "a" } or { N: "5" }`);
  }
  if (depth > MAX_ATTRIBUTE_DEPTH) {
    return `${cutText(where)} is nested deeper than DynamoDB takes`;
  }
  const inner = value[type];
  const path = `${where}.${type}`;
  if (type === "M") {
    return findMapProblem(inner, path, depth + 1);
  }
  if (type === "L") {
    return Array.isArray(inner) ? firstOf([...inner.keys()], (index) => findValueProblem(inner[index], `${path}[${index}]`, depth + 1)) : wrong(path, inner, "an array of attribute values");
  }
  const expected = Object.hasOwn(EXPECTED, type) ? EXPECTED[type] : void 0;
  if (expected === void 0) {
    return `${where} has type ${quote(type)}: expected one of ${[...Object.keys(EXPECTED), "M", "L"].join(", ")}`;
  }
  return expected.holds(inner) ? void 0 : wrong(path, inner, expected.says);
}
var text = { says: "a text", holds: (value) => typeof value === "string" };
var digits = { says: 'a number as text, as "5"', holds: (value) => typeof value === "string" };
var bytes = { says: "a Uint8Array", holds: (value) => value instanceof Uint8Array };
var boolean = { says: "true or false", holds: (value) => typeof value === "boolean" };
var EXPECTED = {
  S: text,
  N: digits,
  B: bytes,
  BOOL: boolean,
  NULL: boolean,
  SS: arrayOf(text),
  NS: arrayOf(digits),
  BS: arrayOf(bytes)
};
function arrayOf({ says, holds }) {
  return { says: `an array, each ${says}`, holds: (value) => Array.isArray(value) && value.every(holds) };
}
function wrong(where, value, expected) {
  return `${where} is ${value === void 0 ? "undefined" : quote(value)}: expected ${expected}`;
}
function firstOf(keys, find) {
  for (const key of keys) {
    const problem = find(key);
    if (problem !== void 0) {
      return problem;
    }
  }
  return void 0;
}
function isPlainObject(value) {
  const isOpaque = Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof Date;
  return typeof value === "object" && value !== null && !isOpaque;
}

// shared/dynamodb/outputs.ts
var transientReasons = /* @__PURE__ */ new Set([
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "TransactionConflict"
]);
function checkOutputs(outputs) {
  if (outputs.length > MAX_OUTPUTS_PER_COMMIT) {
    throw new OutputLimitError(
      `${outputs.length} outputs exceed ${MAX_OUTPUTS_PER_COMMIT} per commit; commit more often, or less per record`
    );
  }
  outputs.forEach(requireOutput);
  const sizes = outputs.map(outputBytes);
  const whole = sizes.findIndex((bytes3) => bytes3 > MAX_COMMIT_BYTES);
  if (whole >= 0) {
    const what = `${describeOutput(outputs, whole)}, cannot be written, and nothing was`;
    throw new InvalidOutputError(`${what}: it has ${sizes[whole]} bytes, more than ${DYNAMODB_LIMITS.itemBytes}`, {
      outputIndex: whole
    });
  }
  const bytes2 = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes2 > MAX_COMMIT_BYTES) {
    throw new OutputLimitError(
      `the outputs of one commit have ${bytes2} bytes, more than the ${MAX_COMMIT_BYTES} of a transaction; commit more often`
    );
  }
}
function describeOutput(outputs, index) {
  const output = outputs[index];
  if (output === void 0) {
    return `outputs[${index}] of ${outputs.length}`;
  }
  const { verb, tableName, item } = actionOf(output);
  return `outputs[${index}] of ${outputs.length}, ${verb} to table ${tableName}, ${verb === "Put" ? "item" : "key"} ${quote(item)}`;
}
function findRefusedOutput(cause, reasons) {
  const index = reasons.findIndex(({ Code = "None" }) => Code !== "None" && !transientReasons.has(Code));
  const reason = reasons[index];
  return reason === void 0 ? void 0 : { kind: "outputRefused", index, reason, cause };
}
function refusedOutputError(outputs, { index, reason: { Code, Message = "" }, cause }) {
  const what = `${describeOutput(outputs, index)}, was refused and nothing was written: ${Code}: ${Message}`;
  switch (Code) {
    case "ConditionalCheckFailed":
      return new OutputRefusedError(what, { outputIndex: index, cause });
    case "ValidationError":
      return new InvalidOutputError(what, { outputIndex: index, cause });
    case "ItemCollectionSizeLimitExceeded":
      return new OutputLimitError(what, { cause });
    default:
      return new ConfigurationError(what, { cause });
  }
}
function outputBytes({ Put, Update, Delete, ConditionCheck }) {
  const maps = [
    Put?.Item,
    Put?.ExpressionAttributeValues,
    Update?.Key,
    Update?.ExpressionAttributeValues,
    Delete?.Key,
    Delete?.ExpressionAttributeValues,
    ConditionCheck?.Key,
    ConditionCheck?.ExpressionAttributeValues
  ];
  return maps.reduce((sum, map) => sum + (map === void 0 ? 0 : itemBytes(map)), 0);
}

// shared/dynamodb/store-change.ts
import {
  TransactionCanceledException,
  TransactionConflictException as TransactionConflictException2,
  TransactionInProgressException,
  TransactWriteItemsCommand
} from "@aws-sdk/client-dynamodb";

// shared/dynamodb/output-refusal.ts
import {
  DescribeTableCommand,
  ResourceNotFoundException
} from "@aws-sdk/client-dynamodb";

// shared/dynamodb/output-faults.ts
function findOutputFault(outputs, keysOf) {
  const first = /* @__PURE__ */ new Map();
  for (const [index, output] of outputs.entries()) {
    const { verb, tableName } = actionOf(output);
    const item = output.Put?.Item ?? (output.Update ?? output.Delete ?? output.ConditionCheck)?.Key ?? {};
    const keys = keysOf(tableName);
    const why = findKeyFault(item, verb === "Put", keys) ?? findItemFault(item, valuesOf(output));
    if (why !== void 0) {
      return { index, why };
    }
    const key = keyOf(item, verb === "Put", keys);
    const id = key === void 0 ? void 0 : `${tableName} ${identify(key)}`;
    const before = id === void 0 ? void 0 : first.get(id);
    if (before !== void 0) {
      return {
        index,
        why: `outputs[${before}] is of the same item ${quote(key)}; make one of both, or commit in between`
      };
    }
    if (id !== void 0) {
      first.set(id, index);
    }
  }
  return void 0;
}
function findKeyFault(item, isWhole, known) {
  const keys = known?.keys ?? (isWhole ? [] : Object.keys(item).map((name) => ({ name, isSortKey: false })));
  const extra = isWhole || known === void 0 ? void 0 : Object.keys(item).find((name) => !isKey(known, name));
  if (extra !== void 0) {
    return `its key has ${showName(extra)}, which is no key attribute of the table`;
  }
  for (const { name, isSortKey } of keys) {
    const value = item[name];
    if (value === void 0) {
      return `its key attribute ${showName(name)} is missing`;
    }
    const { partitionKeyBytes, sortKeyBytes } = DYNAMODB_LIMITS;
    const fault = findKeyValueFault(name, value, isSortKey ? sortKeyBytes : partitionKeyBytes);
    if (fault !== void 0) {
      return fault;
    }
  }
  return findTypeFault(item, known);
}
function isKey({ keys }, name) {
  return keys.some((key) => key.name === name);
}
function findKeyValueFault(name, { S, B }, maxBytes) {
  const bytes2 = S === void 0 ? B?.byteLength : Buffer.byteLength(S);
  if (bytes2 === 0) {
    return `its key attribute ${showName(name)} is empty`;
  }
  return bytes2 !== void 0 && bytes2 > maxBytes ? `its key attribute ${showName(name)} has ${bytes2} bytes, more than ${maxBytes}` : void 0;
}
function findTypeFault(item, known) {
  for (const [name, type] of known?.types ?? []) {
    const value = item[name];
    if (value !== void 0 && !(type in value)) {
      return `its attribute ${showName(name)} has type ${Object.keys(value).join()}, and ${type} as a key`;
    }
  }
  return void 0;
}
function findItemFault(item, values) {
  const bytes2 = itemBytes(item);
  if (bytes2 > DYNAMODB_LIMITS.itemBytes) {
    return `its item has ${bytes2} bytes, more than ${DYNAMODB_LIMITS.itemBytes}`;
  }
  for (const value of values) {
    const fault = findValueFault(value);
    if (fault !== void 0) {
      return fault;
    }
  }
  return void 0;
}
function valuesOf(output) {
  const { Put, Update, Delete, ConditionCheck } = output;
  const action = Put ?? Update ?? Delete ?? ConditionCheck;
  return [...Object.values(Put?.Item ?? {}), ...Object.values(action?.ExpressionAttributeValues ?? {})];
}
function findValueFault(value) {
  const numbers = value.N === void 0 ? value.NS ?? [] : [value.N];
  const number2 = numbers.find((digits2) => !isNumber(digits2));
  if (number2 !== void 0) {
    return `${quote(number2)} is no number of at most ${DYNAMODB_LIMITS.digits} digits`;
  }
  const set = value.SS ?? value.NS ?? value.BS?.map((bytes2) => Buffer.from(bytes2).toString("base64"));
  if (set !== void 0 && (set.length === 0 || new Set(set).size < set.length)) {
    return set.length === 0 ? "a set is empty" : `the set ${quote(set)} has an element twice`;
  }
  for (const inner of value.L ?? Object.values(value.M ?? {})) {
    const fault = findValueFault(inner);
    if (fault !== void 0) {
      return fault;
    }
  }
  return void 0;
}
function isNumber(text2) {
  const [, whole = "", fraction = ""] = /^[+-]?(\d*)\.?(\d*)(?:[eE][+-]?\d{1,3})?$/.exec(text2) ?? [];
  const digits2 = `${whole}${fraction}`;
  return digits2 !== "" && digits2.replace(/^0+|0+$/g, "").length <= DYNAMODB_LIMITS.digits;
}
function keyOf(item, isWhole, known) {
  if (known === void 0) {
    return isWhole ? void 0 : item;
  }
  return Object.fromEntries(known.keys.flatMap(({ name }) => item[name] === void 0 ? [] : [[name, item[name]]]));
}
function identify(key) {
  const parts = Object.entries(key).toSorted(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify(parts.map(([name, { S, N, B }]) => [name, S ?? N ?? (B && Buffer.from(B).toString("base64"))]));
}

// shared/dynamodb/output-refusal.ts
var invalidRequests = /* @__PURE__ */ new Set(["SerializationException", "ValidationException"]);
async function explainRefusedRequest(client, outputs, cause) {
  if (invalidRequests.has(cause.name)) {
    return invalidOutput(outputs, await describeTables(client, outputs), cause);
  }
  if (cause.name === "ResourceNotFoundException") {
    return missingTable(outputs, await describeTables(client, outputs), cause);
  }
  if (cause.name === "AccessDeniedException") {
    const needed = new Set(outputs.map(actionOf).map(({ verb, tableName }) => `${PERMISSIONS[verb]} on ${tableName}`));
    return new ConfigurationError(
      `the outputs may not be written, and nothing was: grant the processor function ${listNames([...needed])}: ${cause.message}`,
      { cause }
    );
  }
  return void 0;
}
var PERMISSIONS = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  ConditionCheck: "dynamodb:ConditionCheckItem"
};
function invalidOutput(outputs, tables, cause) {
  const said = `${cause.name}: ${cause.message}`;
  const keysOf = (tableName) => {
    const keys = tables.get(tableName);
    return typeof keys === "object" ? keys : void 0;
  };
  const fault = findOutputFault(outputs, keysOf);
  if (fault !== void 0) {
    const { index, why } = fault;
    const what = `${describeOutput(outputs, index)}, cannot be written, and nothing was: ${why}`;
    return new InvalidOutputError(`${what} (${said})`, { outputIndex: index, cause });
  }
  const all = outputs.map((_, index) => describeOutput(outputs, index));
  return new InvalidOutputError(`the outputs cannot be written, and nothing was: ${said}: ${listNames(all)}`, {
    cause,
    ...outputs.length === 1 ? { outputIndex: 0 } : {}
  });
}
function missingTable(outputs, tables, cause) {
  const known = [...tables].filter(([, keys]) => keys === "missing").map(([name]) => name);
  const suspects = known.length > 0 ? known : [...tables].filter(([, keys]) => keys === "unknown").map(([name]) => name);
  if (suspects.length === 0) {
    return void 0;
  }
  const index = outputs.findIndex((output) => suspects.includes(actionOf(output).tableName));
  const which = `${suspects.length > 1 && known.length === 0 ? "one of the tables" : "table"} ${listNames(suspects)}`;
  return new ConfigurationError(
    `${which} does not exist in this account and region, and nothing was written: ${describeOutput(outputs, index)}; create it, or mend its name in the function's configuration`,
    { cause }
  );
}
async function describeTables(client, outputs) {
  const names = [...new Set(outputs.map((output) => actionOf(output).tableName))];
  const described = names.slice(0, MAX_DESCRIBED_TABLES).map(async (name) => [name, await describeTable(client, name)]);
  return new Map([...names.map((name) => [name, "unknown"]), ...await Promise.all(described)]);
}
async function describeTable(client, name) {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    const keys = (Table?.KeySchema ?? []).flatMap(
      ({ AttributeName, KeyType }) => AttributeName === void 0 ? [] : [{ name: AttributeName, isSortKey: KeyType === "RANGE" }]
    );
    const types = new Map(
      (Table?.AttributeDefinitions ?? []).map(({ AttributeName = "", AttributeType = "" }) => [
        AttributeName,
        AttributeType
      ])
    );
    return keys.length === 0 ? "unknown" : { keys, types };
  } catch (error) {
    return error instanceof ResourceNotFoundException ? "missing" : "unknown";
  }
}

// shared/dynamodb/store-change.ts
async function storeChange(store, change) {
  const condition = isStill(change.current);
  const outcome = await (change.outputs.length === 0 ? updateItem(store, stateOf(change), condition) : transact(store, change, condition));
  switch (outcome.kind) {
    case "stored":
      return { kind: "stored", record: decodeRange(change.next) };
    case "refused":
      return { kind: "overtaken", present: outcome.present === void 0 ? void 0 : decodeRange(outcome.present) };
    case "contended":
      return outcome;
    case "outputRefused":
      return explainRefusal(store, change, outcome);
  }
}
function isStill({ revision, writeId }) {
  return {
    expression: "#revision = :revision AND #writeId = :writeId",
    names: { "#revision": "revision", "#writeId": "writeId" },
    values: { ":revision": { N: revision.toString() }, ":writeId": { S: writeId } }
  };
}
function stateOf({ next }) {
  return { item: next, optional: OPTIONAL_RANGE_ATTRIBUTES };
}
async function transact(store, change, condition) {
  const { outputs } = change;
  try {
    const command = new TransactWriteItemsCommand({
      TransactItems: [{ Update: conditionalUpdate(store, stateOf(change), condition) }, ...outputs]
    });
    await store.client.send(command);
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      return readReasons(error, error.CancellationReasons ?? []);
    }
    if (error instanceof TransactionConflictException2 || error instanceof TransactionInProgressException) {
      return { kind: "contended", cause: error };
    }
    const refusal = isAnswer(error) ? await explainRefusedRequest(store.client, outputs, error) : void 0;
    const what = `commit to table ${store.tableName}, with ${outputs.length} outputs to ${listNames(tablesOf(outputs))}`;
    throw refusal ?? translateLedgerError(error, what);
  }
}
function tablesOf(outputs) {
  return [...new Set(outputs.map((output) => actionOf(output).tableName))];
}
function readReasons(error, [ofRecord, ...ofOutputs]) {
  if (ofRecord?.Code === "ConditionalCheckFailed") {
    return { kind: "refused", present: ofRecord.Item };
  }
  const refused = findRefusedOutput(error, ofOutputs);
  if (refused !== void 0) {
    return refused;
  }
  if (ofRecord !== void 0 && [ofRecord, ...ofOutputs].some(({ Code = "" }) => transientReasons.has(Code))) {
    return { kind: "contended", cause: error };
  }
  throw translateLedgerError(error, "read why the transaction was cancelled");
}
async function explainRefusal(store, change, refused) {
  const item = await readItem(store, rangeKey(change.current));
  const present2 = item === void 0 ? void 0 : decodeRange(item);
  if (present2?.writeId !== change.current.writeId) {
    return { kind: "overtaken", present: present2 };
  }
  throw refusedOutputError(change.outputs, refused);
}

// shared/dynamodb/change-range.ts
async function changeRange(store, seen, event, outputs) {
  assert6.ok(
    outputs.length === 0 || event.kind === "commit" || event.kind === "complete",
    `${event.kind} events carry no outputs`
  );
  checkOutputs(outputs);
  return swapRange(store, seen, {
    action: event.kind,
    decide: (current, writeId) => {
      const transition = applyEvent(current, event, writeId);
      return transition.kind === "refused" ? transition : { ...transition, outputs };
    }
  });
}
async function swapRange(store, seen, { action, decide: decide2 }) {
  const writeId = store.newId();
  let current = seen;
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const transition = decide2(current, writeId);
    if (transition.kind === "refused" && current !== seen) {
      return { ...transition, record: current };
    }
    const outcome = transition.kind === "refused" ? (
      // What was seen may be out of date; only the present record can refuse.
      { kind: "overtaken", present: await readRange(store, seen) }
    ) : await storeChange(store, {
      current,
      next: encodeRange(transition.record),
      outputs: transition.outputs
    });
    switch (outcome.kind) {
      case "stored":
        return { kind: "changed", record: outcome.record };
      case "overtaken":
        if (outcome.present === void 0) {
          return { kind: "missing" };
        }
        if (outcome.present.writeId === writeId) {
          return { kind: "changed", record: outcome.present };
        }
        current = outcome.present;
        break;
      case "contended":
        await pauseAfterContention(store, tries);
    }
  }
  throw new LedgerUnavailableError(
    `${formatOffsetRange(seen)} changed, or other writes were in the way, in each of ${MAX_CHANGE_TRIES} tries to ${action} it`
  );
}
async function readRange(store, record) {
  const item = await readItem(store, rangeKey(record));
  return item === void 0 ? void 0 : decodeRange(item);
}

// shared/dynamodb/open-requests.ts
import {
  TransactionCanceledException as TransactionCanceledException2,
  TransactionConflictException as TransactionConflictException3,
  TransactionInProgressException as TransactionInProgressException2,
  TransactWriteItemsCommand as TransactWriteItemsCommand2
} from "@aws-sdk/client-dynamodb";

// shared/dynamodb/open-requests-codec.ts
function encodeOpenRequests({ pipeline, revision, requests }) {
  const item = {
    ...openRequestsKey(pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(revision),
    requests: {
      L: requests.map(({ requestId, settled, outcomes, open, cancelled }) => ({
        M: {
          requestId: { S: requestId },
          settled: { S: encodeIntervals(settled) },
          ...encodeOutcomes(outcomes),
          open: { S: encodeIntervals(open) },
          ...cancelled === void 0 ? {} : { cancelled: encodeOperator(cancelled) }
        }
      }))
    }
  };
  if (itemBytes(item) > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `pipeline ${pipeline} has ${requests.length} open reprocess requests, more than its record of ${MAX_ITEM_BYTES} bytes holds; wait for some of them, or cancel them`
    );
  }
  return item;
}
function decodeOpenRequests(item) {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  reader.text(SORT_KEY);
  const requests = reader.maps("requests").map((request) => {
    const progress = {
      requestId: request.text("requestId"),
      settled: decodeIntervals(request.text("settled")),
      outcomes: decodeOutcomes(request),
      open: decodeIntervals(request.text("open")),
      ...request.has("cancelled") ? { cancelled: decodeOperator(request.map("cancelled")) } : {}
    };
    request.close();
    return progress;
  });
  const open = { pipeline, revision: reader.integer("revision"), requests };
  reader.closeItem();
  return open;
}

// shared/dynamodb/open-requests.ts
async function readOpenRequests(store, pipeline) {
  const item = await readItem(store, openRequestsKey(pipeline));
  return item === void 0 ? { pipeline, revision: 0, requests: [] } : decodeOpenRequests(item);
}
async function changeOpenRequest(store, { pipeline, requestId }, change) {
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const open = await readOpenRequests(store, pipeline);
    const present2 = open.requests.find((request) => request.requestId === requestId);
    const next = present2 === void 0 ? void 0 : change(present2);
    if (next === void 0) {
      return present2;
    }
    const { kind } = await replaceList(store, replacement(open, replaceRequest(open, next)));
    if (kind === "stored") {
      return next;
    }
    await pauseAfterContention(store, tries);
  }
  throw contended(pipeline, requestId);
}
function replaceRequest({ requests }, next) {
  const others = requests.filter(({ requestId }) => requestId !== next.requestId);
  return [...others, next].toSorted((a, b) => a.requestId < b.requestId ? -1 : 1);
}
function replacement({ pipeline, revision }, requests) {
  const next = revision + 1;
  const item = encodeOpenRequests({ pipeline, revision: next, requests });
  return { item, condition: followsRevision(next) };
}
function replaceList(store, { item, condition }) {
  return updateItem(store, { item, optional: [] }, condition);
}
async function moveRequest(store, own, { item, condition }) {
  try {
    const Update = conditionalUpdate(store, { item, optional: [] }, condition);
    await store.client.send(new TransactWriteItemsCommand2({ TransactItems: [own, { Update }] }));
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof TransactionCanceledException2) {
      const reasons = error.CancellationReasons ?? [];
      const [ofRequest] = reasons;
      if (ofRequest?.Code === "ConditionalCheckFailed") {
        return { kind: "refused", present: ofRequest.Item };
      }
      if (reasons.some(({ Code = "" }) => Code === "ConditionalCheckFailed" || transientReasons.has(Code))) {
        return { kind: "contended" };
      }
    }
    if (error instanceof TransactionConflictException3 || error instanceof TransactionInProgressException2) {
      return { kind: "contended" };
    }
    throw translateLedgerError(error, `write to table ${store.tableName}`);
  }
}
function contended(pipeline, requestId) {
  return new LedgerUnavailableError(
    `other writes were in the way of reprocess request ${requestId} of ${pipeline} in each of ${MAX_CHANGE_TRIES} tries`
  );
}

// shared/dynamodb/pipelines.ts
async function* listPipelines(store) {
  for await (const item of queryItems(store, pipelinesListing)) {
    yield decodePipeline(item).record;
  }
}
async function readPipeline(store, pipeline) {
  const item = await readItem(store, pipelineKey(pipeline));
  return item === void 0 ? void 0 : decodePipeline(item).record;
}
async function writePipeline(store, record) {
  const writeId = store.newId();
  const state = { item: encodePipeline({ record, writeId }), optional: OPTIONAL_PIPELINE_ATTRIBUTES };
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await updateItem(store, state, followsRevision(record.revision));
    switch (outcome.kind) {
      case "stored":
        return true;
      case "refused":
        return outcome.present !== void 0 && decodePipeline(outcome.present).writeId === writeId;
      case "contended":
        await pauseAfterContention(store, tries);
    }
  }
  throw new LedgerUnavailableError(
    `other writes were in the way of the record of pipeline ${record.pipeline} in each of ${MAX_CHANGE_TRIES} tries`
  );
}

// shared/dynamodb/plan-range.ts
var keyIsFreeOrAnchor = {
  expression: "attribute_not_exists(#key) OR #status = :anchor",
  names: { "#key": PARTITION_KEY, "#status": "status" },
  values: { ":anchor": { S: "ANCHOR" } }
};
async function planRange(store, record) {
  const item = encodeRange(record);
  const condition = record.status === "ANCHOR" ? keyIsFree : keyIsFreeOrAnchor;
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await putItem(store, item, condition);
    if (outcome.kind === "stored") {
      return { kind: "planned", record: decodeRange(item) };
    }
    if (outcome.kind === "refused") {
      if (outcome.present === void 0) {
        throw new LedgerIntegrityError(`table ${store.tableName} refused a plan without the record that is in its way`);
      }
      const present2 = decodeRange(outcome.present);
      return { kind: present2.writeId === record.writeId ? "planned" : "collided", record: present2 };
    }
    await pauseAfterContention(store, tries);
  }
  throw new LedgerUnavailableError(`other writes were in the way of a plan in each of ${MAX_CHANGE_TRIES} tries`);
}

// shared/core/reprocess-request.ts
function newProgress(requestId) {
  return { requestId, settled: [], outcomes: NO_OUTCOMES, open: [] };
}

// shared/dynamodb/request-codec.ts
function encodeRequest(request) {
  const topics = [...new Map(request.ranges.map(({ topicId, topic }) => [topicId, topic]))];
  const item = {
    ...requestKey(request.pipeline, request.requestId),
    schema: number(SCHEMA_VERSION),
    requestedAt: number(request.requestedAt),
    payload: { S: request.payload },
    maxConcurrentRanges: number(request.maxConcurrentRanges),
    isOrdered: { BOOL: request.isOrdered },
    topics: { L: topics.map(([topicId, topic]) => ({ M: { topicId: { S: topicId }, topic: { S: topic } } })) },
    ranges: { S: encodeRanges(request.ranges, new Map(topics.map(([topicId], index) => [topicId, index]))) },
    ...request.completion === void 0 ? {} : encodeCompletion(request.completion)
  };
  const bytes2 = itemBytes(item);
  if (bytes2 > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `reprocess request ${request.requestId} needs ${bytes2} bytes for its ${request.ranges.length} ranges, the ledger holds ${MAX_ITEM_BYTES}; split it into several requests`
    );
  }
  return item;
}
function encodeCompletion({ completedAt, settled, outcomes, cancelled }) {
  return {
    completedAt: number(completedAt),
    settled: { S: encodeIntervals(settled) },
    ...encodeOutcomes(outcomes),
    ...cancelled === void 0 ? {} : { cancelled: encodeOperator(cancelled) }
  };
}
function decodeRequest(item) {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  reader.optionalInteger(EXPIRY_ATTRIBUTE);
  const topics = reader.maps("topics").map((topic) => ({ topicId: topic.text("topicId"), topic: topic.text("topic") }));
  const ranges = decodeRanges(reader, reader.text("ranges"), topics);
  const request = {
    pipeline,
    requestId: reader.text(SORT_KEY),
    requestedAt: reader.integer("requestedAt"),
    payload: reader.text("payload"),
    maxConcurrentRanges: reader.optionalInteger("maxConcurrentRanges") ?? DEFAULT_MAX_CONCURRENT_RANGES,
    isOrdered: reader.has("isOrdered") ? reader.flag("isOrdered") : true,
    ranges,
    ...reader.has("completedAt") ? { completion: decodeCompletion(reader, ranges.length) } : {}
  };
  reader.closeItem();
  return request;
}
function decodeCompletion(reader, rangeCount) {
  return {
    completedAt: reader.integer("completedAt"),
    // A request that was completed before progress was kept is completed with all its ranges.
    settled: reader.has("settled") ? decodeIntervals(reader.text("settled")) : [...Array(rangeCount).keys()],
    outcomes: decodeOutcomes(reader),
    ...reader.has("cancelled") ? { cancelled: decodeOperator(reader.map("cancelled")) } : {}
  };
}
function encodeRanges(ranges, indexes) {
  const entries = [];
  for (const range of ranges) {
    const length = recordCount(range);
    const last = entries.at(-1);
    if (last === void 0 || !isNext(last, range)) {
      entries.push({ range, runs: [{ length, count: 1 }], untilOffset: range.untilOffset });
      continue;
    }
    last.untilOffset = range.untilOffset;
    const run = last.runs.at(-1);
    if (run?.length === length) {
      run.count += 1;
    } else {
      last.runs.push({ length, count: 1 });
    }
  }
  return entries.map(({ range, runs }) => {
    const lengths = runs.map(({ length, count: count2 }) => count2 === 1 ? `+${length}` : `+${length}*${count2}`);
    return `${indexes.get(range.topicId)}:${range.partition}:${range.fromOffset}${lengths.join("")}`;
  }).join(",");
}
function isNext({ range, untilOffset }, next) {
  return range.topicId === next.topicId && range.partition === next.partition && untilOffset === next.fromOffset;
}
function decodeRanges(reader, text2, topics) {
  const ranges = text2 === "" ? [] : text2.split(",").flatMap((entry) => decodeEntry(reader, entry, topics));
  if (ranges.length > MAX_SPLIT_RANGES) {
    throw reader.error(`it has ${ranges.length} ranges, more than ${MAX_SPLIT_RANGES}`);
  }
  return ranges;
}
function decodeEntry(reader, entry, topics) {
  const [, index, partition, from, until, lengths] = /^(\d+):(\d+):(\d+)(?::(\d+)|((?:\+\d+(?:\*\d{1,6})?)+))$/.exec(entry) ?? [];
  const topic = topics[Number(index)];
  if (topic === void 0 || from === void 0) {
    throw reader.error(`${JSON.stringify(entry)} is not one of its ranges`);
  }
  const place = { ...topic, partition: Number(partition) };
  let fromOffset = BigInt(from);
  if (until !== void 0) {
    return [{ ...place, fromOffset, untilOffset: BigInt(until) }];
  }
  return (lengths ?? "").slice(1).split("+").flatMap((run) => {
    const [length = "", count2 = "1"] = run.split("*");
    return Array.from({ length: Number(count2) }, () => {
      const range = { ...place, fromOffset, untilOffset: fromOffset + BigInt(length) };
      fromOffset = range.untilOffset;
      return range;
    });
  });
}

// shared/dynamodb/reprocess-requests.ts
async function readReprocess(store, pipeline, requestId) {
  const item = await readItem(store, requestKey(pipeline, requestId));
  return item === void 0 ? void 0 : decodeRequest(item);
}
async function requestReprocess(store, request) {
  const { pipeline, requestId } = request;
  const Put = conditionalPut(store, encodeRequest(request), keyIsFree);
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const open = await readOpenRequests(store, pipeline);
    const isListed = open.requests.some((one) => one.requestId === requestId);
    const listed = isListed ? open.requests : replaceRequest(open, newProgress(requestId));
    const list = replacement(open, listed);
    const outcome = await moveRequest(store, { Put }, list);
    if (outcome.kind === "stored") {
      return request;
    }
    if (outcome.kind === "refused" && outcome.present !== void 0) {
      const stored = decodeRequest(outcome.present);
      const isListMissing = !isListed && stored.completion === void 0;
      if (!isListMissing || (await replaceList(store, list)).kind === "stored") {
        return stored;
      }
    }
    await pauseAfterContention(store, tries);
  }
  throw contended(pipeline, requestId);
}
async function* listReprocessRequests(store, pipeline) {
  for await (const item of queryItems(store, requestsListing(pipeline))) {
    yield decodeRequest(item);
  }
}
async function completeReprocess(store, { pipeline, requestId }, { completedAt, retentionMs }) {
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const open = await readOpenRequests(store, pipeline);
    const progress = open.requests.find((request) => request.requestId === requestId);
    if (progress === void 0) {
      return;
    }
    const { settled, outcomes, cancelled } = progress;
    const completion = { completedAt, settled, outcomes, ...cancelled === void 0 ? {} : { cancelled } };
    const others = open.requests.filter((request) => request !== progress);
    const list = replacement(open, others);
    const Update = completing(store, { pipeline, requestId }, { completion, retentionMs });
    const moved = await moveRequest(store, { Update }, list);
    const outcome = moved.kind === "refused" ? await replaceList(store, list) : moved;
    if (outcome.kind === "stored") {
      return;
    }
    await pauseAfterContention(store, tries);
  }
  throw contended(pipeline, requestId);
}
function completing({ tableName }, { pipeline, requestId }, { completion, retentionMs }) {
  const values = {
    ...encodeCompletion(completion),
    [EXPIRY_ATTRIBUTE]: encodeExpiry(completion.completedAt + retentionMs)
  };
  const names = Object.keys(values);
  return {
    TableName: tableName,
    Key: requestKey(pipeline, requestId),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression: "attribute_exists(#key)",
    ExpressionAttributeNames: { "#key": PARTITION_KEY, ...Object.fromEntries(names.map((name) => [`#${name}`, name])) },
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]))
  };
}

// shared/core/split-range.ts
import assert7 from "node:assert/strict";
function splitRange(record, split, writeId) {
  if (isClosed(record)) {
    return { kind: "refused", refusal: { kind: "closed" } };
  }
  const refusal = refuseSplit(record, split);
  if (refusal !== void 0) {
    return { kind: "refused", refusal };
  }
  assertSplit(record, split);
  const first = closeFirst(record, split, writeId);
  return split.at === record.untilOffset ? { kind: "split", first } : { kind: "split", first, rest: planRest(record, split, writeId) };
}
function refuseSplit({ lease, committedOffset }, { lease: proof, now, at, first }) {
  if (proof !== void 0) {
    return lease?.owner === proof.owner && lease.counter === proof.counter ? void 0 : { kind: "superseded" };
  }
  if (lease !== void 0 && now < lease.expiresAt) {
    return { kind: "held", by: lease.owner, until: lease.expiresAt };
  }
  const isOvertaken = at < committedOffset || at === committedOffset && first !== "COMPLETED";
  return isOvertaken ? { kind: "superseded" } : void 0;
}
function assertSplit(record, { at, first }) {
  const where = `${formatOffsetRange(record)} at ${at}`;
  assert7.ok(at > record.fromOffset && at <= record.untilOffset, `a split of ${where} leaves an empty range`);
  assert7.ok(
    at >= record.committedOffset,
    `a split of ${where} cuts off what is committed to ${record.committedOffset}`
  );
  assert7.ok(
    first === "COMPLETED" === (at === record.committedOffset),
    `a split of ${where}, committed to ${record.committedOffset}, leaves nothing ${first}`
  );
}
function closeFirst(record, split, writeId) {
  const { at, first, error, operator, now, retentionMs } = split;
  const { lease: _ended, nextAttemptAt: _due, narrowed: _done, skipOffset: _s, error: before, ...rest } = record;
  const why = first === "COMPLETED" ? void 0 : error ?? before;
  return assertRangeRecord({
    ...rest,
    ...why === void 0 ? {} : { error: why },
    ...operator === void 0 ? {} : { operator: operatorAct(operator, now) },
    untilOffset: at,
    status: first,
    completedAt: now,
    expiresAt: now + retentionMs,
    revision: record.revision + 1,
    writeId
  });
}
function planRest(record, { at, now, first, ...split }, writeId) {
  const { topic, partition, chain, untilOffset, batchId, leaseCounter, narrowed, skipOffset } = record;
  const quarantined = (record.quarantined ?? 0) + (first === "QUARANTINED" ? 1 : 0);
  const leaderEpoch = at === record.committedOffset ? record.leaderEpoch : split.leaderEpoch;
  return assertRangeRecord({
    topic,
    partition,
    chain,
    fromOffset: at,
    untilOffset,
    committedOffset: at,
    status: "PLANNED",
    revision: 1,
    writeId,
    counts: NO_COUNTS,
    attempt: 0,
    failedAttempts: 0,
    batchId,
    leaseCounter,
    ...record.adaptiveSize === void 0 ? {} : { adaptiveSize: record.adaptiveSize },
    ...record.groupFrom === void 0 ? {} : { groupFrom: record.groupFrom },
    plannedAt: now,
    // The processor claims it at once, or the next run does as for a lost dispatch (H6).
    ...split.lease === void 0 ? {} : { dispatchedAt: now },
    ...leaderEpoch === void 0 ? {} : { leaderEpoch },
    ...quarantined === 0 ? {} : { quarantined },
    ...skipOffset === void 0 || skipOffset < at ? {} : { skipOffset, ...noteOf(record) },
    // What was suspect is settled; what was too long still is.
    ...narrowed === void 0 || narrowed.suspectUntil !== void 0 ? {} : { narrowed: { length: narrowed.length } }
  });
}
function noteOf({ operator }) {
  return operator === void 0 ? {} : { operator };
}

// shared/dynamodb/split-range.ts
async function splitRange2(store, seen, how) {
  let rest;
  try {
    const outcome = await swapRange(store, seen, {
      action: "split",
      decide: (current, writeId) => {
        const transition = splitRange(current, how, writeId);
        if (transition.kind === "refused") {
          return transition;
        }
        rest = transition.rest;
        const outputs = rest === void 0 ? [] : [{ Put: conditionalPut(store, encodeRange(rest), keyIsFree) }];
        return { kind: "changed", record: transition.first, outputs };
      }
    });
    return outcome.kind === "changed" ? { kind: "split", first: outcome.record, ...rest === void 0 ? {} : { rest } } : outcome;
  } catch (error) {
    const inTheWay = error instanceof OutputRefusedError && rest !== void 0 ? await readRange(store, rest) : void 0;
    if (inTheWay === void 0) {
      throw error;
    }
    return { kind: "collided", record: inTheWay };
  }
}

// shared/dynamodb/range-ledger.ts
function createDynamoDBRangeLedger(client, { tableName, pipeline, newId, random = Math.random }) {
  const ledger = createTableLedger({ client, tableName, newId, random });
  return pipeline === void 0 ? ledger : createPipelineLedger(ledger, pipeline);
}
function createTableLedger(store) {
  return {
    newestRange: async (chain) => {
      const item = await queryLast(store, chainListing(chain));
      return item === void 0 ? void 0 : decodeRange(item);
    },
    planRange: (record) => planRange(store, record),
    changeRange: (seen, event, outputs = []) => changeRange(store, seen, event, outputs),
    splitRange: (seen, split) => splitRange2(store, seen, split),
    ranges: (chain) => listRanges(store, chainListing(chain)),
    rangesWithin: (chain, bounds) => listRanges(store, boundedListing(chain, bounds)),
    pipelines: () => listPipelines(store),
    readPipeline: (pipeline) => readPipeline(store, pipeline),
    writePipeline: (record) => writePipeline(store, record),
    readReprocess: (pipeline, requestId) => readReprocess(store, pipeline, requestId),
    requestReprocess: (request) => requestReprocess(store, request),
    reprocessRequests: (pipeline) => listReprocessRequests(store, pipeline),
    openReprocesses: async (pipeline) => (await readOpenRequests(store, pipeline)).requests,
    changeReprocess: (pipeline, requestId, change) => changeOpenRequest(store, { pipeline, requestId }, change),
    completeReprocess: (request, completedAt, retentionMs) => completeReprocess(store, request, { completedAt, retentionMs }),
    reprocessRanges: (pipeline, requestId) => listRanges(store, requestListing(pipeline, requestId))
  };
}
async function* listRanges(store, listing) {
  for await (const item of queryItems(store, listing)) {
    yield decodeRange(item);
  }
}

// shared/wire/range-message.ts
import { z as z2 } from "zod";

// shared/wire/decimal.ts
var DECIMAL_PATTERN = /^(?:0|[1-9]\d{0,18})$/;
function readDecimal(text2, { min = 0n, max = MAX_OFFSET } = {}) {
  const value = DECIMAL_PATTERN.test(text2) ? BigInt(text2) : void 0;
  return value === void 0 || value < min || value > max ? void 0 : value;
}

// shared/wire/json.ts
function stringify(value) {
  return JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? inner.toString() : inner);
}

// shared/wire/list-problems.ts
var worded = { error: (issue) => wordingOf(issue) };
function listProblems(error, input) {
  return joinProblems(
    error.issues.flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `${nameOf([...issue.path, key])} is unknown: remove it`);
      }
      if (issue.code === "invalid_key") {
        const [problem] = issue.issues;
        return [`${nameOf(issue.path)} is a wrong name: ${problem?.message ?? issue.message}`];
      }
      const value = issue.path.reduce(
        (inner, key) => inner?.[key],
        input
      );
      return [`${nameOf(issue.path)} is ${quote(value)}: ${issue.message}`];
    })
  );
}
function nameOf(path) {
  const name = path.map((key) => typeof key === "number" ? `[${key}]` : nameOfField(String(key))).join("");
  return name === "" ? "it" : name.replace(/^\./, "");
}
function nameOfField(key) {
  const shown = showName(key);
  return shown.startsWith('"') ? `[${shown}]` : `.${shown}`;
}
function wordingOf(issue) {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${KINDS["format" in issue ? "int" : issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.length > 1 ? "one of " : ""}${listNames(issue.values.map((value) => stringify(value)))}`;
    case "too_small":
      return `expected ${boundOf("at least", issue.minimum, issue.origin)}`;
    case "too_big":
      return `expected ${boundOf("at most", issue.maximum, issue.origin)}`;
    default:
      return void 0;
  }
}
var KINDS = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  bigint: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  map: "an object",
  array: "a list"
};
function boundOf(which, bound, origin) {
  const unit = { string: bound === 1 ? " character" : " characters", array: bound === 1 ? " entry" : " entries" }[origin];
  return `${which} ${bound}${unit ?? ""}`;
}

// shared/wire/wire-offset.ts
import { z } from "zod";
var wireOffset = z.unknown().transform((value, context) => {
  const offset2 = typeof value === "string" ? readDecimal(value) : exactInteger(value);
  if (offset2 === void 0) {
    context.addIssue(`expected an offset from 0 to ${MAX_OFFSET} as a decimal string without leading zeros`);
    return z.NEVER;
  }
  return offset2;
});
function exactInteger(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && isPositive(value) ? BigInt(value) : void 0;
}
function isPositive(value) {
  return value >= 0 && !Object.is(value, -0);
}
var TOPIC_RULE = "expected a legal Kafka topic name: up to 249 letters, digits, dots, hyphens or underscores";
var PARTITION_RULE = `expected a whole number from 0 to ${MAX_PARTITION}`;
var wireTopic = z.string(TOPIC_RULE).refine(isTopicName, TOPIC_RULE);
var wirePartition = z.int(PARTITION_RULE).refine((partition) => isPositive(partition) && partition <= MAX_PARTITION, PARTITION_RULE);
var wireRange = z.strictObject(
  { topic: wireTopic, partition: wirePartition, fromOffset: wireOffset, untilOffset: wireOffset },
  shape('{"topic", "partition", "fromOffset", "untilOffset"}')
);
function shape(fields) {
  return {
    error: ({ code }) => code === "invalid_type" ? `expected ${fields}` : void 0
  };
}

// shared/wire/range-message.ts
var offset = z2.codec(
  z2.string("expected a decimal string").regex(DECIMAL_PATTERN, "expected a decimal string without leading zeros"),
  z2.bigint().max(MAX_OFFSET),
  {
    decode: (text2) => BigInt(text2),
    encode: (value) => value.toString()
  }
);
var count = z2.int().min(0);
var timestamp = z2.int().min(0);
var attemptError = z2.object({
  name: z2.string(),
  message: z2.string(),
  loss: z2.discriminatedUnion("kind", [
    z2.object({ kind: z2.literal("deleted"), beginningOffset: offset }),
    z2.object({ kind: z2.enum(["truncated", "topicGone", "hole"]) })
  ]).exactOptional(),
  inHand: z2.object({ fromOffset: offset, untilOffset: offset }).exactOptional()
});
var rangeRecord = z2.object({
  // The key: all of it has to be known.
  chain: z2.strictObject({
    pipeline: z2.string().min(1),
    topicId: z2.string().min(1),
    partition: count,
    requestId: z2.string().min(1).exactOptional()
  }),
  topic: z2.string().min(1),
  partition: count,
  fromOffset: offset,
  untilOffset: offset,
  committedOffset: offset,
  status: z2.enum(RANGE_STATUSES),
  revision: count,
  writeId: z2.string(),
  counts: z2.object({
    delivered: offset,
    aborted: offset,
    control: offset,
    bytes: offset,
    rejected: offset.exactOptional()
  }),
  attempt: count,
  failedAttempts: count,
  outages: count.exactOptional(),
  batchId: z2.string(),
  leaseCounter: count,
  lease: z2.object({ owner: z2.string(), counter: count, expiresAt: timestamp }).exactOptional(),
  groupFrom: offset.exactOptional(),
  adaptiveSize: offset.exactOptional(),
  plannedAt: timestamp,
  dispatchedAt: timestamp.exactOptional(),
  nextAttemptAt: timestamp.exactOptional(),
  startedAt: timestamp.exactOptional(),
  completedAt: timestamp.exactOptional(),
  leaderEpoch: z2.int().exactOptional(),
  error: attemptError.exactOptional(),
  narrowed: z2.object({ length: offset, suspectUntil: offset.exactOptional(), blamed: count.exactOptional() }).exactOptional(),
  quarantined: count.exactOptional(),
  skipOffset: offset.exactOptional(),
  operator: z2.object({ by: z2.string(), reason: z2.string(), at: timestamp }).exactOptional(),
  expiresAt: timestamp.exactOptional()
});
var rangeMessage = z2.object(
  {
    kind: z2.literal("range"),
    version: z2.literal(1),
    record: rangeRecord,
    leader: z2.object({
      nodeId: z2.int(),
      host: z2.string().min(1),
      port: z2.int().min(1).max(65535),
      leaderEpoch: z2.int()
    }).exactOptional()
  },
  shape('{"kind": "range", "version": 1, "record", "leader"} as the scheduler sends it')
);
var WRONG_EVENT = "the event is not a range message of version 1";
function encodeRangeMessage(dispatch) {
  return JSON.stringify(rangeMessage.encode({ kind: "range", version: 1, ...dispatch }));
}
function decodeRangeMessage(event) {
  const result = rangeMessage.safeDecode(event, worded);
  if (!result.success) {
    throw new ConfigurationError(`${WRONG_EVENT}: ${listProblems(result.error, event)}`);
  }
  const { record, leader } = result.data;
  try {
    assertRangeRecord(record);
  } catch (cause) {
    throw new ConfigurationError(`${WRONG_EVENT}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause
    });
  }
  return leader === void 0 ? { record } : { record, leader };
}
export {
  createDynamoDBRangeLedger,
  decodePipeline,
  decodeRange,
  decodeRangeMessage,
  decodeRequest,
  encodePipeline,
  encodeRange,
  encodeRangeMessage,
  encodeRequest
};
