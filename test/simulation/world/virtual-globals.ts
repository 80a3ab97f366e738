// Virtual globals
//
// Lets the production code live in a world's time: its timers, clocks and random
// numbers become the world's until the returned function is called.

import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import type { World } from "./world.ts";

interface VirtualTimer {
  readonly cancel: () => void;
}

export function installWorld(world: World): () => void {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    dateNow: Date.now,
    random: Math.random,
    performanceNow: performance.now.bind(performance),
    delay: timersPromises.setTimeout,
    randomUUID: crypto.randomUUID,
  };
  const setVirtualTimeout = (run: () => void, ms = 0): VirtualTimer => ({
    cancel: world.after(ms, run, world.currentActor),
  });
  Object.assign(globalThis, {
    setTimeout: setVirtualTimeout,
    clearTimeout: (timer: VirtualTimer | undefined) => timer?.cancel(),
  });
  Date.now = () => world.now;
  Math.random = world.random;
  performance.now = () => world.now;
  Object.assign(timersPromises, {
    setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      delay(world, ms, value, signal),
  });
  Object.assign(crypto, { randomUUID: () => world.newId().padEnd(36, "-") });
  syncBuiltinESMExports();

  return () => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.dateNow;
    Math.random = real.random;
    performance.now = real.performanceNow;
    Object.assign(timersPromises, { setTimeout: real.delay });
    Object.assign(crypto, { randomUUID: real.randomUUID });
    syncBuiltinESMExports();
  };
}

/** As node:timers/promises has it: an abort ends the wait. */
async function delay(world: World, ms: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const cancel = world.after(ms, () => resolve(value), world.currentActor);
  const onAbort = () => {
    cancel();
    reject(signal?.reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
