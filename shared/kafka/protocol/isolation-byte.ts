import type { IsolationLevel } from "../../core/source/offset-source.ts";

/** The isolation level as requests carry it. */
export function isolationByte(isolationLevel: IsolationLevel): number {
  return isolationLevel === "read_committed" ? 1 : 0;
}
