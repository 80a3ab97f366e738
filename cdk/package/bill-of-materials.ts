/** A CycloneDX document, of which only what is changed here has a type. */
interface Bom {
  readonly metadata: { readonly timestamp: string; readonly component: object };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly [other: string]: unknown;
}

interface Component {
  readonly "bom-ref": string;
  readonly properties: readonly { readonly name: string }[];
}

const IS_DEVELOPMENT = "cdx:npm:package:development";

/**
 * What is installed with the package, of what `npm sbom` tells of a checkout with its dev dependencies: npm's own
 * `--omit dev` also leaves out what a dev dependency shares. Of the same lock file it is the same text every time.
 */
export function billOfMaterials(npmSbom: string, name: string): string {
  const { serialNumber: _random, ...bom }: Bom = JSON.parse(npmSbom);
  const { timestamp: _now, component, ...metadata } = bom.metadata;
  const components = bom.components.filter(({ properties }) => properties.every((one) => one.name !== IS_DEVELOPMENT));
  const shipped = new Set(components.map((one) => one["bom-ref"]));
  const root = bom.dependencies.filter(({ ref }) => ref.startsWith(`${name}@`));
  const dependencies = [...root, ...bom.dependencies.filter(({ ref }) => shipped.has(ref))].map(
    ({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) }),
  );
  // npm names the root by its folder.
  const whole = { ...bom, metadata: { ...metadata, component: { ...component, name } }, components, dependencies };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
