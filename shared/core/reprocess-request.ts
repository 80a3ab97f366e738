import type { OffsetRange } from "./offset-range.ts";
import type { SourceSelection } from "./offset-source.ts";
import type { RangeChoice } from "./resolve-choice.ts";
import type { SplitRules } from "./split-ranges.ts";

/** What is to be reprocessed, as it was asked for. */
export type ReprocessTarget =
  | { readonly kind: "ranges"; readonly ranges: readonly OffsetRange[] }
  /** Without a selection: of the pipeline's own source. */
  | { readonly kind: "choice"; readonly choice: RangeChoice; readonly selection?: SourceSelection };

export interface ReprocessPayload {
  readonly requestId: string;
  /** Equal for payloads that ask for the same, whatever form their offsets came in. */
  readonly fingerprint: string;
  readonly target: ReprocessTarget;
  readonly split: SplitRules;
  /** Only says what would be reprocessed. */
  readonly isDryRun: boolean;
}
