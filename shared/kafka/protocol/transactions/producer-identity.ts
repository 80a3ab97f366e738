/** What a broker knows a transactional producer by; another epoch of the same id is another incarnation of it. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}
