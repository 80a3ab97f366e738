// Bucket of S3
//
// The calls of S3 that are needed, signed by the small client. A bucket's own name leads to
// it, https://BUCKET.s3.REGION.amazonaws.com, but for one with dots, whose certificate
// would not fit, and for an endpoint of the user's own: there it is the first part of the path.

import { AwsCallError } from "../aws/aws-call-error.ts";
import { type AwsAccess, createAwsClient } from "../aws/aws-client.ts";
import { encode } from "../aws/sign-request.ts";
import { elementsOf, textOfElement } from "../aws/xml-text.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import { S3_MAX_SOCKETS, S3_MAX_TRIES, S3_PAGE_KEYS, S3_TIMEOUT_MS } from "./limits.ts";

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Names the version of its content, with its quotation marks. */
  readonly etag: string;
}

/** Each call rejects with AwsCallError. */
export interface S3Bucket {
  /** Replaces what is there. */
  put(key: string, body: string, contentType: string): Promise<void>;
  /** Whether it was put: nothing is replaced. */
  create(key: string, body: string, contentType: string): Promise<boolean>;
  /** Undefined where there is none. */
  get(key: string): Promise<string | undefined>;
  /** Deletes it unless its content is another one by now; whether it is gone. */
  delete(key: string, etag: string): Promise<boolean>;
  /** All whose keys begin so, by key. */
  list(prefix: string): AsyncIterable<ListedObject>;
  close(): void;
}

export function openS3Bucket(access: AwsAccess, bucket: string): S3Bucket {
  const { endpoint, path } = bucketAddress(access.endpoint, bucket);
  const client = createAwsClient({
    ...access,
    endpoint,
    service: "s3",
    timeouts: { connectMs: S3_TIMEOUT_MS, requestMs: S3_TIMEOUT_MS },
    maxTries: S3_MAX_TRIES,
    maxSockets: S3_MAX_SOCKETS,
  });
  const pathOf = (key: string) => `${path}/${key.split("/").map(encode).join("/")}`;
  return {
    async put(key, body, contentType) {
      await client.call({ method: "PUT", path: pathOf(key), headers: { "content-type": contentType }, body });
    },
    async create(key, body, contentType) {
      const headers = { "content-type": contentType, "if-none-match": "*" };
      return unlessRefused(client.call({ method: "PUT", path: pathOf(key), headers, body }));
    },
    async get(key) {
      const answer = await orMissing(client.call({ method: "GET", path: pathOf(key), headers: {}, body: "" }));
      return answer?.body;
    },
    async delete(key, etag) {
      const headers = { "if-match": etag };
      return unlessRefused(orMissing(client.call({ method: "DELETE", path: pathOf(key), headers, body: "" })));
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        const query = { "list-type": "2", "encoding-type": "url", "max-keys": S3_PAGE_KEYS.toString(), prefix };
        const asked = new URLSearchParams({ ...query, ...omitUndefined({ "continuation-token": token }) });
        const listed = `${path}/?${asked.toString().replaceAll("+", "%20")}`;
        const { body } = await client.call({ method: "GET", path: listed, headers: {}, body: "" });
        yield* elementsOf(body, "Contents").map(listedObject);
        token =
          textOfElement(body, "IsTruncated") === "true" ? textOfElement(body, "NextContinuationToken") : undefined;
      } while (token !== undefined);
    },
    close: () => client.close(),
  };
}

/** Where the bucket's objects are. */
export function bucketAddress(endpoint: URL, bucket: string): { readonly endpoint: URL; readonly path: string } {
  const isOwn = !/^s3[.-]/.test(endpoint.hostname);
  if (isOwn || bucket.includes(".")) {
    return { endpoint, path: `/${bucket}` };
  }
  const hosted = new URL(endpoint);
  hosted.hostname = `${bucket}.${endpoint.hostname}`;
  return { endpoint: hosted, path: "" };
}

/** False where its condition was not met. */
async function unlessRefused(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof AwsCallError && error.statusCode === 412) {
      return false;
    }
    throw error;
  }
}

/** Undefined where there is no such object; a bucket that is missing is an error. */
async function orMissing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsCallError && (error.name === "NoSuchKey" || error.name === "HTTP 404")) {
      return undefined;
    }
    throw error;
  }
}

function listedObject(xml: string): ListedObject {
  const [key, modified, etag, size] = ["Key", "LastModified", "ETag", "Size"].map((name) => textOfElement(xml, name));
  if (key === undefined || modified === undefined || etag === undefined || size === undefined) {
    throw new AwsCallError("a listing without a key, a time, an ETag or a size", { name: "InvalidAnswer" });
  }
  const bytes = Number(size);
  return { key: decodeURIComponent(key.replaceAll("+", " ")), bytes, modifiedAt: Date.parse(modified), etag };
}
