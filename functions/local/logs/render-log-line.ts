// Render log line
//
// What a function has logged, for a person: lines of Powertools' logger by their fields,
// others as they are. What is there for machines (metrics, Lambda's own lines) is left out.

import { visibleText } from "../../cli/output/visible-text.ts";

/** Said elsewhere on the screen, or the same in every line. */
const UNSHOWN = new Set([
  ...["level", "message", "timestamp", "service", "pipeline", "error", "sampling_rate", "xray_trace_id"],
  ...["cold_start", "function_arn", "function_memory_size", "function_name", "function_request_id"],
]);

const OF_LAMBDA = /^(?:START|END|REPORT|INIT_START|XRAY|EXTENSION)\b/;
/** Of what Node will drop some day, in whosever package. */
const OF_NODE = /^\(node:\d+\) \[DEP\d+\]|^\(Use `node --trace-/;
/** What Lambda puts in front of a line of console.log: time, request and level. */
const CONSOLE_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S*\t([A-Z]+)\t/;

/** The lines to show; none of what is not for people. `mapPaths` gives traces the paths of the project. */
export function renderLogLine(text: string, mapPaths: (text: string) => string): readonly string[] {
  const trimmed = text.trimEnd();
  if (trimmed === "" || OF_LAMBDA.test(trimmed) || OF_NODE.test(trimmed)) {
    return [];
  }
  const fields = parseFields(trimmed);
  if (fields === undefined) {
    return trimmed
      .replace(CONSOLE_PREFIX, "$1 ")
      .split("\n")
      .map((line) => visibleText(mapPaths(line)));
  }
  return "_aws" in fields ? [] : renderFields(fields, mapPaths);
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields(text: string): Fields | undefined {
  if (!text.startsWith("{")) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    // Not a JSON line after all.
    return undefined;
  }
}

function renderFields(fields: Fields, mapPaths: (text: string) => string): readonly string[] {
  const { level, message, error } = fields;
  if (typeof message !== "string") {
    // JSON that the code itself has printed.
    return [visibleText(JSON.stringify(fields))];
  }
  const others = Object.entries(fields).filter(([name]) => !UNSHOWN.has(name));
  const words = others.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const head = [...(typeof level === "string" ? [level] : []), message, ...words].join(" ");
  return [head, ...errorLines(error, "").map(mapPaths).filter(isOwn)].map(visibleText);
}

/** Whether it is no frame of a trace, or one in a file of the project: paths of others are absolute. */
function isOwn(line: string): boolean {
  return !(/^\s+at /.test(line) && /[( ]\/|[( ]node:|node_modules\/|<anonymous>\)?$/.test(line));
}

/** Its trace, which begins with its name and message, and those of its causes. */
function errorLines(error: unknown, before: string): readonly string[] {
  if (typeof error !== "object" || error === null) {
    return [];
  }
  const { name, message, stack, cause } = error as Fields;
  const trace = typeof stack === "string" && stack !== "" ? stack : `${String(name)}: ${String(message)}`;
  const [first = "", ...frames] = trace.split("\n");
  return [`  ${before}${first}`, ...frames.map((frame) => `  ${frame}`), ...errorLines(cause, "caused by ")];
}
