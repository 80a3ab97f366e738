// JAAS tokens
//
// How Kafka's JaasConfig sets up java.io.StreamTokenizer: words end at blanks, quotes,
// `;`, `=` and `/`; a quoted text goes up to the same quote or the end of its line and
// knows the escapes of C; a `/` outside of quotes begins a comment, `/* */` too.

export interface JaasToken {
  /** A sign is `;`, `=` or a control character of Latin-1, which Java takes for one. */
  readonly kind: "word" | "quoted" | "sign";
  /** Without quotes and escapes. */
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

const BLANKS = /[\0- ]+/y;
/** Behind a single slash the next character is skipped whatever it is, an end of line too. */
const COMMENT = /\/(?:\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|\/[^\r\n]*|[^*/][^\r\n]*|$)/y;
const QUOTED = /(["'])((?:\\[\s\S]|(?!\1)[^\\\r\n])*)(?:\1|\\?$|(?=[\r\n]))/y;
const SIGN = /[;=\x81-\x9f]/y;
const WORD = /[^\0- "';=/\x81-\x9f]+/y;

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export function* jaasTokens(text: string): Generator<JaasToken, void, undefined> {
  let at = 0;
  const take = (expression: RegExp) => {
    expression.lastIndex = at;
    const found = expression.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  while (at < text.length) {
    const start = at;
    if (take(BLANKS) !== null || take(COMMENT) !== null) {
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== null) {
      yield { kind: "quoted", text: unescaped(quoted[2] ?? ""), at: start };
      continue;
    }
    const sign = take(SIGN);
    const [found = ""] = sign ?? take(WORD) ?? [];
    yield { kind: sign === null ? "word" : "sign", text: found, at: start };
  }
}

/** Octal, a letter of C, or the character itself. */
function unescaped(text: string): string {
  return text.replace(/\\(?:([0-3][0-7]{0,2}|[4-7][0-7]?)|([\s\S]))/g, (_, octal?: string, one?: string) =>
    octal === undefined ? (ESCAPES[one ?? ""] ?? one ?? "") : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
