// Open requests codec
//
// All open requests of a pipeline as one item: that is what each scheduler run
// reads. Ranges are kept as intervals of their indexes; those of a request that
// goes on in order are few.

import { ConfigurationError } from "../../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../../core/ledger/ledger-table.ts";
import type { ReprocessProgress } from "../../core/ledger/reprocess-request.ts";
import { itemBytes } from "./attributes/item-size.ts";
import { type Item, openRequestsKey } from "./attributes/keys.ts";
import { number } from "./attributes/numbers.ts";
import { openItem, SCHEMA_VERSION } from "./item-codec.ts";
import { MAX_ITEM_BYTES } from "./limits.ts";
import { decodeOperator, encodeOperator } from "./note-codec.ts";
import { decodeOutcomes, encodeOutcomes } from "./outcome-codec.ts";
import { decodeIntervals, encodeIntervals } from "./partition-codec.ts";

export interface OpenRequests {
  readonly pipeline: string;
  /** 0 before the first write. */
  readonly revision: number;
  /** By request id. */
  readonly requests: readonly ReprocessProgress[];
}

export function encodeOpenRequests({ pipeline, revision, requests }: OpenRequests): Item {
  const item: Item = {
    ...openRequestsKey(pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(revision),
    requests: {
      L: requests.map(({ requestId, settled, outcomes, open, cancelled }) => ({
        M: {
          requestId: { S: requestId },
          settled: { S: encodeIntervals(settled) },
          ...encodeOutcomes(outcomes),
          open: { S: encodeIntervals(open) },
          ...(cancelled === undefined ? {} : { cancelled: encodeOperator(cancelled) }),
        },
      })),
    },
  };
  if (itemBytes(item) > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `pipeline ${pipeline} has ${requests.length} open reprocess requests, more than its record of ${MAX_ITEM_BYTES} bytes holds; wait for some of them, or cancel them`,
    );
  }
  return item;
}

export function decodeOpenRequests(item: Item): OpenRequests {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  reader.text(SORT_KEY);
  const requests = reader.maps("requests").map((request) => {
    const progress = {
      requestId: request.text("requestId"),
      settled: decodeIntervals(request.text("settled")),
      outcomes: decodeOutcomes(request),
      open: decodeIntervals(request.text("open")),
      ...(request.has("cancelled") ? { cancelled: decodeOperator(request.map("cancelled")) } : {}),
    };
    request.close();
    return progress;
  });
  const open = { pipeline, revision: reader.integer("revision"), requests };
  reader.closeItem();
  return open;
}
