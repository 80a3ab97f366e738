import type { AwsAccess } from "../aws/aws-client.ts";
import { encode } from "../aws/sign-request.ts";
import { createValueClient, valueError } from "./value-client.ts";

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Reads an object of S3 in the region of the access. The function throws ConfigurationError or RangeReadError. */
export function createObjectReader(access: AwsAccess): (place: ObjectPlace) => Promise<Buffer> {
  const client = createValueClient(access, "s3");
  return async ({ bucket, key }) => {
    const path = [bucket, ...key.split("/")].map(encode).join("/");
    try {
      const { bytes } = await client.call({ method: "GET", path: `/${path}`, headers: {}, body: "" });
      return bytes;
    } catch (error) {
      throw valueError(`s3://${bucket}/${key}`, error);
    }
  };
}
