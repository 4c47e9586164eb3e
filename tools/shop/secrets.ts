import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './topology.ts';

const KEY_BYTES = 32;

/** What a shop derives all its secrets from; kept in one file that only its owner may read. */
export interface Secrets {
  /** 32 bytes, base64url, by purpose. */
  readonly of: (purpose: string) => string;
  /** Who may call this service, and the key they share. */
  readonly verifyKeys: (service: ServiceName) => Readonly<Record<string, string>>;
  /** Whom this service may call, and the key they share. */
  readonly signKeys: (service: ServiceName) => Readonly<Record<string, string>>;
}

export const openSecrets = async (file: string): Promise<Secrets> => secretsFrom(await readOrCreate(file));

/** Everything that follows from a shop's root secret. */
export const secretsFrom = (root: Buffer): Secrets => {
  const derive = (label: string): string =>
    Buffer.from(hkdfSync('sha256', root, new Uint8Array(), label, KEY_BYTES)).toString('base64url');
  const pairKey = (caller: ServiceName, target: ServiceName): string => derive(`ebuy-identity/v1/${caller}/${target}`);
  return {
    of: (purpose) => derive(`ebuy-secret/v1/${purpose}`),
    verifyKeys: (service) =>
      Object.fromEntries(
        SERVICE_NAMES.filter((caller) => TOPOLOGY[caller].calls.includes(service)).map((caller) => [
          caller,
          pairKey(caller, service),
        ]),
      ),
    signKeys: (service) =>
      Object.fromEntries(TOPOLOGY[service].calls.map((target) => [target, pairKey(service, target)])),
  };
};

const readOrCreate = async (file: string): Promise<Buffer> => {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null) {
    const { root } = JSON.parse(text) as { root?: unknown };
    const bytes = typeof root === 'string' ? Buffer.from(root, 'base64url') : Buffer.alloc(0);
    if (bytes.length === KEY_BYTES) return bytes;
    throw new Error(`${file} does not hold a root secret. Restore it, or begin anew with --fresh.`);
  }
  const root = randomBytes(KEY_BYTES);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ root: root.toString('base64url') })}\n`, { mode: 0o600, flag: 'wx' });
  return root;
};
