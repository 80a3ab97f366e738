import { joinProblems } from "../bounded-text.ts";
import { ConfigurationError, type LogBound } from "../errors.ts";
import { omitUndefined } from "../omit-undefined.ts";

/** What is wrong with what was chosen. */
export interface RangeProblem {
  readonly text: string;
  /** The bound of its log that the range goes beyond; absent where something else is wrong. */
  readonly passes?: LogBound;
}

/** Throws ConfigurationError that lists them, unless there are none; it passes a bound if each of them does. */
export function refuseProblems(problems: readonly RangeProblem[]): void {
  const [first] = problems;
  if (first === undefined) {
    return;
  }
  const passes = problems.every((problem) => problem.passes === first.passes) ? first.passes : undefined;
  throw new ConfigurationError(joinProblems(problems.map(({ text }) => text)), omitUndefined({ passes }));
}
