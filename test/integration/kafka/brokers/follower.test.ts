import { afterEach, describe, expect, test } from "vitest";
import { DataLossError } from "../../../../shared/core/errors.ts";
import { openCluster } from "../../../../shared/kafka/cluster/cluster.ts";
import { REPLICA_CHOICE_MS } from "../../../../shared/kafka/limits.ts";
import { brokerError } from "../../../../shared/kafka/protocol/error-codes.ts";
import { LeaderSession } from "../../../../shared/kafka/read/leader-session.ts";
import { PartitionFetcher } from "../../../../shared/kafka/read/partition-fetcher.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import {
  fetchAnswer,
  listOffsetsAnswer,
  metadataAnswer,
  type Script,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";

const RACK = "zone-b";
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A leader that names node 2 to whoever says the rack, and node 2. */
async function start(followerScript: Script, { rackId = RACK, leaderScript = (() => undefined) as Script } = {}) {
  const follower = await startScriptedBroker(scriptedLog, followerScript);
  const leader = await startScriptedBroker(scriptedLog, (call, broker) => {
    if (call.api === "metadata") {
      const body = metadataAnswer({ port: broker.port, followerPort: follower.port });
      return { kind: "send", bytes: call.answer(body) };
    }
    return call.api === "fetch" && call.body.includes(RACK)
      ? { kind: "send", bytes: call.answer(fetchAnswer({ endOffset: 6n, preferredReadReplica: 2 })) }
      : leaderScript(call, broker);
  });
  const reader = createKafkaRangeReader({
    clientId: "tests",
    bootstrapServers: [leader.bootstrapServers],
    requestTimeoutMs: 400,
    progressTimeoutMs: 2_000,
    rackId,
  });
  open.push(reader, leader, follower);
  const count = (broker: typeof leader) => broker.calls.filter((api) => api === "fetch").length;
  return { reader, leader, follower, fetches: () => ({ leader: count(leader), follower: count(follower) }) };
}

describe("a closer replica", () => {
  test("that the leader names is fetched from, after the leader's word on the range", async () => {
    const { reader, follower, fetches } = await start(() => undefined);

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    expect(fetches()).toEqual({ leader: 1, follower: 3 });
    expect(follower.calls).not.toContain("listOffsets");
  });

  test("is not asked for without a rack", async () => {
    const { reader, fetches } = await start(() => undefined, { rackId: "" });

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    expect(fetches()).toEqual({ leader: 3, follower: 0 });
  });

  test.each([1, 6, 75, 78, 2, 29])(
    "PF4: whose answer is error %i is left for the leader at the same offset",
    async (errorCode) => {
      const { reader, fetches } = await start((call) =>
        call.api === "fetch" && call.index === 1
          ? { kind: "send", bytes: call.answer(fetchAnswer({ errorCode })) }
          : undefined,
      );

      const { offsets } = await collectRange(reader, wholeLog);

      expect(offsets, brokerError(errorCode).name).toEqual(everyOffset);
      expect(fetches()).toEqual({ leader: 3, follower: 2 });
    },
  );

  test.each<[string, Script]>([
    ["lags behind", (call) => ({ kind: "send", bytes: call.answer(fetchAnswer({ endOffset: 1n })) })],
    ["cuts the connection", () => ({ kind: "sendAndClose", bytes: Buffer.alloc(0) })],
    ["is silent", () => ({ kind: "silence" })],
  ])("PF4: that %s is left for the leader at the same offset", async (_, atFetch) => {
    const { reader, fetches } = await start((call, broker) =>
      call.api === "fetch" && call.index === 1 ? atFetch(call, broker) : undefined,
    );

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    expect(fetches()).toEqual({ leader: 3, follower: 2 });
  });

  test("RR3: is no witness of data loss; the leader is", async () => {
    const outOfRange: Script = (call) =>
      call.api === "fetch" && call.fetchOffset === 2n
        ? { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: 1 })) }
        : undefined;
    const { reader, follower } = await start(outOfRange, {
      leaderScript: (call, broker) =>
        call.api === "listOffsets"
          ? { kind: "send", bytes: call.answer(listOffsetsAnswer({ offset: 5n })) }
          : outOfRange(call, broker),
    });

    const { error, offsets } = await failRange(reader, wholeLog);

    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({ fromOffset: 2n, loss: { kind: "deleted", beginningOffset: 5n } });
    expect(offsets).toEqual([0n, 1n]);
    expect(follower.calls).not.toContain("listOffsets");
  });
});

describe("the choice of a replica", () => {
  const beginning = { offset: 0n, previousLeaderEpoch: -1 };

  /** Fetches the same records by one session, at moments of the test's choosing. */
  async function startSession(followerScript: Script) {
    const { leader, fetches } = await start(followerScript);
    const cluster = openCluster({ clientId: "tests", bootstrapServers: [leader.bootstrapServers] });
    open.push({ close: async () => cluster.close() });
    const clock = createFakeClock();
    const session = new LeaderSession(cluster, wholeLog, clock.now);
    const rules = { fetchMaxBytes: 1, fetchMinBytes: 1, fetchMaxWaitMs: 0, progressTimeoutMs: 2_000, rackId: RACK };
    const fetcher = new PartitionFetcher(session, wholeLog, rules);
    return { clock, fetches, fetch: async () => fetcher.fetch(beginning) };
  }

  test("LS2: stands for five minutes, and then the leader is asked again", async () => {
    const { clock, fetch, fetches } = await startSession(() => undefined);

    await fetch();
    clock.advance(REPLICA_CHOICE_MS - 1);
    await fetch();
    expect(fetches()).toEqual({ leader: 1, follower: 2 });
    clock.advance(1);
    await fetch();

    expect(REPLICA_CHOICE_MS).toBe(300_000);
    expect(fetches()).toEqual({ leader: 2, follower: 3 });
  });

  test("LS2: that failed is not made again for five minutes", async () => {
    const { clock, fetch, fetches } = await startSession((call) =>
      call.api === "fetch" && call.index === 0
        ? { kind: "send", bytes: call.answer(fetchAnswer({ errorCode: 9 })) }
        : undefined,
    );

    await fetch();
    clock.advance(REPLICA_CHOICE_MS - 1);
    await fetch();
    expect(fetches()).toEqual({ leader: 3, follower: 1 });
    clock.advance(1);
    await fetch();

    expect(fetches()).toEqual({ leader: 4, follower: 2 });
  });
});
