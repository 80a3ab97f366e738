import type { AwsAccess } from "../aws/aws-client.ts";
import type { LetterScope, LetterStore, StoredLetter } from "../core/failure/letter-store.ts";
import { mapConcurrently } from "../core/map-concurrently.ts";
import { S3_MAX_SOCKETS } from "./limits.ts";
import { type ListedObject, openS3Bucket, type S3Bucket } from "./s3-bucket.ts";

/** A bucket of dead letters as an operator looks through it. */
export function openLetterBucket(access: AwsAccess, bucket: string, prefix: string | undefined): LetterStore {
  const objects = openS3Bucket(access, bucket);
  return {
    async *browse(scope, signal) {
      let page: ListedObject[] = [];
      for await (const listed of objects.list(prefixOf(scope, prefix))) {
        signal.throwIfAborted();
        page.push(listed);
        if (page.length === S3_MAX_SOCKETS) {
          yield* await readAll(objects, page);
          page = [];
        }
      }
      yield* await readAll(objects, page);
    },
    async remove(copies, signal) {
      await mapConcurrently(copies, S3_MAX_SOCKETS, async ({ copy }) => {
        signal.throwIfAborted();
        const { key, etag } = placeOf(copy);
        await objects.delete(key, etag);
      });
    },
    close: async () => objects.close(),
  };
}

/** As dead-letter-bucket.ts makes the keys. */
function prefixOf({ pipeline, topic }: LetterScope, prefix: string | undefined): string {
  const ofTopic = pipeline === undefined || topic === undefined ? [] : [`topic=${topic}`];
  const parts = [...(pipeline === undefined ? [] : [`pipeline=${pipeline}`]), ...ofTopic];
  return [...(prefix === undefined ? [] : [prefix]), ...parts, ""].join("/");
}

/** Those that are still there. */
async function readAll(objects: S3Bucket, listed: readonly ListedObject[]): Promise<readonly StoredLetter[]> {
  const read = await mapConcurrently(listed, S3_MAX_SOCKETS, async ({ key, etag, modifiedAt }) => {
    const body = await objects.get(key);
    return body === undefined ? [] : [{ copy: `${etag} ${key}`, keptAt: modifiedAt, body }];
  });
  return read.flat();
}

function placeOf(copy: string): { readonly key: string; readonly etag: string } {
  const space = copy.indexOf(" ");
  return { etag: copy.slice(0, space), key: copy.slice(space + 1) };
}
