import { expect, test, vi } from "vitest";
import { RequestQueue } from "../../../../../shared/kafka/cluster/request-queue.ts";

function aQueue() {
  const written: Buffer[] = [];
  const queue = new RequestQueue("tests", (bytes) => written.push(bytes));
  const ask = (text: string) => queue.ask({ apiKey: 3, apiVersion: 12, hasTags: true, body: Buffer.from(text) });
  return { queue, written, ask };
}

/** The response to a request that was written. */
function answerTo(request: Buffer | undefined, text: string): Buffer {
  const frame = Buffer.alloc(8 + text.length);
  frame.writeInt32BE(frame.length - 4);
  frame.writeInt32BE(request?.readInt32BE(8) ?? -1, 4);
  frame.write(text, 8);
  return frame;
}

test("writes size, key, version, number and client id before a body, and where it may a byte of no tagged fields", () => {
  const { queue, written } = aQueue();

  void queue.ask({ apiKey: 18, apiVersion: 2, hasTags: false, body: Buffer.of(7) });
  void queue.ask({ apiKey: 3, apiVersion: 12, hasTags: true, body: Buffer.of(7) });

  expect(written).toEqual([
    Buffer.from([0, 0, 0, 16, 0, 18, 0, 2, 0, 0, 0, 1, 0, 5, ...Buffer.from("tests"), 7]),
    Buffer.from([0, 0, 0, 17, 0, 3, 0, 12, 0, 0, 0, 2, 0, 5, ...Buffer.from("tests"), 0, 7]),
  ]);
});

test("gives each request its own answer, in whatever order they come, and passes over one to nothing", async () => {
  const { queue, written, ask } = aQueue();
  const first = ask("a");
  const second = ask("b");

  queue.take(answerTo(undefined, "nobody's"));
  queue.take(answerTo(written[1], "to b"));
  queue.take(answerTo(written[0], "to a"));

  expect([String(await first), String(await second)]).toEqual(["to a", "to b"]);
});

test("BC4: what is asked while the broker throttles is sent afterwards, in the order in which it was asked", () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const { queue, written, ask } = aQueue();
    queue.throttle(50);
    queue.throttle(20);
    queue.throttle(0);

    void ask("a");
    void ask("b");
    expect([queue.heldBackMs, written.length]).toEqual([50, 0]);
    vi.advanceTimersByTime(49);
    queue.throttle(30);
    vi.advanceTimersByTime(29);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);

    expect(written.map((bytes) => bytes.subarray(-1).toString())).toEqual(["a", "b"]);
    expect(queue.heldBackMs).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("BC2: sends nothing once it is closed, and waits for nothing", () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const { queue, written, ask } = aQueue();
    queue.throttle(50);
    void ask("a");

    queue.close();
    void ask("b");

    expect(vi.getTimerCount()).toBe(0);
    vi.setSystemTime(2_000);
    void ask("c");
    expect(written).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
