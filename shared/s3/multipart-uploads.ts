// Multipart uploads
//
// An object in two steps: its parts are with S3, unseen, until the upload is completed, by
// whoever knows its id. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
//
//   MU1  Completing replaces no object: the one that is there stays (If-None-Match).
//   MU2  Every part travels with its CRC-32, which S3 checks, and keeps with the object as the
//        checksum of the parts' checksums.

import { crc32 } from "node:zlib";
import { AwsCallError } from "../aws/aws-call-error.ts";
import { type AwsAccess, type AwsClient, createAwsClient } from "../aws/aws-client.ts";
import type { HttpAnswer } from "../aws/http-exchange.ts";
import { refusalOf } from "../aws/refusal-of.ts";
import { encode } from "../aws/sign-request.ts";
import { textOfElement } from "../aws/xml-text.ts";
import { S3_MAX_SOCKETS, S3_UPLOAD_MAX_TRIES, S3_UPLOAD_TIMEOUT_MS } from "./limits.ts";
import { bucketAddress } from "./s3-bucket.ts";

/** Names an upload for as long as it is neither completed nor aborted. */
export interface UploadId {
  readonly key: string;
  readonly uploadId: string;
}

export interface UploadedPart {
  /** With its quotation marks. */
  readonly etag: string;
  /** Base64, as S3 writes it. */
  readonly crc32: string;
}

export interface StoredObject {
  readonly bytes: number;
  /** With its quotation marks. */
  readonly etag: string;
  /** The CRC-32 of the object, or of its parts' CRC-32; absent where the store keeps none. */
  readonly crc32: string | undefined;
}

/** `exists`: another object has the key; `gone`: the upload was completed or aborted; `busy`: the key is being written. */
export type Completion = "completed" | "exists" | "gone" | "busy";

/** Each call rejects with AwsCallError. */
export interface MultipartUploads {
  /** Headers are of the object: `content-type`, `x-amz-server-side-encryption`. */
  create(key: string, headers: Readonly<Record<string, string>>): Promise<UploadId>;
  /** Numbers are from 1; a part that is sent again takes the place of the first. */
  uploadPart(upload: UploadId, number: number, pieces: readonly Uint8Array[]): Promise<UploadedPart>;
  complete(upload: UploadId, parts: readonly UploadedPart[]): Promise<Completion>;
  /** Also where it is gone. */
  abort(upload: UploadId): Promise<void>;
  /** Undefined where there is none. */
  head(key: string): Promise<StoredObject | undefined>;
  /** A part of an object that was completed, by its number from 1; undefined where there is none. */
  readPart(key: string, number: number): Promise<Buffer | undefined>;
  /** Those of [from, until) that it has; undefined where there are none. */
  readBytes(key: string, place: { readonly from: number; readonly until: number }): Promise<Buffer | undefined>;
  /** Unless its content is another one by now. */
  remove(key: string, etag: string): Promise<void>;
  close(): void;
}

