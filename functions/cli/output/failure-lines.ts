/**
 * What a command failed with, as lines: what another tool has printed has lines of its own, and indented none of them
 * passes for one of ours.
 */
export function failureLines(error: unknown): readonly string[] {
  const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).trimEnd().split(/\r?\n/);
  return [`ranges: ${first}`, ...rest.map((line) => `  ${line}`)];
}
