// Kafka setting names
//
// What a file of client properties may say, by what becomes of it here. Every setting
// of Kafka's consumer, producer and admin is in one of the lists.

/** What is used. */
export const USED_SETTINGS = [
  "security.protocol",
  "sasl.mechanism",
  "sasl.jaas.config",
  "sasl.client.callback.handler.class",
  "sasl.login.callback.handler.class",
  "ssl.truststore.type",
  "ssl.truststore.location",
  "ssl.truststore.certificates",
  "ssl.truststore.password",
  "ssl.keystore.type",
  "ssl.keystore.location",
  "ssl.keystore.certificate.chain",
  "ssl.keystore.key",
  "ssl.keystore.password",
  "ssl.key.password",
  "ssl.endpoint.identification.algorithm",
  "ssl.protocol",
  "ssl.enabled.protocols",
  "client.id",
  "client.rack",
] as const;

/** What contradicts reading an exact range, as Spark's Kafka source refuses it, and why. */
export const REFUSED_SETTINGS: Readonly<Record<string, string>> = {
  "auto.offset.reset": "a range says where it begins, and is never reset",
  "enable.auto.commit": "no consumer group is used, and nothing is committed",
  "key.deserializer": "keys are printed as they are stored",
  "value.deserializer": "values are printed as they are stored",
  "interceptor.classes": "nothing may stand between the log and its reader",
  "bootstrap.controllers": "records are read from brokers; use --bootstrap-servers",
};

/** What a group, a producer or a client's own pace is set by: it changes no record that is read. */
export const UNUSED_SETTINGS: ReadonlySet<string> = new Set(
  `acks allow.auto.create.topics auto.commit.interval.ms batch.size buffer.memory check.crcs client.dns.lookup
  compression.gzip.level compression.lz4.level compression.type compression.zstd.level connections.max.idle.ms
  default.api.timeout.ms delivery.timeout.ms enable.idempotence enable.metrics.push exclude.internal.topics
  fetch.max.bytes fetch.max.wait.ms fetch.min.bytes group.id group.instance.id group.protocol group.remote.assignor
  heartbeat.interval.ms internal.leave.group.on.close internal.throw.on.fetch.stable.offset.unsupported key.serializer
  linger.ms max.block.ms max.in.flight.requests.per.connection max.partition.fetch.bytes max.poll.interval.ms
  max.poll.records max.request.size metadata.max.age.ms metadata.max.idle.ms
  metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy metric.reporters metrics.num.samples
  metrics.recording.level metrics.sample.window.ms partition.assignment.strategy
  partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms partitioner.class
  partitioner.ignore.keys receive.buffer.bytes reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms
  retries retry.backoff.max.ms retry.backoff.ms send.buffer.bytes session.timeout.ms share.acknowledgement.mode
  socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms transaction.timeout.ms
  transaction.two.phase.commit.enable transactional.id value.serializer`.split(/\s+/),
);

/** Settings of serializers that stand in the same file: Confluent's registry, say. */
export const UNUSED_PREFIXES = [
  "schema.registry.",
  "basic.auth.",
  "bearer.auth.",
  "auto.register.schemas",
  "confluent.",
];

/** Kafka's own of security that are not used: refused, since a connection must not be less safe than its file says. */
export const UNKEPT_SETTINGS =
  /^(?:sasl\.(?:kerberos|login|oauthbearer)\..+|ssl\.(?:cipher\.suites|engine\.factory\.class|provider|secure\.random\.implementation|(?:key|trust)manager\.algorithm)|security\.providers)$/;

/** librdkafka's names, which clients in Python, Go, C and .NET take, and what Kafka's own clients have instead. */
export const LIBRDKAFKA_SETTINGS: Readonly<Record<string, string>> = {
  "metadata.broker.list": "bootstrap.servers, here --bootstrap-servers",
  "sasl.mechanisms": "sasl.mechanism",
  "sasl.username": 'sasl.jaas.config, with username="…" in it',
  "sasl.password": 'sasl.jaas.config, with password="…" in it',
  "sasl.oauthbearer.config": "sasl.jaas.config",
  "sasl.oauthbearer.method": "sasl.login.callback.handler.class",
  "sasl.oauthbearer.client.id": "sasl.jaas.config",
  "sasl.oauthbearer.client.secret": "sasl.jaas.config",
  "enable.sasl.oauthbearer.unsecure.jwt": "sasl.jaas.config",
  "ssl.ca.location": "ssl.truststore.location, with ssl.truststore.type=PEM",
  "ssl.ca.pem": "ssl.truststore.certificates, with ssl.truststore.type=PEM",
  "ssl.ca.certificate.stores": "ssl.truststore.location, with ssl.truststore.type=PEM",
  "ssl.certificate.location": "ssl.keystore.location, a file with the chain and the key, with ssl.keystore.type=PEM",
  "ssl.certificate.pem": "ssl.keystore.certificate.chain, with ssl.keystore.type=PEM",
  "ssl.key.location": "ssl.keystore.location, a file with the chain and the key, with ssl.keystore.type=PEM",
  "ssl.key.pem": "ssl.keystore.key, with ssl.keystore.type=PEM",
  "ssl.curves.list": "no counterpart",
  "ssl.sigalgs.list": "no counterpart",
  "ssl.crl.location": "no counterpart",
  "ssl.engine.location": "ssl.engine.factory.class",
  "ssl.providers": "ssl.provider",
  "enable.ssl.certificate.verification":
    "no counterpart, since certificates are always verified; an empty ssl.endpoint.identification.algorithm takes one for another host",
  "broker.address.family": "client.dns.lookup",
  "broker.address.ttl": "metadata.max.age.ms",
  "socket.timeout.ms": "request.timeout.ms",
  "socket.connection.setup.timeout": "socket.connection.setup.timeout.ms",
  "socket.send.buffer.bytes": "send.buffer.bytes",
  "socket.receive.buffer.bytes": "receive.buffer.bytes",
  "socket.keepalive.enable": "no counterpart",
  "socket.nagle.disable": "no counterpart",
  "api.version.request": "no counterpart",
  "broker.version.fallback": "no counterpart",
  "topic.metadata.refresh.interval.ms": "metadata.max.age.ms",
  "fetch.wait.max.ms": "fetch.max.wait.ms",
  "fetch.message.max.bytes": "max.partition.fetch.bytes",
  "fetch.error.backoff.ms": "retry.backoff.ms",
  "queued.min.messages": "max.poll.records",
  "queued.max.messages.kbytes": "fetch.max.bytes",
  "receive.message.max.bytes": "fetch.max.bytes",
  "message.max.bytes": "max.request.size",
  "message.timeout.ms": "delivery.timeout.ms",
  "message.send.max.retries": "retries",
  "queue.buffering.max.ms": "linger.ms",
  "queue.buffering.max.messages": "buffer.memory",
  "queue.buffering.max.kbytes": "buffer.memory",
  "batch.num.messages": "batch.size",
  "compression.codec": "compression.type",
  "compression.level": "compression.zstd.level and the like",
  "request.required.acks": "acks",
  "request.timeout": "request.timeout.ms",
  "max.in.flight": "max.in.flight.requests.per.connection",
  "enable.auto.offset.store": "enable.auto.commit, which is not taken either",
  "enable.partition.eof": "no counterpart, since a range says where it ends",
  "topic.blacklist": "no counterpart; use --topics",
  "statistics.interval.ms": "metrics.sample.window.ms",
  "log.connection.close": "no counterpart",
  log_level: "no counterpart",
  debug: "no counterpart",
};
