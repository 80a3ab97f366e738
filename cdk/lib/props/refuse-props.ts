import { ValidationError } from "aws-cdk-lib/core/lib/errors";
import type { IConstruct } from "constructs";
import { cutText, joinProblems, MAX_MESSAGE_LENGTH } from "../../../shared/core/bounded-text.ts";
import { findPropProblems, type PropRules } from "./prop-rules.ts";

/** CDK's own, which is shown with the construct's place in the app in place of a long stack trace. */
type Name = ConstructorParameters<typeof ValidationError>[0];

/** Throws ValidationError for all that the rules find wrong. */
export function requireProps<Props extends object>(scope: IConstruct, props: Props, rules: PropRules<Props>): void {
  refuseProps(
    scope,
    findPropProblems(props, rules).map(({ message }) => message),
  );
}

/** Throws ValidationError that lists every problem once, unless there is none. */
export function refuseProps(scope: IConstruct, problems: readonly string[]): void {
  if (problems.length > 0) {
    const message = cutText(joinProblems([...new Set(problems)], "\n  "), MAX_MESSAGE_LENGTH);
    // CDK names its kinds of errors by a type of its own, which it does not export.
    throw new ValidationError("WrongProps" as Name, `what cannot work is refused:\n  ${message}`, scope);
  }
}
