// Simulated DynamoDB
//
// A DynamoDB client as an actor has one: it tries a request again as the SDK does,
// so that a write may be applied before the try that is answered. What the tables
// hold is simulated-table.ts.

import {
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { LEDGER_REQUEST_ATTEMPTS, LEDGER_REQUEST_TIMEOUT_MS } from "../../../shared/core/limits.ts";
import type { Network } from "../world/network.ts";
import type { Actor, World } from "../world/world.ts";
import { applyUpdate, type Item, type ItemExpression } from "./expressions.ts";
import { SimulatedTable, type TableWrite } from "./simulated-table.ts";

/** What one applied request wrote; `by` is who sent it, however long ago. */
export interface AppliedWrite {
  readonly by: Actor;
  readonly writes: readonly TableWrite[];
}

type Command = GetItemCommand | PutItemCommand | QueryCommand | TransactWriteItemsCommand | UpdateItemCommand;
type Answer = Partial<GetItemCommandOutput & QueryCommandOutput>;

const SDK_BACKOFF_MS = 100;

export class SimulatedDynamoDB {
  readonly #world: World;
  readonly #network: Network;
  readonly table = new SimulatedTable();
  /** Tokens of applied transactions: the same again is answered as applied, while DynamoDB remembers it. */
  readonly #tokens = new Set<TransactWriteItemsCommand>();
  onWrite: (applied: AppliedWrite) => void = () => {};
  /** Called with an item that has expired. */
  onForget: (item: Item) => void = () => {};

  constructor(world: World, network: Network) {
    this.#world = world;
    this.#network = network;
  }

  clientOf(actor: Actor): DynamoDBClient {
    const send = (command: Command) => this.#send(actor, command);
    // The ledger uses nothing else of it.
    return { send } as unknown as DynamoDBClient;
  }

  /** Forgets what has expired, as the table's TTL does some time later. */
  sweep(): void {
    for (const item of this.table.all()) {
      const { expiresAt } = item;
      if (expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 < this.#world.now) {
        this.table.remove(item);
        this.onForget(item);
        this.#world.trace.count("ttl");
        this.#world.log("table", `forgets ${item["pk"]?.S} ${item["sk"]?.S}`);
      }
    }
  }

  async #send(actor: Actor, command: Command): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#network.call(actor, {
          what: describe(command),
          timeoutMs: LEDGER_REQUEST_TIMEOUT_MS,
          apply: () => this.#apply(actor, command),
          timeOut,
        });
      } catch (error) {
        if (tries === LEDGER_REQUEST_ATTEMPTS || !isTransient(error)) {
          actor.isCutOff ||= isTransient(error);
          throw error;
        }
        await this.#world.pause(this.#world.interval(SDK_BACKOFF_MS), actor);
      }
    }
  }

  #apply(by: Actor, command: Command): Answer {
    if (this.#world.chance(this.#network.rates.throttle)) {
      this.#world.trace.count("fault throttle");
      throw this.#refusal(command);
    }
    if (command instanceof GetItemCommand) {
      const item = this.table.get(command.input.Key ?? {});
      return item === undefined ? {} : { Item: item };
    }
    if (command instanceof QueryCommand) {
      return { Items: [...this.table.query(command.input)] };
    }
    this.onWrite({ by, writes: this.#write(command) });
    return {};
  }

  #write(command: PutItemCommand | TransactWriteItemsCommand | UpdateItemCommand): readonly TableWrite[] {
    if (command instanceof PutItemCommand) {
      return this.table.write({ Put: command.input });
    }
    if (command instanceof UpdateItemCommand) {
      return this.table.write({
        Update: command.input,
      });
    }
    if (this.#tokens.has(command) && this.#world.chance(0.5)) {
      return [];
    }
    const writes = this.table.transact(command.input.TransactItems ?? []);
    this.#tokens.add(command);
    return writes;
  }

  /** Throttled, or another transaction is in the way. */
  #refusal(command: Command): Error {
    if (!(command instanceof TransactWriteItemsCommand) || this.#world.chance(0.5)) {
      return new ProvisionedThroughputExceededException({ message: "throttled", $metadata: {} });
    }
    const Code = this.#world.choose("TransactionConflict", "ThrottlingError");
    const reasons = (command.input.TransactItems ?? []).map((_, index) => ({ Code: index === 0 ? Code : "None" }));
    return new TransactionCanceledException({ message: Code, $metadata: {}, CancellationReasons: reasons });
  }
}

function timeOut(): Error {
  return Object.assign(new Error("socket hang up"), { name: "TimeoutError", $metadata: {} });
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === "TimeoutError" || error instanceof ProvisionedThroughputExceededException)
  );
}

/** `Update v1#p#orders-0 5 COMPLETED`, as far as the command says it. */
function describe(command: Command): string {
  const { input } = command;
  if ("TransactItems" in input) {
    const [first] = input.TransactItems ?? [];
    const item = first?.Put?.Item ?? (first?.Update === undefined ? undefined : updated(first.Update));
    return `Transact ${describeItem(item)} + ${(input.TransactItems ?? []).length - 1}`;
  }
  if ("Item" in input) {
    return `Put ${describeItem(input.Item)}`;
  }
  if ("UpdateExpression" in input) {
    return `Update ${describeItem(updated(input))}`;
  }
  if ("Key" in input) {
    return `Get ${describeItem(input.Key)}`;
  }
  return `Query ${"ExpressionAttributeValues" in input ? input.ExpressionAttributeValues?.[":partitionKey"]?.S : ""}`;
}

/** Of an item what the update says of it. */
function updated(update: ItemExpression): Item {
  return applyUpdate({ ...update.Key }, update);
}

function describeItem(item: TableWrite["after"]): string {
  const { pk, sk, untilOffset, committedOffset, status, revision } = item ?? {};
  const fromOffset = sk?.S?.replace(/0{2,}(?=\d)/g, "");
  const range = status === undefined ? "" : `..${untilOffset?.N} ${status.S} at ${committedOffset?.N} r${revision?.N}`;
  return `${pk?.S} ${fromOffset}${range}`;
}
