import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/** A variable of a function's environment, and what it is unless somebody says otherwise. */
export interface VariableOption {
  readonly name: string;
  readonly default?: string;
}

/** `NAME` or `NAME=DEFAULT`. */
export function parseVariable(text: string): VariableOption {
  const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  // As Lambda has them: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  if (!/^[a-zA-Z]\w+$/.test(name)) {
    throw new ConfigurationError(
      `--variable ${quote(text)} is not NAME or NAME=DEFAULT, with a name of two or more letters, digits and underscores that begins with a letter`,
    );
  }
  return { name, ...(value === undefined ? {} : { default: value }) };
}
