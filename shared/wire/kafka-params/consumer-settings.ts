// Consumer settings
//
// The settings of Kafka's consumer, apart from those of security, by what becomes of
// each. A test holds the names against Kafka's own list, and its defaults against these rules.

import { quote } from "../../core/bounded-text.ts";
import { readOffsetReset } from "./offset-reset.ts";
import { ofGroup, oneOf, refused, type SettingRules, taken, wholeNumber, withoutEffect } from "./setting-rule.ts";

const METRICS = "what is measured is told by the command, and by the functions' own metrics";
const BACKOFF = "tries are spread at random over 50 ms to 1 s, and bounded by the time that a position may stand still";
const BUFFER = "the operating system sizes a socket's buffers";
const SETUP = "TCP, TLS and SASL have ten seconds together, and a try is not prolonged";
const RECOVERY = "whenever metadata is needed the bootstrap servers are asked, one after the other";

/** Whose meaning is that of what is handed out here: bytes as they are stored, or text in UTF-8 made of them. */
const SERIALIZATION = "org.apache.kafka.common.serialization";
const DESERIALIZERS = ["ByteArray", "ByteBuffer", "Bytes", "String"].map(
  (type) => `${SERIALIZATION}.${type}Deserializer`,
);

const DESERIALIZER = taken(
  "bytes and texts (ByteArray-, ByteBuffer-, Bytes- and StringDeserializer) are what a record's key and value are here; any other is refused",
  {
    problemOf: (value) =>
      DESERIALIZERS.some((name) => value === name || value.endsWith(`.${name}`))
        ? undefined
        : `${quote(value)} is not run here, where records are bytes, or texts in UTF-8: remove it, or name one of ${DESERIALIZERS.join(", ")}, and decode in the pipeline's code`,
  },
);

export const CONSUMER_SETTINGS: SettingRules = {
  "allow.auto.create.topics": withoutEffect("no topic is ever created by reading it", "false"),
  "auto.commit.interval.ms": ofGroup(),
  "auto.offset.reset": taken(
    "where a start is chosen and none is given: earliest, latest, none (a start has to be given), by_duration:PT…; a range that is named begins where it says",
    {
      problemOf: (value) =>
        readOffsetReset(value) === undefined
          ? `${quote(value)} is not earliest, latest, none or by_duration: with a duration such as PT24H`
          : undefined,
    },
  ),
  "bootstrap.servers": taken("the brokers to ask first"),
  "check.crcs": withoutEffect("every batch's checksum is verified", "true"),
  "client.dns.lookup": taken(
    "every address of a name is tried; resolve_canonical_bootstrap_servers_only is refused",
    oneOf(["use_all_dns_ips"], ": name the brokers by their canonical names in bootstrap.servers, and remove it"),
  ),
  "client.id": taken("shown in the brokers' logs and counted in their quotas"),
  "client.rack": taken("a replica in that rack may be read instead of the leader"),
  "connections.max.idle.ms": withoutEffect("a connection that was idle for five minutes is not used again"),
  "default.api.timeout.ms": withoutEffect("each call has request.timeout.ms, and each lookup a number of tries"),
  "enable.auto.commit": ofGroup(),
  "enable.metrics.push": withoutEffect(METRICS),
  "exclude.internal.topics": taken(
    "a topic pattern matches no internal topic; false is refused",
    oneOf(["true"], ": name an internal topic by its name, and remove it"),
  ),
  "fetch.max.bytes": taken("with max.partition.fetch.bytes, of which the lesser counts: one fetch asks one partition", {
    ...wholeNumber(0),
  }),
  "fetch.max.wait.ms": taken("how long a broker may hold a fetch that has less than fetch.min.bytes", wholeNumber(0)),
  "fetch.min.bytes": taken("how much a broker waits for before it answers a fetch", wholeNumber(0)),
  "group.id": ofGroup(),
  "group.instance.id": ofGroup(),
  "group.protocol": ofGroup(),
  "group.remote.assignor": ofGroup(),
  "heartbeat.interval.ms": ofGroup(),
  "interceptor.classes": refused(
    "nothing may stand between the log and its reader; remove it, and do its work in the pipeline's code",
    "",
  ),
  "internal.leave.group.on.close": ofGroup(),
  "internal.throw.on.fetch.stable.offset.unsupported": ofGroup(),
  "isolation.level": taken("which records are visible, where the command or the pipeline says nothing else", {
    ...oneOf(["read_committed", "read_uncommitted"]),
  }),
  "key.deserializer": DESERIALIZER,
  "max.partition.fetch.bytes": taken("with fetch.max.bytes, of which the lesser counts", wholeNumber(0)),
  "max.poll.interval.ms": ofGroup(),
  "max.poll.records": withoutEffect("records are handed out one by one, as the code takes them"),
  "metadata.max.age.ms": withoutEffect("a leader is looked up anew when an answer gives reason to"),
  "metadata.recovery.rebootstrap.trigger.ms": withoutEffect(RECOVERY),
  "metadata.recovery.strategy": withoutEffect(RECOVERY, "rebootstrap"),
  "metric.reporters": withoutEffect(METRICS),
  "metrics.num.samples": withoutEffect(METRICS),
  "metrics.recording.level": withoutEffect(METRICS),
  "metrics.sample.window.ms": withoutEffect(METRICS),
  "partition.assignment.strategy": ofGroup(),
  "receive.buffer.bytes": withoutEffect(BUFFER, "-1"),
  "reconnect.backoff.max.ms": withoutEffect(BACKOFF),
  "reconnect.backoff.ms": withoutEffect(BACKOFF),
  "request.timeout.ms": taken("how long one call may take, from sent to answered", wholeNumber(1)),
  "retry.backoff.max.ms": withoutEffect(BACKOFF),
  "retry.backoff.ms": withoutEffect(BACKOFF),
  "send.buffer.bytes": withoutEffect(BUFFER, "-1"),
  "session.timeout.ms": ofGroup(),
  "share.acknowledgement.mode": ofGroup(),
  "socket.connection.setup.timeout.max.ms": withoutEffect(SETUP),
  "socket.connection.setup.timeout.ms": withoutEffect(SETUP, "10000"),
  "value.deserializer": DESERIALIZER,
};
