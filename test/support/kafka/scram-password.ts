import { pbkdf2Sync, randomBytes } from "node:crypto";
import { parseBootstrapServer } from "../../../shared/core/source/bootstrap-server.ts";
import { WireReader } from "../../../shared/kafka/protocol/wire-reader.ts";
import { WireWriter } from "../../../shared/kafka/protocol/wire-writer.ts";
import type { KafkaUser } from "../../local/servers/kafka-users.ts";
import { rawRequest } from "./raw-request.ts";

/** The fewest that Kafka takes. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;

const mechanisms = {
  "SCRAM-SHA-256": { code: 1, hash: "sha256", bytes: 32 },
  "SCRAM-SHA-512": { code: 2, hash: "sha512", bytes: 64 },
} as const;

/** Gives a user this password for the mechanism, over a plain listener, by AlterUserScramCredentials v0: as kafka-configs does. */
export async function setScramPassword(
  bootstrapServer: string,
  { name, password, mechanism }: KafkaUser & { readonly mechanism: keyof typeof mechanisms },
): Promise<void> {
  const { code, hash, bytes } = mechanisms[mechanism];
  const salt = randomBytes(SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, bytes, hash);
  const writer = new WireWriter().array([], () => undefined); // Deletions.
  writer.array([name], (user) => {
    writer.string(user).int8(code).int32(ITERATIONS);
    for (const part of [salt, salted]) {
      writer.uvarint(part.length + 1).bytes(part);
    }
    writer.tags();
  });
  const request = { apiKey: 51, apiVersion: 0, body: writer.tags().finish() };
  const reader = new WireReader(await rawRequest(parseBootstrapServer(bootstrapServer), request));
  reader.int32(); // Throttle time.
  const errors = reader.array(() => {
    reader.string();
    const error = { code: reader.int16(), message: reader.nullableString() };
    reader.skipTags();
    return error;
  });
  const refusal = errors.find((error) => error.code !== 0);
  if (refusal !== undefined) {
    throw new Error(`the broker did not take the password of ${name}: ${refusal.code} ${refusal.message ?? ""}`);
  }
}
