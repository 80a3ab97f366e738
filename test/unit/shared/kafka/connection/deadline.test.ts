import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startDeadline } from "../../../../../shared/kafka/connection/deadline.ts";

const MAX_INT = 2_147_483_647;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("calls once the time is over, and not where it is stopped before", () => {
  const onDeadline = vi.fn<() => void>();
  const stop = startDeadline(100, onDeadline);
  startDeadline(200, onDeadline);

  vi.advanceTimersByTime(99);
  stop();
  vi.advanceTimersByTime(100);
  expect(onDeadline).not.toHaveBeenCalled();

  vi.advanceTimersByTime(1);
  expect(onDeadline).toHaveBeenCalledOnce();
});

test("a time longer than a timer of Node's takes, as Kafka's largest with something on top, is not over at once", () => {
  const onDeadline = vi.fn<() => void>();
  startDeadline(MAX_INT + 500, onDeadline);

  vi.advanceTimersByTime(3_600_000);

  expect(onDeadline).not.toHaveBeenCalled();
});
