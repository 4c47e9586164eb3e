import {
  appendEvents,
  newEvent,
  type StateTable,
  TOPICS,
  type TopicTruth,
  tableVersions,
  tableVersionsOf,
} from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type Database, inTransaction } from '../store/index.ts';
import { lockVersions } from '../store/users.ts';

const USERS: StateTable = { topic: TOPICS.user, table: 'shop_user', key: 'id', keyType: 'text' };

/** What the topic of users must end with, for each: the version that we keep. */
export function topicTruth(database: Database): TopicTruth {
  return {
    topic: USERS.topic,
    versions: () => tableVersions(database, USERS),
    versionsOf: (keys) => tableVersionsOf(database, USERS, keys),
    isFarewell: ({ type }) => type === 'user.erased',
    announce: (keys) =>
      inTransaction(database, async (tx) => {
        const users = await lockVersions(tx, keys);
        const trace = { correlationId: newId(), causationId: null };
        await appendEvents(
          tx,
          users.map(({ id, version }) => newEvent('user.changed', { userId: id, status: 'ACTIVE', version }, trace)),
        );
        return users.length;
      }),
  };
}
