// Java properties
//
// The text form of java.util.Properties, as Kafka's own tools read it: `key=value`,
// `key: value` or `key value`; comments begin with # or !; a backslash continues a
// line or escapes a character. Only blanks, tabs and form feeds are blank.

import { ConfigurationError } from "../../core/errors.ts";

export interface JavaProperty {
  readonly key: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** In their order; of equal keys the last one counts. Throws ConfigurationError that quotes nothing, for a wrong \u. */
export function parseJavaProperties(text: string): readonly JavaProperty[] {
  return logicalLines(text).map(({ text: whole, line }) => {
    // The key ends at the first =, : or blank that no backslash stands before.
    const [, key = "", value = ""] =
      /^((?:\\.|[^\\=: \t\f])*)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+|$)(.*)$/s.exec(whole) ?? [];
    return { key: unescaped(key, line), value: unescaped(value, line), line };
  });
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

/** Without comments, blank lines and the breaks of continued ones. */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: LogicalLine | undefined;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.replace(/^[ \t\f]+/, "");
    if (open === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) {
      continue;
    }
    const whole: LogicalLine = { text: (open?.text ?? "") + line, line: open?.line ?? index + 1 };
    const isContinued = /(?<!\\)(?:\\\\)*\\$/.test(whole.text);
    if (isContinued) {
      // A line that holds nothing but its continuation is a blank one.
      open = whole.text === "\\" ? undefined : { ...whole, text: whole.text.slice(0, -1) };
    } else {
      lines.push(whole);
      open = undefined;
    }
  }
  return open === undefined ? lines : [...lines, open];
}

function unescaped(text: string, line: number): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string | undefined) => {
    if (letter === "u") {
      throw new ConfigurationError(`line ${line}: four hexadecimal digits belong behind \\u`);
    }
    return code === undefined
      ? (ESCAPES[letter ?? ""] ?? letter ?? "")
      : String.fromCharCode(Number.parseInt(code, 16));
  });
}

/** Kafka reads ISO 8859-1 and editors write UTF-8: what is not the one is the other. */
export function decodeProperties(content: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return content.toString("latin1");
  }
}
