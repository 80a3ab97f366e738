import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RateState } from "../../core/ledger/pipeline-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { number } from "./attributes/numbers.ts";

export function encodeRate({ latestTime, latestRate, latestError }: RateState): AttributeValue {
  return {
    M: {
      latestTime: number(latestTime),
      latestRate: number(latestRate),
      ...(latestError === undefined ? {} : { latestError: number(latestError) }),
    },
  };
}

export function decodeRate(reader: ItemReader): RateState {
  const rate = {
    latestTime: reader.integer("latestTime"),
    latestRate: reader.double("latestRate"),
    ...(reader.has("latestError") ? { latestError: reader.double("latestError") } : {}),
  };
  reader.close();
  return rate;
}
