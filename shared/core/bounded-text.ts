// Bounded text
//
// What a message quotes or lists may be of any length: a pasted file, a thousand
// ranges, a field name of a megabyte. Whatever puts foreign text into a message
// takes it from here.
//
//   BT1  Quoted text is at most MAX_QUOTED_LENGTH characters long, names and problems at most
//        MAX_LISTED; what is left out is counted or marked.
//   BT2  A whole message is at most MAX_MESSAGE_LENGTH characters long, whatever it is made of.
//   BT3  A password in an address, with a scheme or without one, or behind a name that says so, is not quoted: somebody
//        gave it where it does not belong.

const MAX_QUOTED_LENGTH = 80;
const MAX_LISTED = 20;
/** Beyond it nothing is quoted. */
const MAX_SEARCHED = 4_000;
export const MAX_MESSAGE_LENGTH = 4_000;

/** The text, or its beginning and `…`; never half a character. */
export function cutText(text: string, maxLength = MAX_QUOTED_LENGTH): string {
  if (text.length <= maxLength) {
    return text;
  }
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last < 0xdc00;
  return `${text.slice(0, splitsPair ? maxLength - 1 : maxLength)}…`;
}

/** A value as JSON shows it, bigints as decimal strings; `missing` for undefined. */
export function quote(value: unknown, maxLength = MAX_QUOTED_LENGTH): string {
  return value === undefined ? "missing" : cutText(toText(value, maxLength), maxLength);
}

function toText(value: unknown, maxLength: number): string {
  // The rest of a long text would only be escaped to be cut off.
  const shown = typeof value === "string" ? cutText(withoutPasswords(value), maxLength) : value;
  if (typeof shown === "number") {
    return showNumber(shown);
  }
  try {
    return JSON.stringify(shown, (_, inner: unknown) => asJson(inner)) ?? String(shown);
  } catch {
    // Nested too deep, or in itself.
    return "a value that JSON cannot show";
  }
}

function asJson(value: unknown): unknown {
  if (typeof value === "string") {
    return withoutPasswords(value);
  }
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (typeof value === "number") {
    return isInJson(value) ? value : showNumber(value);
  }
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** A whole address; its password may have blanks in it, which no address has. */
const ADDRESS = /^(\s*[\w+.-]+:\/\/[^@:/?#]*:).*@/s;
/** `//user:password@`, and without a scheme `user:password@`, wherever it stands. */
const IN_TEXT = /(\/\/[^\s"@:]*:|(?:^|[\s,;"'`=(<[{])[^\s"@:]*:(?!\/\/))[^\s"]*@/g;
/** As in `?password=…`, or in the settings of a connection. */
const NAMED = /((?:password|passwd|pwd|secret|token)\s*=\s*)(?:"[^"]*"?|'[^']*'?|[^\s&;"']+)/gi;

/** The text without what is a password by its place, or by its name. */
export function withoutPasswords(text: string): string {
  if (!/[@=]/.test(text)) {
    return text;
  }
  return text.slice(0, MAX_SEARCHED).replace(ADDRESS, "$1…@").replace(IN_TEXT, "$1…@").replace(NAMED, "$1…");
}

/** An address that may have a user and a password in front, also without a scheme, and a query: what is between them. */
export function quoteAddress(text: string): string {
  return quoteName(text.replace(/^(\s*[\w+.-]+:\/\/)?.*@/s, "$1…@").replace(/[?#].*/s, "?…"));
}

/** JSON would make 0 of `-0`, and null of what is not finite. */
function isInJson(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function showNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A name that speaks for itself is not quoted: a topic's, a field's. */
export function showName(name: string): string {
  return /^[\w.-]+$/.test(name) ? cutText(name, MAX_NAME_LENGTH) : quoteName(name);
}

/** Quotes what may be a topic's name, or a range: as long as those are, it is shown whole. */
export function quoteName(text: string): string {
  return quote(text, MAX_NAME_LENGTH);
}

/** The longest that Kafka has: a topic of 249 characters, with a partition and two offsets. */
const MAX_NAME_LENGTH = 320;

/** `a, b and 983 more`. */
export function listNames(names: readonly string[]): string {
  return listSome(
    names.slice(0, MAX_LISTED).map((name) => cutText(name, MAX_NAME_LENGTH)),
    names.length,
    ", ",
  );
}

/** The problems of one refusal, as one text. */
export function joinProblems(problems: readonly string[], separator = "; "): string {
  return listSome(problems.slice(0, MAX_LISTED), problems.length, separator);
}

function listSome(shown: readonly string[], count: number, separator: string): string {
  const more = count > shown.length ? ` and ${count - shown.length} more` : "";
  return `${shown.join(separator)}${more}`;
}
