// Archive store: a bucket as whoever runs the command may enter it, and as holding it against the ledger needs it.

import { AwsCallError } from "../../../shared/aws/aws-call-error.ts";
import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { type MultipartUploads, openMultipartUploads } from "../../../shared/s3/multipart-uploads.ts";
import { openS3Bucket, type S3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { explainAwsError } from "../options/explain-aws-error.ts";

export interface ArchiveStore
  extends Pick<S3Bucket, "list" | "get" | "create" | "close">,
    Pick<MultipartUploads, "head" | "readBytes" | "readPart"> {}

/** Errors say what to do. `endpointUrl` is the option's. */
export function openArchiveStore(access: AwsAccess, name: string, endpointUrl: string | undefined): ArchiveStore {
  const bucket = openS3Bucket(access, name);
  const uploads = openMultipartUploads(access, name);
  const { region, endpoint } = access;
  const explained = (error: unknown) =>
    error instanceof AwsCallError
      ? explainAwsError(error, { kind: "archive", name, endpointUrl, region, endpoint: endpoint.origin })
      : error;
  const explaining = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    try {
      return await answer;
    } catch (error) {
      throw explained(error);
    }
  };
  return {
    async *list(prefix) {
      try {
        yield* bucket.list(prefix);
      } catch (error) {
        throw explained(error);
      }
    },
    get: (key) => explaining(bucket.get(key)),
    create: (key, body, contentType) => explaining(bucket.create(key, body, contentType)),
    head: (key) => explaining(uploads.head(key)),
    readBytes: (key, place) => explaining(uploads.readBytes(key, place)),
    readPart: (key, number) => explaining(uploads.readPart(key, number)),
    close: () => {
      bucket.close();
      uploads.close();
    },
  };
}
