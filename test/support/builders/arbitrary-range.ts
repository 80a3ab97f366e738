import fc from "fast-check";
import { listOffsets } from "../../../shared/core/offsets/offset-list.ts";
import { MAX_OFFSET } from "../../../shared/core/range/offset-range.ts";
import {
  assertRangeRecord,
  isClosed,
  RANGE_STATUSES,
  type RangeRecord,
} from "../../../shared/core/range/range-record.ts";
import { isTopicName } from "../../../shared/core/range/topic-partition.ts";

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
const counter = fc.integer({ min: 0, max: 999_999 });
const offset = fc.bigInt({ min: 0n, max: MAX_OFFSET });
const partition = fc.integer({ min: 0, max: 2_147_483_647 });
const lowerUuid = fc.uuid().map((id) => id.toLowerCase());

/** Any record that the ledger may hold. */
export const arbitraryRange: fc.Arbitrary<RangeRecord> = fc
  .record(
    {
      pipeline: name,
      topicId: lowerUuid,
      requestId: fc.option(name, { nil: undefined }),
      topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/).filter(isTopicName),
      partition,
      offsets: fc
        .tuple(offset, offset, offset)
        .map((offsets) => offsets.toSorted((a, b) => (a < b ? -1 : 1)) as [bigint, bigint, bigint])
        .filter(([from, , until]) => from < until),
      status: fc.constantFrom(...RANGE_STATUSES),
      counts: fc.record(
        { delivered: offset, aborted: offset, control: offset, bytes: offset, rejected: offset },
        { requiredKeys: ["delivered", "aborted", "control", "bytes"] },
      ),
      narrowed: fc.option(
        fc.record(
          { length: offset.filter((length) => length > 0n), suspectUntil: offset, blamed: counter },
          { requiredKeys: ["length"] },
        ),
        { nil: undefined },
      ),
      quarantined: fc.option(counter, { nil: undefined }),
      prepared: fc.option(fc.record({ memo: fc.string({ maxLength: 200 }), output: name }), { nil: undefined }),
      receipts: fc.option(fc.array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 3 }), { nil: undefined }),
      isListing: fc.boolean(),
      isSkipping: fc.boolean(),
      numbers: fc.tuple(counter, counter, counter, counter),
      ids: fc.tuple(fc.uuid(), fc.uuid(), fc.string({ maxLength: 73, unit: "grapheme-ascii" })),
      times: fc.record(
        { dispatchedAt: instant, nextAttemptAt: instant, startedAt: instant, completedAt: instant },
        { requiredKeys: [] },
      ),
      plannedAt: instant,
      adaptiveSize: fc.option(offset, { nil: undefined }),
      groupFrom: fc.option(offset, { nil: undefined }),
      leaderEpoch: fc.option(fc.integer({ min: -1, max: 2_147_483_647 }), { nil: undefined }),
      error: fc.option(
        fc.record(
          {
            name: fc.string({ maxLength: 240 }),
            message: fc.string({ maxLength: 240, unit: "binary" }),
            loss: fc.oneof(
              offset.map((beginningOffset) => ({ kind: "deleted" as const, beginningOffset })),
              fc.constantFrom("truncated" as const, "topicGone" as const, "hole" as const).map((kind) => ({ kind })),
            ),
            inHand: fc.record({ fromOffset: offset, untilOffset: offset }),
          },
          { requiredKeys: ["name", "message"] },
        ),
        { nil: undefined },
      ),
      operator: fc.option(
        fc.record({
          by: fc.string({ maxLength: 128, unit: "binary" }),
          reason: fc.string({ maxLength: 160, unit: "binary" }),
          at: instant,
        }),
        { nil: undefined },
      ),
      expiresAt: fc.option(instant, { nil: undefined }),
    },
    { noNullPrototype: true },
  )
  .map(({ pipeline, topicId, requestId, offsets, status, numbers, ids, times, ...rest }) => {
    const [fromOffset, between, end] = offsets;
    const [revision, attempt, failedAttempts, leaseCounter] = numbers;
    const [writeId, batchId, owner] = ids;
    const untilOffset = status === "ANCHOR" ? fromOffset : end;
    const committedOffset = status === "ANCHOR" ? fromOffset : status === "COMPLETED" ? untilOffset : between;
    const {
      leaderEpoch,
      adaptiveSize,
      groupFrom,
      error,
      operator,
      expiresAt,
      narrowed,
      quarantined,
      isListing,
      isSkipping,
      prepared,
      receipts,
      ...always
    } = rest;
    // The first and the last of what is committed, or of what is prepared.
    const listed = (from: bigint, until: bigint) =>
      isListing && from < until && (rest.counts.rejected ?? 0n) >= 2n
        ? { rejectedOffsets: listOffsets([from, until - 1n]) }
        : {};
    const skips = isSkipping && !isClosed({ status }) && committedOffset < untilOffset;
    return assertRangeRecord({
      ...always,
      ...times,
      chain: { pipeline, topicId, partition: rest.partition, ...(requestId === undefined ? {} : { requestId }) },
      status,
      fromOffset,
      untilOffset,
      committedOffset,
      revision,
      attempt,
      failedAttempts,
      leaseCounter,
      writeId,
      batchId,
      ...(status === "RUNNING" ? { lease: { owner, counter: leaseCounter, expiresAt: rest.plannedAt } } : {}),
      // A range of a request is cut when it is asked for: it has neither.
      ...(adaptiveSize === undefined || requestId !== undefined ? {} : { adaptiveSize }),
      ...(groupFrom === undefined || requestId !== undefined ? {} : { groupFrom }),
      ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
      ...(narrowed === undefined ? {} : { narrowed }),
      ...(quarantined === undefined ? {} : { quarantined }),
      ...(prepared === undefined || committedOffset === untilOffset
        ? {}
        : { prepared: { ...prepared, untilOffset, counts: rest.counts, ...listed(committedOffset, untilOffset) } }),
      ...listed(fromOffset, committedOffset),
      ...(receipts === undefined ? {} : { receipts }),
      ...(skips ? { skipOffset: untilOffset - 1n } : {}),
      ...(error === undefined ? {} : { error }),
      ...(operator === undefined ? {} : { operator }),
      ...(expiresAt === undefined ? {} : { expiresAt: Math.ceil(expiresAt / 1_000) * 1_000 }),
    });
  });
