// Dev deployment
//
// The user's app on the local endpoint, and again at each save, by the shortest way that
// does: a save of code alone bundles that code and swaps it, a save that the app may read
// synthesizes the app, and what differs then in more than code is deployed by the CDK CLI.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AssemblyStack, readAssembly } from "../deploy/assembly.ts";
import { type Bundled, bundleAgain, bundledFrom, findBundled, isSameBundle } from "../deploy/bundle-again.ts";
import type { CdkProject } from "../deploy/cdk-project.ts";
import { bootstrap, deployAssembly, environmentsOf, type StackOutputs } from "../deploy/deploy-app.ts";
import { type AwsEnvironment, LOCAL_ENVIRONMENT } from "../deploy/local-aws.ts";
import { createPathMapper, type MapPaths, sourcesOf } from "../deploy/source-paths.ts";
import { type CodeChange, codeOf, findCodeChanges, swapCode } from "../deploy/swap-code.ts";
import { synthesizeApp } from "../deploy/synthesize-app.ts";
import { type DevPipeline, openPipelines } from "./open-pipelines.ts";

/** Names the functions whose code was swapped since CloudFormation deployed it. */
const SWAPPED = "swapped.json";

export interface DevDeploymentOptions {
  readonly project: CdkProject;
  readonly endpoint: () => string;
  /** Takes assemblies, outputs and logs. */
  readonly folder: string;
  readonly context: Readonly<Record<string, string>>;
  /** Acts once nothing is processed, as far as that can be waited for. */
  readonly whileQuiet: <Result>(act: () => Promise<Result>) => Promise<Result>;
}

export type Redeployment =
  | { readonly kind: "unchanged" }
  | { readonly kind: "swapped" }
  /** The pipelines may be others than before. */
  | { readonly kind: "deployed"; readonly pipelines: readonly DevPipeline[] };

/** What a synthesis has left. */
interface Synthesized {
  readonly assembly: string;
  readonly stacks: readonly AssemblyStack[];
  /** The project's files that the app itself has loaded; undefined where that is not known. */
  readonly loaded: ReadonlySet<string> | undefined;
}

interface Deployed extends Synthesized {
  readonly outputs: StackOutputs;
  readonly bundled: readonly Bundled[];
  /** Functions whose code is younger than the assembly. */
  readonly swapped: ReadonlySet<string>;
}

export class DevDeployment {
  readonly #options: DevDeploymentOptions;
  #deployed: Deployed | undefined;
  #mapPaths: MapPaths = (text) => text;
  /** Of the folders of this run: what is deployed is needed beside what comes next. */
  #folders = 0;

  constructor(options: DevDeploymentOptions) {
    this.#options = options;
  }

