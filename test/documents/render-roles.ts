import { ROLE_ROWS } from "../support/deploy/role-rows.ts";
import { renderTable } from "./documents.ts";

/** What props add to the functions' roles, as a test finds it in the synthesized policies. */
export function renderRoles(): string {
  const rows = ROLE_ROWS.map(({ prop, processor, scheduler }) => [prop, cellOf(processor), cellOf(scheduler)]);
  return renderTable(["With", "The processor may also", "The scheduler may also"], rows);
}

function cellOf(statements: readonly string[]): string {
  return statements.map((statement) => `\`${statement}\``).join("<br>");
}
