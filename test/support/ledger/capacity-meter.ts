import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

export interface CapacityMeter {
  /** Units of the writes, or reads, since the meter was last asked. */
  takeWriteUnits(): number;
  takeReadUnits(): number;
  /** Requests of this command so far. */
  requests(commandName: string): number;
}

/** Makes each answer say what it consumed, and adds it up. */
export function meterCapacity(client: DynamoDBClient): CapacityMeter {
  const units = { read: 0, write: 0 };
  const requests = new Map<string, number>();
  const take = (kind: keyof typeof units) => {
    const taken = units[kind];
    units[kind] = 0;
    return taken;
  };
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        if (!/^(Get|Query|Put|Update|Transact)/.test(commandName)) {
          return next(args);
        }
        Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
        requests.set(commandName, (requests.get(commandName) ?? 0) + 1);
        const answer = await next(args);
        const kind = /^(Get|Query)/.test(commandName) ? "read" : "write";
        for (const { CapacityUnits } of capacities(answer.output)) {
          units[kind] += CapacityUnits;
        }
        return answer;
      },
    { step: "initialize", name: "meterCapacity", override: true },
  );
  return {
    takeWriteUnits: () => take("write"),
    takeReadUnits: () => take("read"),
    requests: (commandName) => requests.get(commandName) ?? 0,
  };
}

/** One for a plain command, one per table for a transaction. */
function capacities(output: object): readonly { readonly CapacityUnits: number }[] {
  const consumed: unknown = "ConsumedCapacity" in output ? output.ConsumedCapacity : undefined;
  return [consumed].flat().map((capacity) => {
    if (typeof capacity !== "object" || capacity === null || !("CapacityUnits" in capacity)) {
      throw new Error("the engine did not say what it consumed");
    }
    return { CapacityUnits: Number(capacity.CapacityUnits) };
  });
}
