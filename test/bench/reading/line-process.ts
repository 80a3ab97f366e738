import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

const ANSWER_DEADLINE_MS = 180_000;

export interface LineProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** How long one answer may take. @default 180,000 */
  readonly deadlineMs?: number;
}

/** A program that answers each line of JSON on its input by one, and ends when its input ends: with us, too. */
export class LineProcess {
  readonly #options: LineProcessOptions;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #answer: PromiseWithResolvers<string> | undefined;

  constructor(options: LineProcessOptions) {
    this.#options = options;
    const child = spawn(options.command, options.args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    child.stderr.pipe(createWriteStream(options.logFile));
    createInterface({ input: child.stdout }).on("line", (line) => this.#answer?.resolve(line));
    child.stdin.on("error", () => undefined); // It ended: `exit` tells.
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", (error) => {
        this.#fail(error.message);
        resolve();
      });
    });
    child.once("exit", (code, signal) => this.#fail(`ended with ${signal ?? `code ${code}`}`));
  }

  /** Throws when the program says `{ error }`, ends, or does not answer in time. */
  async ask<Answer>(question: object): Promise<Answer> {
    const answer = Promise.withResolvers<string>();
    this.#answer = answer;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      this.#fail("has ended");
    }
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const { deadlineMs = ANSWER_DEADLINE_MS } = this.#options;
    const deadline = setTimeout(() => this.#fail(`did not answer within ${deadlineMs} ms`), deadlineMs);
    try {
      // The shape is the program's part of the contract in reading.ts.
      const parsed = JSON.parse(await answer.promise) as Answer & { readonly error?: string };
      if (parsed.error !== undefined) {
        throw this.#error(parsed.error);
      }
      return parsed;
    } finally {
      clearTimeout(deadline);
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #fail(what: string): void {
    this.#answer?.reject(this.#error(what));
  }

  #error(what: string): Error {
    return new Error(`${this.#options.name}: ${what}; see ${this.#options.logFile}`);
  }
}
