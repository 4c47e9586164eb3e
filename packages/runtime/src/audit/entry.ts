/**
 * Who did what to which aggregate, when, and from where: one entry for every change that staff or a partner makes, and for every decision
 * about money. It is written with the change itself, or not at all; what was refused changed nothing and leaves none, for a table that only
 * grows must not be filled by strangers.
 *
 * Ids, amounts and codes only: no name, no e-mail, no text that somebody typed. Shoppers are in it by their id alone, without an address,
 * so that their erasure needs no change to a row; for staff and partners the address is part of the evidence.
 */
import { type Caller, newId } from '@ebuy/kernel';

export interface AuditEntry {
  /** UUIDv7. */
  readonly id: string;
  /** ISO 8601, UTC, in milliseconds. */
  readonly at: string;
  readonly actor: AuditActor;
  /** The operation, as the graph names it (`shipOrder`), or the event that says what was decided (`payment.captured`). */
  readonly action: string;
  readonly aggregate: { readonly type: string; readonly id: string };
  /** The aggregate's, after the change; null where it has none. */
  readonly version: number | null;
  readonly detail: AuditDetail;
  /** Null where nobody asked from anywhere: a service by itself. */
  readonly from: AuditOrigin | null;
  readonly correlationId: string;
  readonly causationId: string | null;
}

export interface AuditActor {
  /** In which capacity: a member of staff who buys something is a shopper then. `client` is a partner's machine. */
  readonly kind: 'staff' | 'client' | 'shopper' | 'guest' | 'service';
  /** Keycloak's subject, the client's id, the service's name; null for guests. */
  readonly id: string | null;
  /** The OAuth client that the caller came through. */
  readonly clientId: string | null;
  /** As they were at that moment. */
  readonly roles: readonly string[];
}

export interface AuditOrigin {
  /** Of the network, as the router saw it; null for shoppers and guests. */
  readonly address: string | null;
  /** The service that asked: the router as a rule. */
  readonly service: string;
}

/** Small and flat. Texts are ids and codes ({@link isPlain}). */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What was done, without who did it. */
export interface Audited {
  readonly action: string;
  readonly aggregate: AuditEntry['aggregate'];
  readonly version?: number | null;
  readonly detail?: AuditDetail;
}

/** What of a request an entry is made of. */
export interface AuditSource {
  readonly caller: Caller;
  readonly service: string;
  readonly correlationId: string;
  readonly clientAddress?: string | null;
}

/** Makes the entries of whoever stands behind it. */
export type Auditor = (audited: Audited, at?: Date) => AuditEntry;

const MAX_DETAILS = 24;
const MAX_LISTED = 100;

/** Whether a text may stand in an entry's detail: an id, a code, a name of ours; nothing with a blank or an `@`. */
export function isPlain(text: string): boolean {
  return /^[\w.:/+-]{0,100}$/.test(text);
}

/** For a code that somebody else made up: itself, or `other` when it may not stand in an entry. */
export function plainOr(text: string, other: string): string {
  return isPlain(text) ? text : other;
}

/** The entries of a request. `asStaff`: the caller was let in by what they may do as staff, not because it is their own. */
export function auditorOf(source: AuditSource, { asStaff }: { readonly asStaff: boolean }): Auditor {
  const { caller, service, correlationId } = source;
  const kind = kindOf(caller, asStaff);
  const isOfficial = kind === 'staff' || kind === 'client';
  const actor = { kind, id: caller.id, clientId: caller.clientId, roles: [...caller.roles] };
  const from = { address: isOfficial ? (source.clientAddress ?? null) : null, service };
  return (audited, at = new Date()) => entryOf(audited, { actor, from, correlationId, causationId: null }, at);
}

/** The entries of a service that decides by itself, about something that began with a request. */
export function auditorOfService(
  service: string,
  trace: { readonly correlationId: string; readonly causationId: string | null },
): Auditor {
  const actor = { kind: 'service', id: service, clientId: null, roles: [] } as const;
  return (audited, at = new Date()) => entryOf(audited, { actor, from: null, ...trace }, at);
}

function kindOf(caller: Caller, asStaff: boolean): AuditActor['kind'] {
  if (caller.kind === 'client') return 'client';
  if (caller.kind === 'anonymous') return 'guest';
  return asStaff ? 'staff' : 'shopper';
}

type Circumstances = Pick<AuditEntry, 'actor' | 'from' | 'correlationId' | 'causationId'>;

/** Throws for a detail that may not stand there: a bug of whoever writes it. */
function entryOf(audited: Audited, circumstances: Circumstances, at: Date): AuditEntry {
  const { action, aggregate, version = null, detail = {} } = audited;
  const details = Object.entries(detail);
  if (details.length > MAX_DETAILS) throw new Error(`An audit entry has at most ${MAX_DETAILS} details`);
  for (const [name, value] of details) {
    const texts = Array.isArray(value) ? (value as readonly string[]) : typeof value === 'string' ? [value] : [];
    if (texts.length > MAX_LISTED || !texts.every(isPlain)) {
      throw new Error(`The detail ${name} of ${action} is more than ids and codes`);
    }
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new Error(`The detail ${name} of ${action} is no safe integer`);
    }
  }
  return { id: newId(), at: at.toISOString(), action, aggregate, version, detail, ...circumstances };
}
