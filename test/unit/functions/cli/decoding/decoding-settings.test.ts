import { expect, test } from "vitest";
import { takeDecoding } from "../../../../../functions/cli/decoding/decoding-settings.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

const take = (settings: Readonly<Record<string, string>>) =>
  takeDecoding(Object.entries(settings).map(([key, value]) => ({ key, value })));

const AVRO = "io.confluent.kafka.serializers.KafkaAvroDeserializer";

test("Confluent's classes are taken with their registry, under the names of Spark and Spring Boot too", () => {
  const { decoding, rest } = take({
    "kafka.value.deserializer": AVRO,
    "spring.kafka.consumer.key-deserializer": "io.confluent.kafka.serializers.protobuf.KafkaProtobufDeserializer",
    "schema.registry.url": "https://a.example, https://b.example",
    "schema.registry.basic.auth.user.info": "key:sec:ret",
    "basic.auth.credentials.source": "USER_INFO",
    "specific.avro.reader": "false",
    "group.id": "g",
  });

  expect(decoding).toEqual({
    key: "protobuf",
    value: "avro",
    registry: {
      url: "https://a.example, https://b.example",
      basicAuth: { username: "key", password: "sec:ret" },
    },
  });
  expect(rest).toEqual([{ key: "group.id", value: "g" }]);
});

test("a token is taken as well", () => {
  const { decoding } = take({
    "schema.registry.url": "https://a.example",
    "bearer.auth.credentials.source": "STATIC_TOKEN",
    "bearer.auth.token": "t0ken",
  });

  expect(decoding).toEqual({ registry: { url: "https://a.example", bearerToken: "t0ken" } });
});

test("a registry's TLS is taken by its names, and Kafka's own is left; both without an address, which the command line may have", () => {
  const ofRegistry = {
    "schema.registry.ssl.truststore.location": "/etc/trust.jks",
    "kafka.schema.registry.ssl.truststore.password": "secret",
  };

  const { decoding, rest } = take({
    ...ofRegistry,
    "ssl.truststore.location": "/etc/brokers.jks",
    "basic.auth.user.info": "key:secret",
  });

  expect(decoding).toEqual({
    registry: {
      basicAuth: { username: "key", password: "secret" },
      ssl: {
        "schema.registry.ssl.truststore.location": "/etc/trust.jks",
        "schema.registry.ssl.truststore.password": "secret",
      },
    },
  });
  expect(rest).toEqual([{ key: "ssl.truststore.location", value: "/etc/brokers.jks" }]);
});

test("what Kafka has itself, and what nobody here runs, is left to be judged", () => {
  const settings = {
    "key.deserializer": "org.apache.kafka.common.serialization.StringDeserializer",
    "value.deserializer": "com.example.OwnDeserializer",
  };

  expect(take(settings)).toEqual({
    decoding: {},
    rest: Object.entries(settings).map(([key, value]) => ({ key, value })),
  });
});

test.each([
  ["specific.avro.reader is true", { "specific.avro.reader": "true" }],
  ["basic.auth.credentials.source", { "basic.auth.credentials.source": "SASL_INHERIT" }],
  ["bearer.auth.credentials.source", { "bearer.auth.credentials.source": "OAUTHBEARER" }],
  ["kafka.basic.auth.user.info has no colon", { "kafka.basic.auth.user.info": "secret" }],
])("%s is refused, and no password shown", (problem, settings) => {
  const refused = () => take({ "schema.registry.url": "https://a.example", ...settings });

  expect(refused).toThrow(ConfigurationError);
  expect(refused).toThrow(problem);
  expect(refused).not.toThrow('"secret"');
});
