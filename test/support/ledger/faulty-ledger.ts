// Faulty ledger
//
// A ledger as one actor of a distributed system sees it: every call takes two steps,
// its request and its answer, and between them anything may happen. A request may be
// lost before it took effect, an answer after it, and a killed actor hears nothing.

import { LedgerUnavailableError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";

export interface Actor {
  readonly name: string;
  /** A killed actor's calls never come back, and take no effect unless they were under way. */
  isKilled: boolean;
  /** A frozen actor goes on when this resolves, with whatever it was doing. */
  frozen: PromiseWithResolvers<void> | undefined;
  /** Happens to the next call, once. */
  fault: "none" | "lostRequest" | "lostAnswer";
}

export function newActor(name: string): Actor {
  return { name, isKilled: false, frozen: undefined, fault: "none" };
}

/** `pause` resolves when the simulated world lets the actor go on. */
export type Pause = (what: string) => Promise<void>;

export function createFaultyLedger<Output>(base: RangeLedger<Output>, actor: Actor, pause: Pause): RangeLedger<Output> {
  const step = async (what: string) => {
    await pause(`${actor.name} ${what}`);
    await actor.frozen?.promise;
    if (actor.isKilled) {
      await Promise.withResolvers<never>().promise;
    }
  };
  const call = async <Result>(what: string, run: () => Promise<Result>): Promise<Result> => {
    await step(what);
    const { fault } = actor;
    actor.fault = "none";
    if (fault === "lostRequest") {
      throw new LedgerUnavailableError(`${what} did not reach the ledger`);
    }
    const result = await run();
    await step(`hears of ${what}`);
    if (fault === "lostAnswer") {
      throw new LedgerUnavailableError(`${what} was not answered`);
    }
    return result;
  };
  return {
    ...base,
    newestRange: (chain) => call("newestRange", () => base.newestRange(chain)),
    planRange: (record) => call("planRange", () => base.planRange(record)),
    changeRange: (seen, event, outputs) => call(event.kind, () => base.changeRange(seen, event, outputs)),
    splitRange: (seen, split) => call("split", () => base.splitRange(seen, split)),
    readPipeline: (pipeline) => call("readPipeline", () => base.readPipeline(pipeline)),
    writePipeline: (record) => call("writePipeline", () => base.writePipeline(record)),
  };
}
