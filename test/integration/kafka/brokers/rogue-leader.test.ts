// Whoever may invoke a processor can name any leader: nothing may go there, and
// nothing come from there, unless the cluster itself names its address.

import { afterEach, expect, test } from "vitest";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange } from "../../../support/kafka/collect-range.ts";
import {
  metadataAnswer,
  SCRIPTED_TOPIC_ID,
  type ScriptedBroker,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** The bootstrap server, another broker that it names and that leads, and a host that nobody names. */
async function start() {
  const rogue = await startScriptedBroker(scriptedLog);
  const leader = await startScriptedBroker(scriptedLog);
  const bootstrap = await startScriptedBroker(scriptedLog, (call) =>
    call.api === "metadata"
      ? { kind: "send", bytes: call.answer(metadataAnswer({ port: leader.port, followerPort: leader.port })) }
      : undefined,
  );
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrap.bootstrapServers] });
  open.push(reader, rogue, leader, bootstrap);
  return { rogue, leader, bootstrap, reader };
}

function leaderAt({ port }: ScriptedBroker) {
  return { leader: { nodeId: 1, host: "127.0.0.1", port, leaderEpoch: 0 } };
}

test("LS3: a leader that the cluster does not name is not spoken to, and the range is read from its own", async () => {
  const { rogue, leader, reader } = await start();

  const { offsets } = await collectRange(reader, { ...wholeLog, topicId: SCRIPTED_TOPIC_ID, ...leaderAt(rogue) });

  expect(offsets).toEqual(everyOffset);
  expect(rogue.calls).toEqual([]);
  expect(leader.calls).toContain("fetch");
});

test("LS3: a leader that the cluster names is asked for once in an environment, and not again", async () => {
  const { leader, bootstrap, reader } = await start();

  for (let read = 0; read < 3; read += 1) {
    expect(
      (await collectRange(reader, { ...wholeLog, topicId: SCRIPTED_TOPIC_ID, ...leaderAt(leader) })).offsets,
    ).toEqual(everyOffset);
  }

  expect(bootstrap.calls.filter((api) => api === "metadata")).toHaveLength(1);
});

test("LS3: a leader that is a bootstrap server costs no question at all", async () => {
  const broker = await startScriptedBroker(scriptedLog);
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
  open.push(reader, broker);

  const { offsets } = await collectRange(reader, { ...wholeLog, topicId: SCRIPTED_TOPIC_ID, ...leaderAt(broker) });

  expect(offsets).toEqual(everyOffset);
  expect(broker.calls).not.toContain("metadata");
});
