import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

let writes = 0;

/** Whoever reads the file sees the old text or the new one, never half of it, also when two writers meet. */
export const writeJson = async (file: string, value: unknown): Promise<void> => {
  writes += 1;
  const unfinished = `${file}.${process.pid}.${writes}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(unfinished, `${JSON.stringify(value, null, 2)}\n`);
  await rename(unfinished, file);
};
