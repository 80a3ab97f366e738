import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Kill, startKillingProxy } from "./killing-proxy.ts";

/** Runs a program behind a proxy of the store, and kills it at a request; whether it came to its end. */
export async function runKilled(
  store: string,
  argumentsFor: (endpoint: string) => readonly string[],
  at?: Omit<Kill, "kill">,
): Promise<{ readonly isWhole: boolean; readonly requests: number }> {
  let kill = () => {};
  const proxy = await startKillingProxy(store, { request: 0, when: "before", ...at, kill: () => kill() });
  try {
    const args = ["--disable-warning=ExperimentalWarning", ...argumentsFor(proxy.endpoint)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    kill = () => child.kill("SIGKILL");
    const [code] = await once(child, "exit");
    return { isWhole: code === 0, requests: proxy.requests };
  } finally {
    proxy.close();
  }
}
