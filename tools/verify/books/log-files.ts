// What the shop's processes say of themselves: its log files, read on from where the last look ended.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditHead, auditHeadIn } from '@ebuy/runtime';
import type { Stores } from '../stores.ts';
import { Traces } from './traces.ts';

const CHUNK_BYTES = 1_048_576;

export interface LogsRead {
  readonly bytes: number;
  readonly files: number;
  readonly traces: Traces;
  /** How far services said that their audit is sealed. */
  readonly heads: readonly AuditHead[];
}

export class LogFiles {
  readonly #folder: string;
  readonly #positions = new Map<string, number>();
  readonly #traces: Traces;
  readonly #heads = new Map<string, AuditHead[]>();
  #bytes = 0;

  constructor(folder: string, secrets: readonly string[]) {
    this.#folder = folder;
    this.#traces = new Traces(secrets);
  }

  async read(): Promise<LogsRead> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.log'));
    for (const name of this.#positions.keys()) if (!names.includes(name)) this.#forget(name);
    for (const name of names) await this.#readOn(name);
    return { bytes: this.#bytes, files: names.length, traces: this.#traces, heads: [...this.#heads.values()].flat() };
  }

  #forget(name: string): void {
    this.#positions.delete(name);
    this.#heads.delete(name);
    this.#traces.forget((place) => place.startsWith(`${name}:`));
  }

  #noteHeads(name: string, text: string): void {
    const heads = text.split('\n').flatMap((line) => auditHeadIn(line) ?? []);
    if (heads.length > 0) this.#heads.set(name, [...(this.#heads.get(name) ?? []), ...heads]);
  }

  /** Whole lines only: the last one may still be written. */
  async #readOn(name: string): Promise<void> {
    const path = join(this.#folder, name);
    const { size } = await stat(path);
    if (size < (this.#positions.get(name) ?? 0)) this.#forget(name);
    let position = this.#positions.get(name) ?? 0;
    if (size === position) return;
    const file = await open(path, 'r');
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      while (position < size) {
        const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, size - position), position);
        const end = chunk.subarray(0, bytesRead).lastIndexOf(10) + 1;
        // A line longer than a chunk is cut.
        const taken = end > 0 ? end : bytesRead === CHUNK_BYTES ? bytesRead : 0;
        if (taken === 0) break;
        const text = chunk.toString('utf8', 0, taken);
        this.#traces.note(`${name}:${position}`, text);
        this.#noteHeads(name, text);
        position += taken;
        this.#bytes += taken;
      }
    } finally {
      await file.close();
    }
    this.#positions.set(name, position);
  }
}

export function readLogs({ logs }: Stores): Promise<LogsRead> {
  return logs.read();
}
