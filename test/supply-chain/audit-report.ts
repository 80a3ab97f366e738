/** What a registry knows of the packages that are installed with this one. */
export type AuditReport =
  | { readonly kind: "clean" }
  | { readonly kind: "vulnerable"; readonly packages: readonly string[] }
  /** Nobody was asked: nothing is known, which is no fault of the code's. */
  | { readonly kind: "unanswered"; readonly reason: string };

interface NpmAudit {
  readonly message?: string;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
}

/** Of what `npm audit --json` writes, whatever its exit code. */
export function readAudit(json: string): AuditReport {
  const { message, vulnerabilities }: NpmAudit = JSON.parse(json);
  if (vulnerabilities === undefined) {
    return { kind: "unanswered", reason: message ?? json };
  }
  const packages = Object.entries(vulnerabilities).map(([name, { severity }]) => `${name} (${severity})`);
  return packages.length === 0 ? { kind: "clean" } : { kind: "vulnerable", packages };
}
