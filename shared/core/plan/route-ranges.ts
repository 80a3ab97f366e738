// Route ranges
//
// Which processor function a range goes to (Spark's LocationStrategies). It decides where the
// code runs and how long a range may be, and nothing of what is processed: whichever function
// gets a range claims it like any other, and what waits is dispatched by the routes of the day.
//
//   WR1  A partition that is named goes to its variant, and by its own name before its topic's.
//   WR2  Else it goes by its leader's rack, where racks have processors of their own. One whose
//        leader or rack is unknown, or whose rack has none, goes to the default processor, with the reason.
//   WR3  Whatever is left goes to the default processor.

import { quoteName } from "../bounded-text.ts";
import type { TopicPartition } from "../range/topic-partition.ts";
import type { PartitionLeader } from "../source/offset-source.ts";

/** A processor function beside the default one. */
export interface ProcessorVariant {
  readonly name: string;
  /** The function's time-out. */
  readonly timeoutMs: number;
  /** Most of its ranges in flight at a time; absent: they count among the pipeline's. */
  readonly maxConcurrency?: number;
}

export interface Routing {
  /** By `orders:3`, or `orders:*` for what is left of a topic. */
  readonly byPartition: ReadonlyMap<string, ProcessorVariant>;
  /** By the brokers' `broker.rack`; empty: racks do not matter. */
  readonly byRack: ReadonlyMap<string, ProcessorVariant>;
}

/** `variant` is absent for the default processor, `misplaced` unless that is only a makeshift. */
export interface Route {
  readonly variant?: ProcessorVariant;
  /** Why the processor is not the one that the location strategy prefers. */
  readonly misplaced?: string;
}

export interface RoutedPartition extends TopicPartition {
  readonly leader?: PartitionLeader;
}

export function routeOf(routing: Routing | undefined, partition: RoutedPartition): Route {
  if (routing === undefined) {
    return {};
  }
  const named =
    routing.byPartition.get(formatRoutedPartition(partition)) ??
    routing.byPartition.get(formatRoutedTopic(partition.topic));
  if (named !== undefined) {
    return { variant: named };
  }
  return routing.byRack.size === 0 ? {} : routeByRack(routing.byRack, partition.leader);
}

function routeByRack(byRack: Routing["byRack"], leader: PartitionLeader | undefined): Route {
  if (leader === undefined) {
    return { misplaced: "its leader is not known" };
  }
  const { rack, nodeId } = leader;
  if (rack === undefined) {
    return { misplaced: `broker ${nodeId} has no broker.rack` };
  }
  const variant = byRack.get(rack);
  return variant === undefined ? { misplaced: `rack ${quoteName(rack)} has no processor` } : { variant };
}

/** `orders:3`, as Spark's users name it in a map of locations. */
function formatRoutedPartition({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}

/** `orders:*`: every partition of the topic that is not named itself. */
function formatRoutedTopic(topic: string): string {
  return `${topic}:*`;
}
