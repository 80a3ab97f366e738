import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Pause } from "../../core/ledger/pipeline-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { number } from "./attributes/numbers.ts";
import { decodeOperator, encodeOperator } from "./note-codec.ts";

/** A pause as one element of the pipeline's item; of the whole pipeline without a partition. */
export function encodePause({ by, reason, at, of, also }: Pause): AttributeValue {
  return {
    M: {
      by: { S: by },
      reason: { S: reason },
      at: number(at),
      ...(of === undefined
        ? {}
        : { topicId: { S: of.topicId }, topic: { S: of.topic }, partition: number(of.partition) }),
      ...(also === undefined ? {} : { also: { L: also.map(encodeOperator) } }),
    },
  };
}

export function decodePause(reader: ItemReader): Pause {
  const pause = {
    by: reader.text("by"),
    reason: reader.text("reason"),
    at: reader.integer("at"),
    ...(reader.has("topicId")
      ? {
          of: {
            topicId: reader.text("topicId"),
            topic: reader.text("topic"),
            partition: reader.integer("partition"),
          },
        }
      : {}),
    ...(reader.has("also") ? { also: reader.maps("also").map(decodeOperator) } : {}),
  };
  reader.close();
  return pause;
}
