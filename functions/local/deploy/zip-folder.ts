// Zip folder
//
// The folder of a function's code as Lambda takes it: a zip archive, here without
// compression, since it goes no further than this machine. The layout is that of PKWARE's
// APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** 2.0, made on Unix. */
const VERSION = 20;
const MADE_BY = (3 << 8) | VERSION;
/** UTF-8 names. */
const FLAGS = 0x0800;
/** 1 January 1980, the format's first day: the same folder gives the same bytes. */
const DATE = 0x0021;
const FILE_MODE = 0o100_755;

export function zipFolder(folder: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const path of paths) {
    const content = readFileSync(path);
    const name = Buffer.from(relative(folder, path).split(sep).join("/"));
    const header = localHeader(name, content);
    directory.push(centralHeader(name, header, offset));
    files.push(header, name, content);
    offset += header.length + name.length + content.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...files, central, endOfDirectory(paths.length, central.length, offset)]);
}

function localHeader(name: Buffer, content: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(DATE, 12);
  header.writeUInt32LE(crc32(content), 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(name.length, 26);
  return header;
}

/** From version to name's length it says what the local one says. */
function centralHeader(name: Buffer, local: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(MADE_BY, 4);
  local.copy(header, 6, 4, 28);
  header.writeUInt32LE((FILE_MODE << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
