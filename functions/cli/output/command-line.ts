/** The ledger as a command line names it. */
export interface LedgerPlace {
  readonly table: string;
  readonly endpointUrl?: string | undefined;
}

/** A command of `ranges` over this ledger, ready to paste into a shell. */
export function commandLine(
  verb: string,
  { table, endpointUrl }: LedgerPlace,
  options: Readonly<Record<string, string | undefined>>,
): string {
  const named = { table, ...options, "endpoint-url": endpointUrl };
  const words = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, quote(value)],
  );
  return ["npx", "ranges", verb, ...words].join(" ");
}

/** As a POSIX shell takes it for one word. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
