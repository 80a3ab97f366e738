import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/**
 * Whether a text is as the pattern says, in which `*` stands for any text, `\*` for an asterisk and `\\` for a backslash.
 * It takes as long as the text is long, whatever the pattern. Throws ConfigurationError.
 */
export function compileWildcard(pattern: string, where: string): (text: string) => boolean {
  const parts = splitAtAsterisks(pattern, where);
  const [first = "", ...others] = parts;
  const last = others.pop();
  return (text) => {
    if (last === undefined) {
      return text === first;
    }
    if (!text.startsWith(first)) {
      return false;
    }
    let position = first.length;
    for (const part of others) {
      const found = text.indexOf(part, position);
      if (found < 0) {
        return false;
      }
      position = found + part.length;
    }
    return text.length - last.length >= position && text.endsWith(last);
  };
}

function splitAtAsterisks(pattern: string, where: string): readonly string[] {
  if (/^(?:[^\\*]|\\[\\*]|\*(?!\*))*$/.test(pattern)) {
    const parts = [""];
    for (const [token] of pattern.matchAll(/\\[\\*]|./gsu)) {
      if (token === "*") {
        parts.push("");
      } else {
        parts[parts.length - 1] += token.startsWith("\\") ? token.slice(1) : token;
      }
    }
    return parts;
  }
  throw new ConfigurationError(
    `${where} is ${quote(pattern)}; expected no two asterisks side by side, and a backslash only before an asterisk or a backslash`,
  );
}
