import type { AwsAccess } from "../aws/aws-client.ts";
import { createJsonCalls } from "../aws/json-calls.ts";
import { createValueClient, valueError } from "./value-client.ts";

/** Reads a secret of AWS Secrets Manager by its name or ARN. The function throws ConfigurationError or RangeReadError. */
export function createSecretReader(access: AwsAccess): (secretId: string) => Promise<Buffer> {
  const call = createJsonCalls(createValueClient(access, "secretsmanager"), {
    target: "secretsmanager",
    version: "1.1",
  });
  return async (secretId) => {
    try {
      const answer = await call("GetSecretValue", { SecretId: secretId });
      const { SecretString, SecretBinary = "" } = answer as {
        // As the service answers.
        readonly SecretString?: string;
        readonly SecretBinary?: string;
      };
      return SecretString === undefined ? Buffer.from(SecretBinary, "base64") : Buffer.from(SecretString, "utf8");
    } catch (error) {
      throw valueError(`secret ${secretId}`, error);
    }
  };
}
