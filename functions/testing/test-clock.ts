import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";

/** A clock that moves only when a test says so. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** By so many milliseconds; what is due by then comes at once. */
  advance(ms: number): void;
}

export interface TimerClock extends TestClock {
  /** Calls back once it is that time, at once where it is already. */
  at(time: number, callback: () => void): void;
}

/** When a test's clock begins unless it says otherwise: 2026-01-01T00:01:00Z. */
const START = 1_767_225_660_000;

/**
 * A clock for runRange, to be moved by the test, or by what stands for a slow service in it. Throws ConfigurationError for
 * a start that is no time.
 */
export function createTestClock(start: number | Date = START): TestClock {
  if (!Number.isFinite(Number(start))) {
    throw new ConfigurationError(
      `createTestClock was given ${quote(start)}: expected milliseconds since the epoch, or a Date`,
    );
  }
  return createTimerClock(Number(start));
}

function createTimerClock(start: number): TimerClock {
  let now = start;
  let timers: { readonly time: number; readonly callback: () => void }[] = [];
  const fire = () => {
    const due = timers.filter(({ time }) => time <= now);
    timers = timers.filter(({ time }) => time > now);
    for (const { callback } of due) {
      callback();
    }
  };
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
      fire();
    },
    at: (time, callback) => {
      timers.push({ time, callback });
      fire();
    },
  };
}

/** Undefined for what createTestClock did not make. */
export function asTimerClock(clock: TestClock): TimerClock | undefined {
  return "at" in clock ? (clock as TimerClock) : undefined; // Made above, as what it has says.
}
