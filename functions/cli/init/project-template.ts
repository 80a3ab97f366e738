// Project templates: what a new project can begin as. Each has the files of `template`, with those of its own folder in
// `templates` in their place or beside them.

export interface ProjectTemplate {
  /** Its folder in `templates`; undefined where `template` is all of it. */
  readonly folder?: string;
  /** What its code is deployed with besides, in the versions that this package is tried with. */
  readonly libraries: readonly string[];
  /** The script `dev`. @default ranges dev */
  readonly dev?: string;
  /** What is to be run once before that, and the variables in front of it. @default - nothing */
  readonly before?: readonly string[];
  readonly variables?: string;
}

export const PROJECT_TEMPLATES = {
  dynamodb: { libraries: [] },
  kafka: { folder: "kafka", libraries: [], dev: "ranges dev --create-topic order-totals" },
  postgres: {
    folder: "postgres",
    libraries: ["pg"],
    before: ["createdb orders && psql -d orders -f schema.sql"],
    variables: "DATABASE_PASSWORD=…",
  },
  s3: { folder: "s3", libraries: [] },
} as const satisfies Readonly<Record<string, ProjectTemplate>>;

export type TemplateName = keyof typeof PROJECT_TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(PROJECT_TEMPLATES);

export const DEFAULT_TEMPLATE: TemplateName = "dynamodb";
