// Manifest codec: how far the writer of batch manifests is, as one item.

import { PARTITION_KEY, SORT_KEY } from "../../core/ledger/ledger-table.ts";
import type { ManifestProgress, WaitingBatch } from "../../core/ledger/manifest-ledger.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { type Item, manifestProgressKey } from "./attributes/keys.ts";
import { number, optionalNumbers } from "./attributes/numbers.ts";
import { openItem, SCHEMA_VERSION } from "./item-codec.ts";

/** The attributes that only some of them have. */
export const OPTIONAL_MANIFEST_ATTRIBUTES = ["settledBefore", "requests"];

export interface StoredProgress {
  readonly progress: ManifestProgress;
  readonly writeId: string;
}

export function encodeManifestProgress({ progress, writeId }: StoredProgress): Item {
  const { pipeline, revision, settledBefore, requests, waiting } = progress;
  return {
    ...manifestProgressKey(pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(revision),
    writeId: { S: writeId },
    ...optionalNumbers({ settledBefore }),
    ...(requests === undefined
      ? {}
      : { requests: { M: { revision: number(requests.revision), since: number(requests.since) } } }),
    waiting: {
      L: waiting.map(({ batchId, begunAt, openRange }) => ({
        M: {
          batchId: { S: batchId },
          begunAt: number(begunAt),
          ...(openRange === undefined
            ? {}
            : {
                topicId: { S: openRange.topicId },
                partition: number(openRange.partition),
                fromOffset: number(openRange.fromOffset),
              }),
        },
      })),
    },
  };
}

export function decodeManifestProgress(item: Item): StoredProgress {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  reader.text(SORT_KEY);
  const progress = {
    pipeline,
    revision: reader.integer("revision"),
    ...omitUndefined({ settledBefore: reader.optionalInteger("settledBefore") }),
    ...(reader.has("requests") ? { requests: decodeRequests(reader.map("requests")) } : {}),
    waiting: reader.maps("waiting").map(decodeWaiting),
  };
  const writeId = reader.text("writeId");
  reader.closeItem();
  return { progress, writeId };
}

function decodeRequests(reader: ItemReader): NonNullable<ManifestProgress["requests"]> {
  const requests = { revision: reader.integer("revision"), since: reader.integer("since") };
  reader.close();
  return requests;
}

function decodeWaiting(reader: ItemReader): WaitingBatch {
  const batch = {
    batchId: reader.text("batchId"),
    begunAt: reader.integer("begunAt"),
    ...(reader.has("topicId")
      ? {
          openRange: {
            topicId: reader.text("topicId"),
            partition: reader.integer("partition"),
            fromOffset: reader.bigint("fromOffset"),
          },
        }
      : {}),
  };
  reader.close();
  return batch;
}
