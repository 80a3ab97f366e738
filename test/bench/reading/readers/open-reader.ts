import type { ReadResult, ReadTask } from "../reading.ts";

export interface ReaderConnection {
  readonly bootstrapServers: string;
  /** PEM of the broker's certificate; absent for plaintext. */
  readonly ca?: string;
}

/** Opens a reader that is kept warm over its reads. */
export type OpenReader = (connection: ReaderConnection) => (task: ReadTask) => Promise<ReadResult>;
