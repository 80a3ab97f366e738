// Values that AWS keeps, put into a local endpoint: secrets, parameters and objects.

import { createAwsClient } from "../../../shared/aws/aws-client.ts";
import { createJsonCalls } from "../../../shared/aws/json-calls.ts";
import { createSigner } from "../../../shared/aws/sign-request.ts";
import { localAccess } from "../aws-access.ts";

export interface LocalValues {
  putSecret(name: string, text: string): Promise<void>;
  changeSecret(name: string, text: string): Promise<void>;
  putParameter(name: string, text: string): Promise<void>;
  /** In a bucket of its own; the bucket's name. */
  putObject(key: string, content: Buffer): Promise<string>;
}

const BUCKET = "kafka-stores";

export function openLocalValues(endpoint: string): LocalValues {
  const access = localAccess(endpoint);
  const clientOf = (service: string) =>
    createAwsClient({
      ...access,
      service,
      timeouts: { connectMs: 5_000, requestMs: 10_000 },
      maxTries: 2,
      maxSockets: 2,
    });
  const secrets = createJsonCalls(clientOf("secretsmanager"), { target: "secretsmanager", version: "1.1" });
  const parameters = createJsonCalls(clientOf("ssm"), { target: "AmazonSSM", version: "1.1" });
  return {
    putSecret: async (Name, SecretString) => void (await secrets("CreateSecret", { Name, SecretString })),
    changeSecret: async (SecretId, SecretString) => void (await secrets("PutSecretValue", { SecretId, SecretString })),
    putParameter: async (Name, Value) => void (await parameters("PutParameter", { Name, Value, Type: "SecureString" })),
    putObject: async (key, content) => {
      await put(new URL(`/${BUCKET}`, endpoint));
      await put(new URL(`/${BUCKET}/${key.split("/").map(encodeURIComponent).join("/")}`, endpoint), content);
      return BUCKET;
    },
  };
}

/** The endpoint knows a service by its signature, and checks nothing of it. */
async function put(url: URL, content: Uint8Array = new Uint8Array()): Promise<void> {
  const sign = createSigner({ region: "us-east-1", service: "s3" });
  const { host: _, ...headers } = sign(
    { method: "PUT", url, headers: {}, body: "" },
    { accessKeyId: "local", secretAccessKey: "local" },
    new Date(),
  );
  const response = await fetch(url, {
    method: "PUT",
    headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    body: new Uint8Array(content),
  });
  if (!response.ok && response.status !== 409) {
    throw new Error(`PUT ${url.pathname}: ${response.status} ${await response.text()}`);
  }
}
