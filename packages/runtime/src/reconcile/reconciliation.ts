/**
 * Reconciliations: jobs that compare what a service believes with what others know, mend what is safe and report the rest. Each runs by
 * itself, one replica a round, and when it is asked to by a command of its own process.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { createLogger, type Logger } from '../logger.ts';
import { InvalidSettings, integer, type Setting } from '../settings.ts';
import type { Sweep } from '../sweep.ts';
import { describeFindings, type Findings } from './findings.ts';

export interface Reconciliation {
  /** What is compared: `payments`, `reservations`, `topic product`. */
  readonly job: string;
  readonly everyMs: number;
  /** Claims the round that is due, see `beginRound`: false when another replica has it. */
  readonly begin: () => Promise<boolean>;
  /** A bounded piece of work that goes on next time where it stopped. */
  readonly round: () => Promise<Findings>;
}

/** For services that reconcile: how often. Each round is bounded, so a shorter time means more work. */
export const reconcileSettings = {
  reconcileMinutes: ['RECONCILE_MINUTES', integer(1, 1_440).default(10)],
} as const satisfies Record<string, Setting>;

/** As sweeps of a service, with their metrics: repairs are counted and logged, and what people must look at is logged and on a gauge. */
export function reconciliationSweeps(
  reconciliations: readonly Reconciliation[],
  metrics: Registry,
  logger: Logger,
): Sweep[] {
  const repairs = new Counter({
    name: 'ebuy_reconciliation_repairs_total',
    help: 'What reconciliation has mended. It stays at zero as long as nothing gets lost.',
    labelNames: ['job', 'repair'],
    registers: [metrics],
  });
  const discrepancies = new Gauge({
    name: 'ebuy_reconciliation_discrepancies',
    help: 'What the last round of a reconciliation found and may not mend: people must look at it.',
    labelNames: ['job'],
    registers: [metrics],
  });
  return reconciliations.map(({ job, everyMs, begin, round }) => ({
    name: `reconcile ${job}`,
    everyMs,
    async run() {
      if (!(await begin())) return;
      const { compared, repaired, reported } = await round();
      for (const [repair, count] of Object.entries(repaired)) repairs.inc({ job, repair }, count);
      discrepancies.set({ job }, reported.length);
      if (Object.keys(repaired).length > 0) logger.warn({ job, compared, repaired }, 'reconciliation mended something');
      for (const { kind, subject, details } of reported)
        logger.error({ job, kind, subject, ...details }, 'reconciliation found what people must look at');
    },
  }));
}

/**
 * A service's `src/reconcile.ts`: a process beside it with its settings. Prints what each job found; exits with 1 when something is left
 * for people, and with 2 when a job could not be done.
 */
export async function runReconciliations(
  service: string,
  work: (logger: Logger, tell: (job: string, findings: Findings) => void) => Promise<void>,
): Promise<void> {
  const logger = createLogger(`${service}-reconcile`, 'warn');
  let left = 0;
  const tell = (job: string, findings: Findings) => {
    left += findings.reported.length;
    process.stdout.write(`${describeFindings(job, findings).join('\n')}\n`);
  };
  try {
    await work(logger, tell);
    process.exitCode = left > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof InvalidSettings) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'not reconciled');
    process.exitCode = 2;
  }
}
