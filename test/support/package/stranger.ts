// Stranger
//
// A project of somebody who installs the package: npm workspaces in a path with spaces, the
// lock file at their root, and a member with a CDK app; and the same by pnpm, whose layout
// hides what a package does not depend on. The CDK is this checkout's, since it is large.

import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

/** What a CDK app adds to the package: its peers. */
const PEERS = ["aws-cdk-lib", "constructs", "esbuild"];

const PIPELINE = `import { createRangeProcessor } from "kafka-offset-ranges";

export const handler = createRangeProcessor({
  async process(range) {
    for await (const { offset, value } of range.records()) {
      console.log(\`\${offset}: \${value}\`);
    }
  },
});
`;

const APP = `import { App, Stack } from "aws-cdk-lib";
import { RangePipeline } from "kafka-offset-ranges/cdk";

const app = new App({ outdir: "cdk.out" });
new RangePipeline(new Stack(app, "Orders"), "Orders", {
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: "orders.ts",
});
app.synth();
`;

export interface Stranger {
  /** Where the package is installed. */
  readonly project: string;
  /** Where the CDK app is. */
  readonly member: string;
  readonly tarball: string;
}

export async function installByNpm({ project, member, tarball }: Stranger): Promise<void> {
  await writeJson(join(project, "package.json"), { private: true, type: "module", workspaces: ["packages/*"] });
  await writeApp(member);
  await run("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: project });
}

/** Puts this checkout's CDK and esbuild where the project's would be. */
export async function linkPeers({ project }: Stranger, names: readonly string[] = PEERS): Promise<void> {
  await Promise.all(
    names.map((name) => symlink(join(ROOT, "node_modules", name), join(project, "node_modules", name))),
  );
}

export async function installByPnpm({ project, member, tarball }: Stranger): Promise<void> {
  await writeApp(member);
  await writeJson(join(project, "package.json"), {
    private: true,
    type: "module",
    dependencies: { "kafka-offset-ranges": `file:${tarball}` },
    devDependencies: Object.fromEntries(PEERS.map((name) => [name, `link:${join(ROOT, "node_modules", name)}`])),
  });
  await run(join(ROOT, "node_modules/.bin/pnpm"), ["install", "--ignore-scripts"], { cwd: project });
}

/** Runs the app, as a project without any command of the CDK would. Answers its output folder. */
export async function synthesize({ member }: Stranger): Promise<{ readonly output: string; readonly stderr: string }> {
  const { stderr } = await run(process.execPath, ["app.js"], { cwd: member });
  return { output: join(member, "cdk.out"), stderr };
}

async function writeApp(member: string): Promise<void> {
  await mkdir(member, { recursive: true });
  await writeJson(join(member, "package.json"), { name: "orders", private: true, type: "module" });
  await writeFile(join(member, "orders.ts"), PIPELINE);
  await writeFile(join(member, "app.js"), APP);
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(value));
}
