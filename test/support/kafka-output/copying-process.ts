// Copies a range to a topic in a process that can be killed, and says each call before it is sent.

import { writeSync } from "node:fs";
import { createKafkaRangeOutput } from "../../../shared/kafka/output/range-output.ts";
import { attemptCopy, copiedRange } from "./copied-range.ts";
import { hookedConnections } from "./hooked-connections.ts";

const [bootstrapServers = "", source = "", topic = "", tag = ""] = process.argv.slice(2);
const options = { clientId: "tests", bootstrapServers: [bootstrapServers] };
const connect = hookedConnections(options, (name) => {
  writeSync(1, `${name}\n`);
  return "passes";
});
const output = createKafkaRangeOutput({ topic, connection: () => ({ ...options, connect }), isElsewhere: false });
const copied = copiedRange(source);
await attemptCopy(output, { ...copied, tag, range: { ...copied.range, topicId: tag } });
