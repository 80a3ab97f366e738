// Statement verb
//
// With which word a text of SQL begins, as PostgreSQL's own scanner reads it, and whether what
// begins so stays in the transaction that it is sent in:
// https://github.com/postgres/postgres/blob/master/src/backend/parser/scan.l
//
//   KW1  What is not known to stay is not sent: no list of what begins or ends a transaction has to be complete.

/** Of statements that leave the transaction, and what they are sent through, as they were. */
const VERBS: ReadonlySet<string> = new Set([
  ...["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "(", "CALL", "DO"],
  ...["CREATE", "ALTER", "DROP", "TRUNCATE", "REFRESH", "COMMENT", "GRANT", "REVOKE", "REASSIGN", "SECURITY", "IMPORT"],
  ...["ANALYZE", "ANALYSE", "CLUSTER", "REINDEX", "EXPLAIN", "SHOW", "LOCK", "NOTIFY"],
  ...["DECLARE", "FETCH", "MOVE", "CLOSE"],
]);

/** For messages. */
export const COMMON_VERBS = "INSERT, UPDATE, DELETE, MERGE, SELECT, WITH or CALL";

/** Undefined where it stays, or has nothing to carry out; else what it begins with. */
export function strayVerbOf(text: string): string | undefined {
  const verb = firstTokenOf(text).toUpperCase();
  return verb === "" || VERBS.has(verb) ? undefined : verb;
}

/** Blanks, comments up to either end of a line, and statements of nothing. */
const SKIPPED = /(?:[ \t\n\r\f\v;]+|--[^\n\r]*)*/y;
/** Keywords are ASCII, and whatever else is part of a name makes a name of it. */
const TOKEN = /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|.|$/isy;

/** A word, or one character of anything else; empty where there is none. */
function firstTokenOf(text: string): string {
  for (let at = 0; ; ) {
    SKIPPED.lastIndex = at;
    at += SKIPPED.exec(text)?.[0].length ?? 0;
    if (!text.startsWith("/*", at)) {
      TOKEN.lastIndex = at;
      return TOKEN.exec(text)?.[0] ?? "";
    }
    at = endOfComment(text, at);
  }
}

/** Comments stand in comments. One without an end goes to the end of the text, which PostgreSQL refuses. */
function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) {
      return mark.lastIndex;
    }
  }
  return text.length;
}