export function openMultipartUploads(access: AwsAccess, bucket: string): MultipartUploads {
  const { endpoint, path } = bucketAddress(access.endpoint, bucket);
  const client = createAwsClient({
    ...access,
    endpoint,
    service: "s3",
    timeouts: { connectMs: S3_UPLOAD_TIMEOUT_MS, requestMs: S3_UPLOAD_TIMEOUT_MS },
    maxTries: S3_UPLOAD_MAX_TRIES,
    maxSockets: S3_MAX_SOCKETS,
  });
  const pathOf = (key: string) => `${path}/${key.split("/").map(encode).join("/")}`;
  const pathOfUpload = ({ key, uploadId }: UploadId) => `${pathOf(key)}?uploadId=${encode(uploadId)}`;
  return {
    async create(key, headers) {
      const all = { ...headers, "x-amz-checksum-algorithm": "CRC32" };
      const { body } = await client.call({ method: "POST", path: `${pathOf(key)}?uploads`, headers: all, body: "" });
      return { key, uploadId: textOfElement(body, "UploadId") ?? missing("UploadId", key) };
    },
    async uploadPart(upload, number, pieces) {
      const checksum = checksumOf(pieces);
      const headers = { "x-amz-checksum-crc32": checksum };
      const part = `${pathOfUpload(upload)}&partNumber=${number}`;
      const answer = await client.call({ method: "PUT", path: part, headers, body: pieces });
      return { etag: answer.headers.etag ?? missing("ETag", upload.key), crc32: checksum };
    },
    complete: (upload, parts) => completeUpload(client, pathOfUpload(upload), parts),
    async abort(upload) {
      await unless(["NoSuchUpload"], client.call({ ...EMPTY, method: "DELETE", path: pathOfUpload(upload) }));
    },
    async head(key) {
      const headers = { "x-amz-checksum-mode": "ENABLED" };
      // The answer to HEAD has no body that would name the refusal.
      const asked = client.call({ ...EMPTY, method: "HEAD", path: pathOf(key), headers });
      const answer = await unless(["HTTP 404", "NoSuchKey"], asked);
      return answer === undefined ? undefined : storedObject(key, answer.headers);
    },
    async readPart(key, number) {
      const path = `${pathOf(key)}?partNumber=${number}`;
      const answer = await unless(NO_PART, client.call({ ...EMPTY, method: "GET", path }));
      return answer?.bytes;
    },
    async readBytes(key, { from, until }) {
      const headers = { range: `bytes=${from}-${until - 1}` };
      const answer = await unless(NO_PART, client.call({ ...EMPTY, method: "GET", path: pathOf(key), headers }));
      return answer?.bytes;
    },
    async remove(key, etag) {
      const headers = { "if-match": etag };
      const refusals = ["NoSuchKey", "HTTP 404", "PreconditionFailed"];
      await unless(refusals, client.call({ ...EMPTY, method: "DELETE", path: pathOf(key), headers }));
    },
    close: () => client.close(),
  };
}

const NO_PART = ["HTTP 404", "InvalidPart", "InvalidPartNumber", "InvalidRange", "NoSuchKey"];
const EMPTY = { headers: {}, body: "" } as const;

/** CRC-32 of bytes, as S3 writes it. */
export function checksumOf(pieces: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(pieces.reduce((sum, piece) => crc32(piece, sum), 0));
  return bytes.toString("base64");
}

/** What S3 keeps as the checksum of an object that was made of parts. */
export function compositeChecksum(parts: readonly UploadedPart[]): string {
  const checksums = Buffer.concat(parts.map((part) => Buffer.from(part.crc32, "base64")));
  return `${checksumOf([checksums])}-${parts.length}`;
}

const REFUSED: Readonly<Record<string, Completion>> = {
  PreconditionFailed: "exists",
  NoSuchUpload: "gone",
  ConditionalRequestConflict: "busy",
};

async function completeUpload(client: AwsClient, path: string, parts: readonly UploadedPart[]): Promise<Completion> {
  const listed = parts.map(
    ({ etag, crc32: checksum }, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag><ChecksumCRC32>${checksum}</ChecksumCRC32></Part>`,
  );
  const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join("")}</CompleteMultipartUpload>`;
  const headers = { "content-type": "application/xml", "if-none-match": "*" };
  try {
    const answer = await client.call({ method: "POST", path, headers, body });
    // S3 may begin to answer before it is done: the status is 200 then, and a failure is in the body.
    if (answer.body.includes("<Error>")) {
      throw refusalOf({ ...answer, statusCode: 500 });
    }
    return "completed";
  } catch (error) {
    const outcome = error instanceof AwsCallError ? REFUSED[error.name] : undefined;
    if (outcome === undefined) {
      throw error;
    }
    return outcome;
  }
}

async function unless(refusals: readonly string[], answer: Promise<HttpAnswer>): Promise<HttpAnswer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsCallError && refusals.includes(error.name)) {
      return undefined;
    }
    throw error;
  }
}

function storedObject(key: string, headers: HttpAnswer["headers"]): StoredObject {
  const checksum = headers["x-amz-checksum-crc32"];
  return {
    bytes: Number(headers["content-length"] ?? missing("Content-Length", key)),
    etag: headers.etag ?? missing("ETag", key),
    crc32: typeof checksum === "string" ? checksum : undefined,
  };
}

function missing(what: string, key: string): never {
  throw new AwsCallError(`an answer without ${what} for ${key}`, { name: "InvalidAnswer" });
}
