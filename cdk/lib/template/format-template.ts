import { isList, isTemplateObject, type TemplateValue } from "./template-value.ts";

const MAX_LINE = 120;

/**
 * The template as JSON to be read: what fits a line is on one. Indented throughout it would be too large for a request
 * to CloudFormation that carries it (51,200 bytes).
 */
export function formatTemplate(value: TemplateValue, indent = ""): string {
  const line = JSON.stringify(value);
  const isShort = indent.length + line.length <= MAX_LINE;
  if (isShort || !(isList(value) || isTemplateObject(value))) {
    return line;
  }
  const inner = `${indent} `;
  const members = isList(value)
    ? value.map((one) => formatTemplate(one, inner))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${formatTemplate(one, inner)}`);
  const [open, close] = isList(value) ? "[]" : "{}";
  return `${open}\n${members.map((member) => inner + member).join(",\n")}\n${indent}${close}`;
}
