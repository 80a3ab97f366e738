import { expect, onTestFinished, test } from "vitest";
import { compositeChecksum, openMultipartUploads } from "../../../../shared/s3/multipart-uploads.ts";
import { refusal } from "../../../support/s3/object-store.ts";
import { startStoreServer } from "../../../support/s3/store-server.ts";

async function startUploads() {
  const server = await startStoreServer();
  const uploads = openMultipartUploads(server.access, "some.bucket");
  onTestFinished(() => {
    uploads.close();
    server.close();
  });
  return { ...server, server, uploads };
}

const pieces = (length: number, text: string) => [Buffer.alloc(length - 3, text), Buffer.from("end")];

test("MU2: an object is its parts, with a checksum of theirs", async () => {
  const { uploads, store } = await startUploads();
  const key = "a b/ü(1)+=!*'.txt";

  const upload = await uploads.create(key, { "content-type": "text/plain" });
  const parts = [
    await uploads.uploadPart(upload, 1, pieces(5_242_880, "a")),
    await uploads.uploadPart(upload, 2, pieces(9, "b")),
  ];

  expect(await uploads.head(key)).toBeUndefined();
  expect(await uploads.complete(upload, parts)).toBe("completed");
  expect(await uploads.head(key)).toMatchObject({ bytes: 5_242_889, crc32: compositeChecksum(parts) });
  expect(store.objects.get(key)?.bytes.subarray(-9).toString()).toBe("bbbbbbend");
});

test("MU1: an object that is there stays", async () => {
  const { uploads, store } = await startUploads();
  const make = async (text: string) => {
    const upload = await uploads.create("key", {});
    return uploads.complete(upload, [await uploads.uploadPart(upload, 1, [Buffer.from(text)])]);
  };

  expect([await make("first"), await make("second")]).toEqual(["completed", "exists"]);
  expect(store.objects.get("key")?.bytes.toString()).toBe("first");
});

test("MU2: a part that was changed on its way is refused", async () => {
  const { uploads, server } = await startUploads();
  const upload = await uploads.create("key", {});
  server.interfere = (request) => server.store.answer({ ...request, body: Buffer.from("changed") });

  await expect(uploads.uploadPart(upload, 1, [Buffer.from("sent")])).rejects.toMatchObject({ name: "BadDigest" });
});

test("what was completed or aborted is gone, and aborting it again is no failure", async () => {
  const { uploads } = await startUploads();
  const upload = await uploads.create("key", {});
  const part = await uploads.uploadPart(upload, 1, [Buffer.from("x")]);

  await uploads.abort(upload);
  await uploads.abort(upload);

  expect(await uploads.complete(upload, [part])).toBe("gone");
});

test("only the content that was seen is removed", async () => {
  const { uploads, store } = await startUploads();
  const upload = await uploads.create("key", {});
  await uploads.complete(upload, [await uploads.uploadPart(upload, 1, [Buffer.from("x")])]);

  await uploads.remove("key", '"another"');
  expect(store.objects.size).toBe(1);
  await uploads.remove("key", (await uploads.head("key"))?.etag ?? "");
  expect(store.objects.size).toBe(0);
  await uploads.remove("key", '"another"');
});

test("a refusal has S3's code as its name", async () => {
  const { uploads, server } = await startUploads();
  server.interfere = () => refusal(403, "AccessDenied");

  await expect(uploads.create("key", {})).rejects.toMatchObject({ name: "AccessDenied", statusCode: 403 });
});
