import { compareTopic, type KafkaSettings, type TopicTruth } from '@ebuy/events';
import { type Findings, Tally } from './findings.ts';
import type { Reconciliation } from './reconciliation.ts';

/** Compares a state topic with its owner's store. Told again is safe: who follows goes by version. The rest is for people. */
export async function reconcileTopic(kafka: KafkaSettings, truth: TopicTruth): Promise<Findings> {
  const { compared, missing, older, ahead, strangers, unreadable } = await compareTopic(kafka, truth);
  const { name: topic } = truth.topic;
  const tally = new Tally();
  tally.compare(compared);
  tally.repair('missing states told again', missing);
  tally.repair('older states told again', older);
  tally.report(
    ...ahead.map((subject) => ({ kind: 'topic_ahead', subject, details: { topic } })),
    ...strangers.map((subject) => ({ kind: 'topic_stranger', subject, details: { topic } })),
  );
  if (unreadable > 0) tally.report({ kind: 'topic_unreadable', subject: topic, details: { records: unreadable } });
  return tally.findings;
}

const MINUTE_MS = 60_000;
/** Each time a topic is read whole: more rarely than what goes on from where it stopped. */
const ROUNDS_BETWEEN = 6;

/** The state topics of a service, each a job of its own. `begin` claims its round, see `beginRound`. */
export function topicReconciliations(
  truths: readonly TopicTruth[],
  kafka: KafkaSettings,
  reconcileMinutes: number,
  begin: (job: string, everyMs: number) => Promise<boolean>,
): Reconciliation[] {
  const everyMs = reconcileMinutes * ROUNDS_BETWEEN * MINUTE_MS;
  return truths.map((truth) => {
    const job = `topic ${truth.topic.name}`;
    return { job, everyMs, begin: () => begin(job, everyMs), round: () => reconcileTopic(kafka, truth) };
  });
}
