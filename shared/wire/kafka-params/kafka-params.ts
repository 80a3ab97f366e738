export interface KafkaParam {
  /** As the file spells its name. */
  readonly key: string;
  /** Trimmed as Kafka trims. */
  readonly value: string;
}

/** Settings of Kafka's that are taken, by Kafka's own names. */
export class KafkaParams {
  readonly #params: ReadonlyMap<string, KafkaParam>;

  constructor(params: Iterable<readonly [name: string, param: KafkaParam]>) {
    this.#params = new Map(params);
  }

  names(): readonly string[] {
    return [...this.#params.keys()];
  }

  has(name: string): boolean {
    return this.#params.has(name);
  }

  get(name: string): string | undefined {
    return this.#params.get(name)?.value;
  }

  /** The setting as its file spells it, for messages; Kafka's own name where it is not given. */
  called(name: string): string {
    return this.#params.get(name)?.key ?? name;
  }
}
