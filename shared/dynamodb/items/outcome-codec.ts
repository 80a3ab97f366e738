// Outcome codec
//
// What became of offsets, as a map that names only what there is: a request whose
// ranges were all processed has one number more.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { accountFor, NO_OUTCOMES, type OffsetAccount, type OffsetOutcomes } from "../../core/range/offset-outcomes.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import type { Item } from "./attributes/keys.ts";
import { number } from "./attributes/numbers.ts";

const NAMES = ["processed", "rejected", "quarantined", "skipped", "lost"] as const;

/** As the attribute `outcomes`; without it where there is nothing to keep. */
export function encodeOutcomes(outcomes: OffsetOutcomes): Item {
  const kept = keep(outcomes);
  return Object.keys(kept).length === 0 ? {} : { outcomes: { M: kept } };
}

/** An item of earlier code has none: what became of its settled ranges is unknown. */
export function decodeOutcomes(reader: ItemReader): OffsetOutcomes {
  if (!reader.has("outcomes")) {
    return NO_OUTCOMES;
  }
  const map = reader.map("outcomes");
  const outcomes = read(map);
  map.close();
  return outcomes;
}

export function encodeAccount({ total, left, ...outcomes }: OffsetAccount): AttributeValue {
  return { M: { total: number(total), left: number(left), ...keep(outcomes) } };
}

export function decodeAccount(reader: ItemReader): OffsetAccount {
  const account = accountFor(reader.bigint("total"), read(reader), reader.bigint("left"));
  reader.close();
  return account;
}

function keep(outcomes: OffsetOutcomes): Item {
  return Object.fromEntries(
    NAMES.filter((name) => outcomes[name] !== 0n).map((name) => [name, number(outcomes[name])]),
  );
}

function read(reader: ItemReader): OffsetOutcomes {
  const value = (name: keyof OffsetOutcomes) => (reader.has(name) ? reader.bigint(name) : 0n);
  return {
    processed: value("processed"),
    rejected: value("rejected"),
    quarantined: value("quarantined"),
    skipped: value("skipped"),
    lost: value("lost"),
  };
}
