import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { avroContent, NoAvroFileError } from "../../../../../functions/cli/outputs/avro-content.ts";
import { avroFile } from "../../../../../shared/archive/avro/avro-file.ts";
import { AVRO_BLOCK_BYTES } from "../../../../../shared/archive/format/limits.ts";
import { aSchema, avroRecord } from "../../../../support/archive/avro-records.ts";
import { objectOf } from "../../../../support/archive/object-of.ts";

const orders = aSchema([{ name: "id", type: "long" }]);
const records = Array.from({ length: AVRO_BLOCK_BYTES / 32 }, (_, id) => avroRecord(BigInt(id), orders, { id }));

async function* piecesOf(bytes: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

test.each(["deflate", "none", "zstd"] as const)(
  "the content of a file by %s has the digest of its receipt, however it comes",
  async (compression) => {
    const { bytes, digest } = await objectOf(avroFile({ compression }), records);

    for (const size of [1, 999, bytes.length]) {
      const content = createHash("sha256");
      for await (const piece of avroContent(piecesOf(bytes, size))) {
        content.update(piece);
      }
      expect(content.digest("base64")).toBe(digest.sha256);
    }
  },
);

test("what is no such file, or not all of one, is refused", async () => {
  const { bytes } = await objectOf(avroFile({ compression: "none" }), records);
  const otherMarker = Buffer.from(bytes);
  otherMarker[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  const unknownCodec = Buffer.from(bytes);
  unknownCodec.write("nope", bytes.indexOf("null"));

  for (const one of [
    Buffer.from("{}"),
    Buffer.from("Obj\x01"),
    bytes.subarray(0, -1),
    otherMarker,
    unknownCodec,
    Buffer.concat([bytes, Buffer.alloc(12, 0xff)]),
  ]) {
    await expect(Array.fromAsync(avroContent(piecesOf(one)))).rejects.toThrow(NoAvroFileError);
  }
});
