import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { FrameReceiver } from "../../../../../shared/kafka/connection/frame-receiver.ts";

function frame(bodyBytes: number, size = bodyBytes): Buffer {
  const bytes = Buffer.alloc(4 + bodyBytes, bodyBytes % 251);
  bytes.writeInt32BE(size);
  return bytes;
}

/** As a socket does it: writes into the room that there is, and says how much. */
function receive(receiver: FrameReceiver, stream: Buffer, chunkBytes = stream.length): string | undefined {
  for (let start = 0; start < stream.length; ) {
    const { room } = receiver;
    const length = stream.copy(room, 0, start, Math.min(start + chunkBytes, stream.length));
    assert.ok(length > 0, "there must be room for the next byte");
    const problem = receiver.accept(length);
    if (problem !== undefined) {
      return problem;
    }
    start += length;
  }
  return undefined;
}

describe("the frame receiver", () => {
  test.each([1, 2, 3, 5, 7, 1_000, 4_096, 1_000_000])(
    "gives each frame whole from chunks of %d bytes",
    (chunkBytes) => {
      const sent = [4, 17, 4_088, 4_092, 4_093, 100_000, 5, 4, 4].map((bytes) => frame(bytes));
      const received: Buffer[] = [];

      const problem = receive(new FrameReceiver((one) => received.push(one)), Buffer.concat(sent), chunkBytes);

      expect(problem).toBeUndefined();
      expect(received).toEqual(sent);
    },
  );

  test("gives each frame a buffer of its own, which later ones leave alone", () => {
    const received: Buffer[] = [];

    receive(new FrameReceiver((one) => received.push(one)), Buffer.concat([frame(7), frame(9), frame(10_000)]));

    expect(received.map((one) => one.buffer.byteLength)).toEqual([11, 13, 10_004]);
  });

  test.each([
    ["negative", -1],
    ["too short for a correlation id", 3],
    ["half a GiB and one byte", 536_870_913],
    ["what a web server would say", Buffer.from("HTTP").readInt32BE()],
  ])("refuses a size that is %s, also behind a good frame", (_, size) => {
    const received: Buffer[] = [];
    const receiver = () => new FrameReceiver((one) => received.push(one));

    expect(receive(receiver(), frame(0, size))).toContain(`${size} bytes`);
    expect(receive(receiver(), Buffer.concat([frame(9), frame(0, size)]))).toContain(`${size} bytes`);
    expect(received).toEqual([frame(9)]);
  });
});
