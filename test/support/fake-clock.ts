/** A clock that moves only when a test says so, also backwards. */
export interface FakeClock {
  readonly now: () => number;
  advance(ms: number): void;
}

/** An arbitrary moment, the same in every test: 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000;

export function createFakeClock(start: number = START): FakeClock {
  let time = start;
  return {
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
}
