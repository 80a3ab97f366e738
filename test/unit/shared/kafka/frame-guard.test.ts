import { describe, expect, test } from "vitest";
import { FrameGuard } from "../../../../shared/kafka/frame-guard.ts";

function frame(bodyBytes: number, size = bodyBytes): Buffer {
  const bytes = Buffer.alloc(4 + bodyBytes);
  bytes.writeInt32BE(size);
  return bytes;
}

describe("the frame guard", () => {
  test.each([1, 2, 3, 5, 7, 1_000])("follows whole frames through chunks of %d bytes", (chunkBytes) => {
    const guard = new FrameGuard();
    const stream = Buffer.concat([frame(4), frame(17), frame(100), frame(5)]);

    for (let start = 0; start < stream.length; start += chunkBytes) {
      expect(guard.accept(stream.subarray(start, start + chunkBytes))).toBeUndefined();
    }
  });

  test.each([
    ["negative", -1],
    ["too short for a correlation id", 3],
    ["half a GiB and one byte", 536_870_913],
    ["what a web server would say", Buffer.from("HTTP").readInt32BE()],
  ])("refuses a size that is %s, also behind a good frame", (_, size) => {
    expect(new FrameGuard().accept(frame(0, size))).toContain(`${size} bytes`);
    expect(new FrameGuard().accept(Buffer.concat([frame(9), frame(0, size)]))).toContain(`${size} bytes`);
  });
});
