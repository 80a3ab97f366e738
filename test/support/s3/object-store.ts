// Object store
//
// S3 in memory as its documentation has it, where emulators are kinder than it is: a part
// that is too small, a checksum that is wrong, an upload that was completed and is
// completed again are refused. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

const MIN_PART_BYTES = 5_242_880;

export interface StoreRequest {
  readonly method: string;
  /** Without the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface StoreAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | string;
}

interface Part {
  readonly bytes: Buffer;
  readonly size: number;
  readonly etag: string;
  readonly crc32: string;
}

interface Upload {
  readonly key: string;
  readonly headers: StoreRequest["headers"];
  readonly parts: Map<number, Part>;
}

export interface StoredContent {
  readonly bytes: Buffer;
  readonly size: number;
  /** Of the parts that it was made of; absent where it was put at once. */
  readonly partSizes?: readonly number[];
  readonly etag: string;
  readonly checksum: string | undefined;
  readonly headers: StoreRequest["headers"];
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

interface StoreOptions {
  /** Otherwise of what is taken the size and the digests alone. @default true */
  readonly keepsContent?: boolean;
  /** Milliseconds since the epoch. @default - always the first moment of 2026 */
  readonly now?: () => number;
}

export class ObjectStore {
  readonly objects = new Map<string, StoredContent>();
  readonly uploads = new Map<string, Upload>();
  readonly #keepsContent: boolean;
  readonly #now: () => number;
  #ids = 0;

  constructor({ keepsContent = true, now = () => Date.UTC(2026, 0, 1) }: StoreOptions = {}) {
    this.#keepsContent = keepsContent;
    this.#now = now;
  }

  answer(request: StoreRequest): StoreAnswer {
    const { method, query } = request;
    const uploadId = query.get("uploadId");
    if (method === "POST" && query.has("uploads")) {
      return this.#create(request);
    }
    if (uploadId !== null) {
      const upload = this.uploads.get(uploadId);
      if (upload === undefined || upload.key !== request.key) {
        return refusal(404, "NoSuchUpload");
      }
      return this.#answerUpload(request, uploadId, upload);
    }
    if (method === "GET" && query.has("list-type")) {
      return this.#list(query);
    }
    return this.#answerObject(request);
  }

  #create({ key, headers }: StoreRequest): StoreAnswer {
    this.#ids += 1;
    const uploadId = `upload-${this.#ids}-${"x".repeat(100)}`;
    this.uploads.set(uploadId, { key, headers, parts: new Map() });
    return xml(`<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`);
  }

