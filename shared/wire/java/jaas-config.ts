// JAAS config
//
// `sasl.jaas.config` as Kafka's JaasConfig reads it: login modules, each with a flag
// and options, each ended by a semicolon.
//
//   JC1  No problem quotes anything of the text: what stands in the wrong place may be a password.

import { ConfigurationError } from "../../core/errors.ts";
import { type JaasToken, jaasTokens } from "./jaas-tokens.ts";

export interface LoginModule {
  /** The name of a Java class. */
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
}

/** What follows from a module's failure; with one module, the same for all. */
const FLAGS: readonly string[] = ["REQUIRED", "REQUISITE", "SUFFICIENT", "OPTIONAL"];

const FORM = `MODULE required NAME="VALUE" …;`;

/** Throws ConfigurationError with the place of what is wrong. A later option of a name replaces an earlier one. */
export function parseJaasConfig(text: string): readonly LoginModule[] {
  const tokens = new TokenReader(text);
  const modules: LoginModule[] = [];
  while (!tokens.isAtEnd) {
    modules.push(parseModule(tokens));
  }
  if (modules.length === 0) {
    throw tokens.error("expected a login module");
  }
  return modules;
}

function parseModule(tokens: TokenReader): LoginModule {
  const name = tokens.takeText("the class of a login module");
  const flag = tokens.takeText("a flag, such as required");
  if (name === "" || !FLAGS.includes(flag.toUpperCase())) {
    throw tokens.error("a login module begins with its class and a flag, such as required");
  }
  const options = new Map<string, string>();
  while (!tokens.takeSign(";")) {
    const option = `option ${options.size + 1}`;
    const key = tokens.takeText(`the name of ${option}, or ; behind the last one`);
    if (!tokens.takeSign("=")) {
      throw tokens.error(`expected = behind the name of ${option}`);
    }
    options.set(key, tokens.takeText(`the value of ${option}`));
  }
  return { name, options };
}

class TokenReader {
  readonly #tokens: readonly JaasToken[];
  readonly #length: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = [...jaasTokens(text)];
    this.#length = text.length;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  takeText(what: string): string {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === "sign") {
      throw this.error(`expected ${what}`);
    }
    this.#next += 1;
    return token.text;
  }

  takeSign(sign: string): boolean {
    const token = this.#tokens[this.#next];
    const isNext = token?.kind === "sign" && token.text === sign;
    this.#next += isNext ? 1 : 0;
    return isNext;
  }

  error(problem: string): ConfigurationError {
    const at = this.#tokens[this.#next]?.at ?? this.#length;
    return new ConfigurationError(`sasl.jaas.config is wrong at character ${at + 1}: ${problem}; its form is ${FORM}`);
  }
}
