import { v7, validate, version } from 'uuid';

/**
 * A new id: UUIDv7 (RFC 9562), so that ids sort by the time they were made and index well.
 * Every aggregate's id is one, except `User.id`, which is Keycloak's subject.
 */
export function newId(): string {
  return v7();
}

/** Whether a text is a UUID of version 7. Anything else cannot name an aggregate of ours. */
export function isId(text: string): boolean {
  return validate(text) && version(text) === 7;
}
