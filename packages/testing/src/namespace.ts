import { randomBytes } from 'node:crypto';

/** A prefix for databases, topics, groups and keys that no other test has: `t1a2b3c4d`. */
export function testNamespace(): string {
  return `t${randomBytes(4).toString('hex')}`;
}
