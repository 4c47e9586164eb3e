/** The sealer as a service runs it, and where it tells how far the chain is. */
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import type { Sweep } from '../sweep.ts';
import type { AuditHead } from './chain.ts';

const SEAL_EVERY_MS = 1_000;
const MAX_ROUNDS = 100;
/** Of a hash: as many bits as a metric's number holds exactly. */
const PREFIX_HEX_DIGITS = 12;

/** What the log line of a published head says; {@link auditHeadIn} reads it again. */
export const AUDIT_HEAD_MESSAGE = 'audit entries were sealed';

export interface AuditSweepOptions {
  /** Seals a round: null when there was nothing to seal. */
  readonly seal: () => Promise<AuditHead | null>;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/**
 * Seals each second, on whichever replica comes first. Each new head goes where who can write the store cannot: into the log, and into two
 * metrics, the seal and the hash's first 48 bits. Kept there, a chain whose end is cut off or that is written anew no longer fits.
 */
export function auditSweep({ seal, logger, metrics }: AuditSweepOptions): Sweep {
  const sealed = new Gauge({
    name: 'ebuy_audit_seal',
    help: 'The newest seal of the audit chain that this replica gave.',
    registers: [metrics],
  });
  const prefix = new Gauge({
    name: 'ebuy_audit_hash_prefix',
    help: 'The first 48 bits of the hash at that seal, as a whole number.',
    registers: [metrics],
  });
  return {
    name: 'seal-audit',
    everyMs: SEAL_EVERY_MS,
    async run() {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const head = await seal();
        if (head === null) return;
        sealed.set(head.seal);
        prefix.set(Number.parseInt(head.hash.slice(0, PREFIX_HEX_DIGITS), 16));
        logger.info({ audit: head }, AUDIT_HEAD_MESSAGE);
      }
    },
  };
}

/** The head that a line of a service's log publishes; null for every other line. */
export function auditHeadIn(line: string): AuditHead | null {
  if (!line.includes(AUDIT_HEAD_MESSAGE)) return null;
  try {
    const { audit } = JSON.parse(line) as { audit?: Partial<AuditHead> };
    const { chain, seal, hash } = audit ?? {};
    if (typeof chain !== 'string' || typeof seal !== 'number' || typeof hash !== 'string') return null;
    return { chain, seal, hash };
  } catch {
    return null;
  }
}
