// Declarations
//
// What a file's declarations say, as the compiler emits them: each statement begins at the
// left edge, with its docstring above, and nothing within it does but the brace that ends it.

export interface Declaration {
  readonly name: string;
  /** With its docstring. */
  readonly text: string;
  readonly isDocumented: boolean;
}

export interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** What it takes from other files, by the name that it has here. */
  readonly imports: ReadonlyMap<string, Origin>;
  /** What it hands on, in its order. */
  readonly exports: readonly Origin[];
}

export interface Origin {
  readonly name: string;
  /** The module specifier. */
  readonly from: string;
}

const NAMED = /^(?:export )?(?:declare )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/m;
const CLAUSE = /^(import|export) (?:type )?\{([\s\S]*?)\} from "(.+)";$/;

export function parseDeclarations(text: string): DeclarationFile {
  const statements = statementsOf(text);
  const clauses = statements.flatMap((statement) => clauseOf(statement));
  return {
    declarations: new Map(statements.flatMap((statement) => declarationOf(statement))),
    imports: new Map(clauses.filter(({ verb }) => verb === "import").flatMap(({ names }) => names)),
    exports: clauses.filter(({ verb }) => verb === "export").flatMap(({ names }) => names.map(([, origin]) => origin)),
  };
}

function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  let isDocstring = false;
  for (const line of text.split("\n")) {
    const begins = /^(?:\/\*\*|import |export |declare |interface |type |abstract )/.test(line);
    if (begins && !isDocstring) {
      statements.push(line);
    } else {
      statements.push(`${statements.pop() ?? ""}\n${line}`);
    }
    isDocstring = line.startsWith("/**") || (isDocstring && (line.startsWith(" *") || line === ""));
  }
  return statements.map((statement) => statement.trim());
}

function declarationOf(statement: string): [string, Declaration][] {
  const isDocumented = statement.startsWith("/**");
  const [, name] = NAMED.exec(isDocumented ? statement.replace(/^[\s\S]*?\*\/\n/, "") : statement) ?? [];
  return name === undefined ? [] : [[name, { name, text: statement, isDocumented }]];
}

function clauseOf(statement: string) {
  const [, verb, list = "", from = ""] = CLAUSE.exec(statement.replace(/^\/[\s\S]*\*\/\n/, "")) ?? [];
  const names = list
    .split(",")
    .map((one) => one.trim().replace(/^type /, ""))
    .filter((one) => one !== "")
    .map((one): [string, Origin] => {
      const [name = "", alias = name] = one.split(" as ");
      return [alias, { name, from }];
    });
  return verb === undefined ? [] : [{ verb, names }];
}

/** The members of an interface or a class that have no docstring, and are nobody's secret. */
export function undocumentedMembers({ text }: Declaration): readonly string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, name] = /^ {4}(?:(?:static|readonly|abstract|get) )*(\w+)(?:\?)?[:(<]/.exec(line) ?? [];
    const isDocumented = lines[index - 1]?.trimEnd().endsWith("*/") === true;
    return name === undefined || isDocumented || /^ {4}private /.test(line) ? [] : [name];
  });
}
