import { WRONG_SETTINGS } from "../support/deployed/wrong-settings.ts";
import { renderTable } from "./documents.ts";

/** What can be wrong in the settings, and what is told of it by a command and by deployed functions, as tests try it. */
export function renderWrongSettings(): string {
  const rows = WRONG_SETTINGS.map((one) => [
    one.what,
    one.says.map((part) => `“${part}”`).join(" … "),
    "yes",
    "isDeployed" in one ? "yes" : "",
  ]);
  return renderTable(["What is wrong", "The line says", "ranges", "Functions"], rows);
}
