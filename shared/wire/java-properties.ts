// Java properties
//
// The text form of java.util.Properties, as Kafka's own tools read it: `key=value`,
// `key: value` or `key value`; comments begin with # or !; a backslash continues a
// line or escapes a character.

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** Later values of a key replace earlier ones. */
export function parseJavaProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    // The key ends at the first =, : or space that no backslash stands before.
    const [, key = "", value = ""] = /^((?:\\.|[^\\=:\s])*)(?:\s*[=:]\s*|\s+|$)(.*)$/s.exec(line) ?? [];
    properties.set(unescaped(key), unescaped(value));
  }
  return properties;
}

/** Without comments, blank lines and the breaks of continued ones. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trimStart();
    if (open === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) {
      continue;
    }
    const whole: string = (open ?? "") + line;
    const isContinued = /(?<!\\)(?:\\\\)*\\$/.test(whole);
    if (isContinued) {
      open = whole.slice(0, -1);
    } else {
      lines.push(whole);
      open = undefined;
    }
  }
  return open === undefined ? lines : [...lines, open];
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (ESCAPES[letter ?? ""] ?? letter ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
