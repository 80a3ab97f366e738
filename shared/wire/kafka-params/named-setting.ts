export interface NamedSetting {
  /** Kafka's own name. */
  readonly name: string;
  readonly value: string;
  /** Of two names for one setting that with the higher rank counts, as it does where it comes from. */
  readonly rank: number;
}
