import { RangeReadError } from "../../core/errors.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { translateConnectionError } from "../refusals/connection-errors.ts";
import type { SettingNames } from "../refusals/setting-names.ts";
import { startDeadline } from "./deadline.ts";

export interface CallLimits {
  readonly timeoutMs: number;
  /** How long the call cannot be sent yet, in ms: the time-out begins then. */
  readonly heldBackMs: () => number;
  /** For messages. */
  readonly what: string;
  /** The end of a sentence about a missing answer. @default nothing */
  readonly whySilent?: () => string;
  /** For messages. @default Kafka's own */
  readonly names?: SettingNames;
}

/** The calls under way on one connection: each ends by its deadline, and all of them when the connection does. */
export class PendingCalls {
  readonly #onClose: () => void;
  readonly #rejections = new Set<(reason: unknown) => void>();
  #closed: { readonly reason: unknown } | undefined;

  /** `onClose` is called once, before the calls under way reject. */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get areClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Rejects what is under way and whatever comes later; only the first reason counts. */
  close(reason: unknown): void {
    if (this.#closed !== undefined) {
      return;
    }
    this.#closed = { reason };
    this.#onClose();
    for (const reject of this.#rejections) {
      reject(reason);
    }
  }

  /** Runs one call. Whatever makes it fail closes the connection: it is not trusted again. */
  async run<Result>(limits: CallLimits, start: () => Promise<Result>): Promise<Result> {
    this.throwIfClosed();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#rejections.add(reject);
    const { what, names } = limits;
    const stopDeadline = this.#startDeadline(limits);
    try {
      return await Promise.race([start(), interrupted]);
    } catch (error) {
      // Of what TLS tells the socket has told already.
      this.close(translateConnectionError(error, what, { hasClientCertificate: false, ...omitUndefined({ names }) }));
      this.throwIfClosed();
      throw error;
    } finally {
      stopDeadline();
      this.#rejections.delete(reject);
    }
  }

  /** An answer that comes meanwhile may hold the call back for longer. */
  #startDeadline(limits: CallLimits): () => void {
    const { what, timeoutMs, heldBackMs, whySilent = () => "" } = limits;
    let stop = startDeadline(timeoutMs + heldBackMs(), () => {
      if (heldBackMs() > 0) {
        stop = this.#startDeadline(limits);
      } else {
        this.close(new RangeReadError(`${what}: no answer within ${timeoutMs} ms${whySilent()}`));
      }
    });
    return () => stop();
  }

  throwIfClosed(): void {
    if (this.#closed !== undefined) {
      throw this.#closed.reason;
    }
  }
}