  /** To an endpoint that may be a new one. */
  async deploy(): Promise<readonly DevPipeline[]> {
    const [synthesized, bootstrapped] = await Promise.allSettled([
      this.#synthesize(),
      bootstrap(this.#target(), LOCAL_ENVIRONMENT),
    ]);
    if (synthesized.status === "rejected") {
      throw synthesized.reason;
    }
    if (bootstrapped.status === "rejected") {
      throw bootstrapped.reason;
    }
    for (const environment of environmentsOf(synthesized.value.stacks).filter(isElsewhere)) {
      await bootstrap(this.#target(), environment);
    }
    return this.#deploy(synthesized.value);
  }

  /** After a save of the files; throws where something does not compile or deploy, and what is deployed stays. */
  async redeploy(files: ReadonlySet<string>): Promise<Redeployment> {
    const deployed = this.#deployed;
    if (deployed === undefined) {
      return { kind: "deployed", pipelines: await this.deploy() };
    }
    return isCodeAlone(deployed, files) ? this.#redeployCode(deployed, files) : this.#redeployApp(deployed);
  }

  /** A text of a function's with the user's own paths. */
  readonly mapPaths: MapPaths = (text) => this.#mapPaths(text);

  async #redeployCode(deployed: Deployed, files: ReadonlySet<string>): Promise<Redeployment> {
    const folder = this.#nextFolder("saved");
    const concerned = bundledFrom(deployed.bundled, files);
    const saved = await Promise.all(
      concerned.map((bundled) => bundleAgain(bundled, join(folder, bundled.functionName))),
    );
    const changed = saved.filter(({ isChanged }) => isChanged);
    if (changed.length === 0) {
      return { kind: "unchanged" };
    }
    await this.#swap(changed, deployed.swapped);
    const folders = new Map(changed.map(({ functionName, codeFolder }) => [functionName, codeFolder]));
    this.#remember({
      ...deployed,
      swapped: new Set([...deployed.swapped, ...folders.keys()]),
      bundled: deployed.bundled.map((one) => ({ ...one, codeFolder: folders.get(one.functionName) ?? one.codeFolder })),
    });
    return { kind: "swapped" };
  }

  async #redeployApp(deployed: Deployed): Promise<Redeployment> {
    const synthesized = await this.#synthesize();
    const { outputs, swapped: stale } = deployed;
    const found = findCodeChanges(deployed.stacks, synthesized.stacks, { outputs, stale });
    if (found === undefined) {
      return { kind: "deployed", pipelines: await this.#options.whileQuiet(() => this.#deploy(synthesized)) };
    }
    const running = new Map(deployed.bundled.map(({ functionName, codeFolder }) => [functionName, codeFolder]));
    const changes = found.filter(
      ({ functionName, codeFolder }) => !isSameBundle(running.get(functionName), codeFolder),
    );
    await this.#swap(changes, stale);
    this.#remember({
      ...synthesized,
      // What was deployed by CloudFormation is what the next deployment is compared with.
      outputs,
      bundled: findBundled(synthesized.stacks, outputs),
      swapped: this.#readSwapped(),
    });
    return { kind: changes.length === 0 ? "unchanged" : "swapped" };
  }

  /** Remembers first, and for the next run as well, whose code is not CloudFormation's any more. */
  async #swap(changes: readonly CodeChange[], swapped: ReadonlySet<string>): Promise<void> {
    const names = new Set([...swapped, ...changes.map(({ functionName }) => functionName)]);
    writeFileSync(join(this.#options.folder, SWAPPED), JSON.stringify([...names]));
    await this.#options.whileQuiet(() => swapCode(this.#options.endpoint(), changes));
  }

  #readSwapped(): ReadonlySet<string> {
    const file = join(this.#options.folder, SWAPPED);
    return new Set(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);
  }

  async #deploy(synthesized: Synthesized): Promise<readonly DevPipeline[]> {
    const { assembly, stacks } = synthesized;
    const outputs = await deployAssembly(this.#target(), assembly, stacks);
    // CloudFormation sees no change where the assembly's code is what it deployed before the swap.
    await swapCode(this.#options.endpoint(), codeOf(stacks, outputs, this.#readSwapped()));
    this.#rememberDeployed(synthesized, outputs);
    return openPipelines(this.#options.endpoint(), stacks, outputs);
  }

  async #synthesize(): Promise<Synthesized> {
    const { project, folder, context, endpoint } = this.#options;
    const assembly = this.#nextFolder("assembly");
    const loadsFile = join(folder, "loads.txt");
    await rm(loadsFile, { force: true });
    await synthesizeApp({
      project,
      context,
      assemblyFolder: assembly,
      endpoint: endpoint(),
      loadsFile,
      logFile: join(folder, "cdk-app.log"),
    });
    return { assembly, stacks: readAssembly(assembly), loaded: readLoads(loadsFile) };
  }

  #rememberDeployed(synthesized: Synthesized, outputs: StackOutputs): void {
    const bundled = findBundled(synthesized.stacks, outputs);
    rmSync(join(this.#options.folder, SWAPPED), { force: true });
    this.#remember({ ...synthesized, outputs, bundled, swapped: new Set() });
  }

  #remember(deployed: Deployed): void {
    this.#deployed = deployed;
    this.#dropFolders(deployed);
    const folders = deployed.stacks.flatMap(({ codeFolders }) => [...codeFolders.values()]);
    const ofBundles = deployed.bundled.map(({ codeFolder }) => codeFolder);
    this.#mapPaths = createPathMapper([...folders, ...ofBundles], this.#options.project.folder);
  }

  #target() {
    return { ...this.#options, endpoint: this.#options.endpoint() };
  }

  #nextFolder(kind: "assembly" | "saved"): string {
    this.#folders += 1;
    return join(this.#options.folder, `${kind}-${this.#folders}`);
  }

  /** Those that are not needed any more, of this run and of earlier ones. */
  #dropFolders({ assembly, bundled }: Deployed): void {
    const needed = [assembly, ...bundled.map(({ codeFolder }) => codeFolder)];
    for (const name of readdirSync(this.#options.folder)) {
      const path = join(this.#options.folder, name);
      if (/^(?:assembly|saved)-/.test(name) && !needed.some((one) => one === path || one.startsWith(`${path}/`))) {
        rmSync(path, { recursive: true, force: true });
      }
    }
  }
}

/** Whether each file is of a bundle's, and none of the app's own; an editor's own file that is gone again is nobody's. */
function isCodeAlone({ bundled, loaded }: Deployed, files: ReadonlySet<string>): boolean {
  const sources = new Set(bundled.flatMap(({ codeFolder, bundle }) => sourcesOf(codeFolder, bundle.absWorkingDir)));
  return (
    loaded !== undefined && [...files].every((file) => !loaded.has(file) && (sources.has(file) || !existsSync(file)))
  );
}

function isElsewhere({ account, region }: AwsEnvironment): boolean {
  return account !== LOCAL_ENVIRONMENT.account || region !== LOCAL_ENVIRONMENT.region;
}

function readLoads(file: string): ReadonlySet<string> | undefined {
  return existsSync(file)
    ? new Set(
        readFileSync(file, "utf8")
          .split("\n")
          .filter(Boolean)
          .map((url) => fileURLToPath(new URL(url).href.replace(/[?#].*$/, ""))),
      )
    : undefined;
}
