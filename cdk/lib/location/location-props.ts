import type { LocationStrategy } from "./location-strategy.ts";

/** Which processor function reads which partition. */
export interface LocationProps {
  /**
   * Which processor function a range goes to (Spark's LocationStrategies). `"preferBrokers"`: one in each availability
   * zone of `vpcSubnets`, for the partitions whose leader is there. `{ preferFixed, variants }`: functions with memory,
   * time-out and concurrency of their own for the partitions that are named. What has no place goes to the default one.
   * @default "preferConsistent" - one function for all
   */
  readonly locationStrategy?: LocationStrategy;
}
