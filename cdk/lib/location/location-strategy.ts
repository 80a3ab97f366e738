import type { Duration } from "aws-cdk-lib";

/** A processor function of its own for some partitions. */
export interface ProcessorVariantProps {
  /** In MiB. @default - the pipeline's `processorMemorySize` */
  readonly memorySize?: number;
  /** 10 seconds to 15 minutes; its ranges are sized by it. @default - the pipeline's `processorTimeout` */
  readonly timeout?: Duration;
  /**
   * Most of its ranges in flight at a time, and its reserved concurrency; 1 to 20,000.
   * @default - they count among the pipeline's `maxConcurrency`
   */
  readonly maxConcurrency?: number;
}

/** Spark's PreferFixed: what is not named goes to the default processor. */
export interface PreferFixed {
  /** Variant by partition, `{ "orders:3": "large" }`; `"orders:*"` are those of a topic that are not named. */
  readonly preferFixed: Readonly<Record<string, string>>;
  /** By name: letters and digits. */
  readonly variants: Readonly<Record<string, ProcessorVariantProps>>;
}

/** Spark's PreferBrokers, where the brokers call their racks neither by the zone's name nor by its id. */
export interface PreferBrokers {
  /** What the brokers call the zones. */
  readonly preferBrokers: {
    /** `broker.rack` by the name of the availability zone, `{ "us-east-1a": "use1-az1" }`. */
    readonly racks: Readonly<Record<string, string>>;
  };
}

/** Which processor function a range goes to, as Spark's LocationStrategies say which executor. */
export type LocationStrategy = "preferConsistent" | "preferBrokers" | PreferBrokers | PreferFixed;
