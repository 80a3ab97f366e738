// Reads a props interface as the formatter leaves it: each prop with its docstring above.

import { renderTable } from "./documents.ts";

export interface Prop {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string;
  /** What `@default` says; undefined where it says nothing. */
  readonly byDefault: string | undefined;
}

const PROP = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ {2}readonly (\w+)(\?)?:\s*([\s\S]*?);$/gm;

/** Throws where the text has no such interface. */
export function parseProps(source: string, interfaceName: string): readonly Prop[] {
  const [, body] =
    new RegExp(`^export interface ${interfaceName}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m").exec(source) ?? [];
  if (body === undefined) {
    throw new Error(`there is no interface ${interfaceName}`);
  }
  return [...body.matchAll(PROP)].map(([, comment = "", name = "", optional, type = ""]) => {
    const text = comment.replaceAll(/^\s*\*?/gm, "").replaceAll(/\s+/g, " ");
    const [meaning = "", byDefault] = text.split("@default").map((part) => part.trim());
    return { name, type: type.replaceAll(/\s+/g, " "), isRequired: optional === undefined, meaning, byDefault };
  });
}

export function renderProps(props: readonly Prop[]): string {
  return renderTable(
    ["Prop", "Type", "Default", "Meaning"],
    props.map((prop) => [`\`${prop.name}\``, `\`${prop.type}\``, showDefault(prop), prop.meaning]),
  );
}

/** CDK's convention: a value, with a remark behind a hyphen, or a remark alone. */
function showDefault({ isRequired, byDefault }: Prop): string {
  if (byDefault === undefined) {
    return isRequired ? "required" : "–";
  }
  if (byDefault.startsWith("- ")) {
    return byDefault.slice(2);
  }
  const [value = "", remark] = byDefault.split(" - ");
  const shown = value.includes("`") ? value : `\`${value}\``;
  return remark === undefined ? shown : `${shown}: ${remark}`;
}
