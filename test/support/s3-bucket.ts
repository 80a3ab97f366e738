import { randomUUID } from "node:crypto";
import { type AwsAccess, createAwsClient } from "../../shared/aws/aws-client.ts";

/** A new bucket on a local endpoint; its name. */
export async function createBucket(access: AwsAccess): Promise<string> {
  const name = `letters-${randomUUID()}`;
  const timeouts = { connectMs: 5_000, requestMs: 5_000 };
  const client = createAwsClient({ ...access, service: "s3", timeouts, maxTries: 3, maxSockets: 1 });
  await client.call({ method: "PUT", path: `/${name}`, headers: {}, body: "" });
  client.close();
  return name;
}
