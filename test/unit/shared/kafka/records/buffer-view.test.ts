import { describe, expect, test } from "vitest";
import { viewBytes } from "../../../../../shared/kafka/records/buffer-view.ts";

const memory = Uint8Array.from({ length: 64 }, (_, index) => index).buffer;

describe("a view of bytes", () => {
  test("is a Buffer to whoever asks", () => {
    const view = viewBytes(memory, 3, 4);

    expect(Buffer.isBuffer(view)).toBe(true);
    expect(view).toBeInstanceOf(Buffer);
    expect(view.constructor).toBe(Buffer);
    expect(view).toEqual(Buffer.of(3, 4, 5, 6));
  });

  test("does what Buffers do", () => {
    const view = viewBytes(memory, 0x30, 5);

    expect(view.toString("latin1")).toBe("01234");
    expect(view.equals(Buffer.from("01234"))).toBe(true);
    expect(Buffer.concat([view, view]).toString("latin1")).toBe("0123401234");
    expect(JSON.stringify(view)).toBe(JSON.stringify(Buffer.from("01234")));
    expect(view.subarray(1, 3)).toEqual(Buffer.from("12"));
    expect(view.slice(-1)).toEqual(Buffer.from("4"));
    expect(view.map((byte) => byte + 1)).toEqual(Buffer.from("12345"));
  });

  test("shares the memory, and ends where it was told to", () => {
    const bytes = Buffer.from(new ArrayBuffer(8));
    const view = viewBytes(bytes.buffer, 2, 3);
    bytes.writeUInt8(7, 4);

    expect([...view]).toEqual([0, 0, 7]);
    expect(viewBytes(bytes.buffer, 8, 0)).toHaveLength(0);
    expect(() => viewBytes(bytes.buffer, 6, 3)).toThrow(RangeError);
  });
});