  #answerUpload(request: StoreRequest, uploadId: string, upload: Upload): StoreAnswer {
    switch (request.method) {
      case "PUT":
        return this.#take(request, upload);
      case "POST":
        return this.#complete(request, uploadId, upload);
      case "DELETE":
        this.uploads.delete(uploadId);
        return { status: 204 };
      default:
        return refusal(405, "MethodNotAllowed");
    }
  }

  #take({ query, headers, body }: StoreRequest, { parts }: Upload): StoreAnswer {
    const sum = checksum(body);
    if (headers["x-amz-checksum-crc32"] !== sum) {
      return refusal(400, "BadDigest");
    }
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    const bytes = this.#keepsContent ? body : Buffer.alloc(0);
    parts.set(Number(query.get("partNumber")), { bytes, size: body.length, etag, crc32: sum });
    return { status: 200, headers: { etag } };
  }

  #complete({ headers, body }: StoreRequest, uploadId: string, { key, parts, headers: created }: Upload): StoreAnswer {
    if (headers["if-none-match"] === "*" && this.objects.has(key)) {
      return refusal(412, "PreconditionFailed");
    }
    const named = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/g)].map(([, part = ""]) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll("&quot;", '"'),
      crc32: /<ChecksumCRC32>(.*?)</.exec(part)?.[1],
    }));
    const found = named.map(({ number }) => parts.get(number));
    const isKnown = found.every((part, index) => {
      const { etag, crc32: sum, number } = named[index] ?? {};
      return part?.etag === etag && part?.crc32 === sum && number === index + 1;
    });
    const whole = found.filter((part) => part !== undefined);
    if (!isKnown || whole.length === 0) {
      return refusal(400, "InvalidPart");
    }
    if (whole.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
      return refusal(400, "EntityTooSmall");
    }
    const sums = Buffer.concat(whole.map((part) => Buffer.from(part.crc32, "base64")));
    const digests = Buffer.concat(whole.map(({ etag }) => Buffer.from(etag.replaceAll('"', ""), "hex")));
    this.uploads.delete(uploadId);
    this.objects.set(key, {
      bytes: Buffer.concat(whole.map(({ bytes }) => bytes)),
      size: whole.reduce((sum, { size }) => sum + size, 0),
      partSizes: whole.map(({ size }) => size),
      etag: `"${createHash("md5").update(digests).digest("hex")}-${whole.length}"`,
      checksum: `${checksum(sums)}-${whole.length}`,
      headers: created,
      modifiedAt: this.#now(),
    });
    return xml("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
  }

  #answerObject({ method, key, query, headers, body }: StoreRequest): StoreAnswer {
    const object = this.objects.get(key);
    if (method === "PUT" && headers["if-none-match"] === "*" && object !== undefined) {
      return refusal(412, "PreconditionFailed");
    }
    if (method === "PUT") {
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      const [size, modifiedAt] = [body.length, this.#now()];
      this.objects.set(key, { bytes: body, size, etag, checksum: undefined, headers, modifiedAt });
      return { status: 200, headers: { etag } };
    }
    if (object === undefined) {
      return method === "DELETE" ? { status: 204 } : refusal(404, "NoSuchKey");
    }
    if (method === "DELETE") {
      if (headers["if-match"] !== undefined && headers["if-match"] !== object.etag) {
        return refusal(412, "PreconditionFailed");
      }
      this.objects.delete(key);
      return { status: 204 };
    }
    if (method === "GET" && query.has("partNumber")) {
      return partOf(object, Number(query.get("partNumber")));
    }
    const sum = headers["x-amz-checksum-mode"] === "ENABLED" ? object.checksum : undefined;
    const range = method === "GET" ? /^bytes=(\d+)-(\d+)$/.exec(String(headers["range"])) : null;
    if (range !== null) {
      return { status: 206, body: object.bytes.subarray(Number(range[1]), Number(range[2]) + 1) };
    }
    const told = { etag: object.etag, "content-length": object.size };
    const answered = sum === undefined ? told : { ...told, "x-amz-checksum-crc32": sum };
    return { status: 200, headers: answered, body: method === "HEAD" ? "" : object.bytes };
  }

  #list(query: URLSearchParams): StoreAnswer {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? "";
    const max = Number(query.get("max-keys") ?? 1_000);
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, max);
    const contents = page.map((key) => {
      const { etag, size, modifiedAt } = this.objects.get(key) ?? { etag: "", size: 0, modifiedAt: 0 };
      const modified = new Date(modifiedAt).toISOString();
      const named = encodeURIComponent(key).replaceAll("%2F", "/");
      return `<Contents><Key>${named}</Key><LastModified>${modified}</LastModified><ETag>${etag.replaceAll('"', "&quot;")}</ETag><Size>${size}</Size></Contents>`;
    });
    const more = keys.length > page.length;
    const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    return xml(`<ListBucketResult>${contents.join("")}<IsTruncated>${more}</IsTruncated>${token}</ListBucketResult>`);
  }
}

function partOf({ bytes, partSizes = [bytes.length] }: StoredContent, number: number): StoreAnswer {
  const size = partSizes[number - 1];
  if (size === undefined) {
    return refusal(416, "InvalidPartNumber");
  }
  const from = partSizes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  return { status: 206, body: bytes.subarray(from, from + size) };
}

function checksum(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function xml(body: string): StoreAnswer {
  return { status: 200, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0"?>\n${body}` };
}

export function refusal(status: number, code: string): StoreAnswer {
  return { status, body: `<Error><Code>${code}</Code><Message>refused by the store</Message></Error>` };
}
