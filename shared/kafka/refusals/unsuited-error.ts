import { RangeReadError } from "../../core/errors.ts";

/** A connection that ended without a word as one does to a listener of another kind: a setting is likely to blame, not certain. */
export class UnsuitedError extends RangeReadError {}
