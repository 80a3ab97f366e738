/**
 * The name of the CDK context value by which `ranges dev` tells an app the brokers of its local Kafka: where it is set, a
 * pipeline is synthesized for a local endpoint. `host:port` separated by commas.
 */
export const LOCAL_BOOTSTRAP_SERVERS = "kafka-offset-ranges:bootstrapServers";

/**
 * The name under which a function's resource tells, on a local endpoint only, how its code is bundled, so that
 * `ranges dev` bundles it again at a save without the whole app.
 */
export const LOCAL_BUNDLE = "kafka-offset-ranges:bundle";

/** For esbuild's `build`; `entryPoints` has one absolute path, and the bundle is index.mjs. */
export interface LocalBundle {
  readonly entryPoints: string[];
  readonly absWorkingDir: string;
  readonly target: string;
  readonly minify: boolean;
  /** In characters. */
  readonly lineLimit: number;
  readonly sourcesContent: boolean;
  readonly external: string[];
  readonly mainFields: string[];
  readonly banner: { readonly js: string };
}
