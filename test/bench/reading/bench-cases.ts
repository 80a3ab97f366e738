/** How the records of a case lie in its log. */
export type Layout = "plain" | "transactional" | "compacted";

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  readonly records: number;
  readonly valueBytes: number;
  readonly codec: "none" | "lz4" | "zstd" | "gzip";
  readonly layout: Layout;
  /** Per record. */
  readonly headers: number;
  /** Whether each value is one JSON object, of about so many bytes; otherwise it is as many bytes of JSON lines. */
  readonly isJson?: boolean;
  readonly isTls: boolean;
  readonly readers: readonly ReaderName[];
}

export type ReaderName = "ours" | "java" | "kafkajs" | "platformatic" | "bareSocket";

const SMALL = { valueBytes: 100, records: 1_000_000 } as const;
const LARGE = { valueBytes: 1_024, records: 250_000 } as const;
const clients = ["ours", "java", "kafkajs", "platformatic"] as const;

const plain = { codec: "none", layout: "plain", headers: 0, isTls: false, readers: clients } as const;

export const BENCH_CASES: readonly BenchCase[] = [
  { ...plain, ...SMALL, name: "100b", title: "100 B", readers: [...clients, "bareSocket"] },
  { ...plain, ...LARGE, name: "1kb", title: "1 KB", readers: [...clients, "bareSocket"] },
  { ...plain, ...SMALL, name: "100b-lz4", title: "100 B, lz4", codec: "lz4" },
  { ...plain, ...LARGE, name: "1kb-lz4", title: "1 KB, lz4", codec: "lz4" },
  { ...plain, ...SMALL, name: "100b-zstd", title: "100 B, zstd", codec: "zstd" },
  { ...plain, ...LARGE, name: "1kb-zstd", title: "1 KB, zstd", codec: "zstd" },
  { ...plain, ...SMALL, name: "100b-gzip", title: "100 B, gzip", codec: "gzip" },
  { ...plain, ...LARGE, name: "1kb-gzip", title: "1 KB, gzip", codec: "gzip" },
  { ...plain, ...SMALL, name: "transactional", title: "100 B, 10 % aborted", layout: "transactional" },
  { ...plain, ...SMALL, name: "compacted", title: "100 B, 90 % compacted away", layout: "compacted" },
  { ...plain, ...SMALL, name: "headers", title: "100 B, 3 headers", headers: 3 },
  { ...plain, ...LARGE, name: "tls", title: "1 KB over TLS", isTls: true },
  { ...plain, valueBytes: 1_024, records: 2_000_000, name: "2gb", title: "2 GB of 1 KB", readers: ["ours"] },
];

/** Why a reader cannot do a case at all, or undefined. */
export function inability(reader: ReaderName, { codec }: BenchCase): string | undefined {
  return reader === "kafkajs" && codec !== "none" && codec !== "gzip" ? `has no ${codec} codec built in` : undefined;
}
