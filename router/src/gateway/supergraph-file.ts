import { readFile, stat } from 'node:fs/promises';

const MAX_SUPERGRAPH_BYTES = 16 * 1024 * 1024;
/** A file that is still being written is left alone, but not for ever. */
const MAX_UNSETTLED_LOOKS = 10;

/** @throws Error when the file is not there, or larger than any supergraph */
export async function readSupergraphFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MAX_SUPERGRAPH_BYTES) throw new Error(`${path} has more than ${MAX_SUPERGRAPH_BYTES} bytes.`);
  return readFile(path, 'utf8');
}

/**
 * Looks at a file again and again, which notices every way of replacing one: written in place, renamed over, a link set anew.
 * What changed is announced once it has stood still between two looks; so is what stands there at first, for it may have changed since it was read.
 *
 * @returns ends it
 */
export function watchSupergraphFile(path: string, pollIntervalMs: number, changed: () => Promise<void>): () => void {
  let announced: string | null = null;
  let seen: string | null = null;
  let unsettledLooks = 0;
  let ended = false;
  const look = async () => {
    const now = await fingerprintOf(path);
    unsettledLooks = now === seen ? 0 : unsettledLooks + 1;
    const hasSettled = unsettledLooks === 0 || unsettledLooks >= MAX_UNSETTLED_LOOKS;
    seen = now;
    if (now === announced || !hasSettled || ended) return;
    announced = now;
    await changed();
  };
  const again = () => {
    timer = setTimeout(() => void look().finally(() => void (ended || again())), pollIntervalMs).unref();
  };
  let timer: NodeJS.Timeout;
  again();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

async function fingerprintOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'not there';
  }
}
