/** Kafka's mechanisms of a user and a password, as kafkajs spells them. */
export const KAFKAJS_MECHANISMS = {
  PLAIN: "plain",
  "SCRAM-SHA-256": "scram-sha-256",
  "SCRAM-SHA-512": "scram-sha-512",
} as const;
