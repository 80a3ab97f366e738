import type { AwsAccess } from "../aws/aws-client.ts";
import { createJsonCalls } from "../aws/json-calls.ts";
import { createValueClient, valueError } from "./value-client.ts";

/** Reads a parameter of Systems Manager, decrypted. The function throws ConfigurationError or RangeReadError. */
export function createParameterReader(access: AwsAccess): (name: string) => Promise<Buffer> {
  const call = createJsonCalls(createValueClient(access, "ssm"), { target: "AmazonSSM", version: "1.1" });
  return async (name) => {
    try {
      const answer = await call("GetParameter", { Name: name, WithDecryption: true });
      const { Parameter } = answer as { readonly Parameter?: { readonly Value?: string } }; // As the service answers.
      return Buffer.from(Parameter?.Value ?? "", "utf8");
    } catch (error) {
      throw valueError(`parameter ${name}`, error);
    }
  };
}
