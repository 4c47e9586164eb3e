import { randomInt } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';

// Below the range from which systems take ports for outgoing connections: what is free now is free a moment later.
const FROM = 20_000;
const BELOW = 32_000;
const TRIES = 200;

export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => answer(true)));
  });

/** Hands out ports, none twice, and remembers who has which in a file, so that addresses stay the same from start to start. */
export interface PortBook {
  /** The first that is free and not in `avoid`: `preferred`, the one that `owner` had last time, any other. */
  choose(owner: string, preferred: number | null, avoid?: readonly number[]): Promise<number>;
}

/** One book a file in this process: two readers would give the same port away. */
const books = new Map<string, Promise<PortBook>>();

export const openPortBook = (file: string): Promise<PortBook> => {
  const path = resolve(file);
  const book = books.get(path) ?? readPortBook(path);
  books.set(path, book);
  return book;
};

const readPortBook = async (file: string): Promise<PortBook> => {
  const remembered = await readPorts(file);
  const given = new Set<number>();
  let turn: Promise<unknown> = Promise.resolve();

  const pick = async (owner: string, preferred: number | null, avoid: readonly number[]): Promise<number> => {
    const wanted = [preferred, remembered.get(owner)].filter((port) => port !== undefined && port !== null);
    const others = Array.from({ length: TRIES }, () => randomInt(FROM, BELOW));
    for (const port of [...wanted, ...others]) {
      if (given.has(port) && remembered.get(owner) !== port) continue;
      if (avoid.includes(port) || !(await isPortFree(port))) continue;
      given.add(port);
      if (remembered.get(owner) !== port) {
        remembered.set(owner, port);
        await writePorts(file, remembered);
      }
      return port;
    }
    throw new Error(`no free port between ${FROM} and ${BELOW} for ${owner}; end some of what listens there`);
  };

  return {
    choose: (owner, preferred, avoid = []) => {
      const mine = turn.then(() => pick(owner, preferred, avoid));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
};

const readPorts = async (file: string): Promise<Map<string, number>> => {
  try {
    const ports = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return new Map(Object.entries(ports).filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
  } catch {
    return new Map();
  }
};

const writePorts = async (file: string, ports: ReadonlyMap<string, number>): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(Object.fromEntries(ports), null, 2)}\n`);
  await rename(`${file}.new`, file);
};
