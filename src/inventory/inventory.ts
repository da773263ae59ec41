import type { ClusterConfig } from '../core/config.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { GuestTarget, GuestType, Target } from '../core/target.ts';

/** A guest as `/cluster/resources?type=vm` lists it now. */
export interface ListedGuest {
  cluster: string;
  type: GuestType;
  vmid: number;
  node: string;
  name: string;
  /** Guests are cloned from it, and it never runs. */
  template?: boolean;
}

/** A declaration and where it is; several of one guest may be among them. */
export interface DeclaredPlace {
  guest: DeclaredGuest;
  /** 1-based line of its vmid; 0 where it is not known. */
  line: number;
}

/** What is configured, declared, and there now. */
export interface Inventory {
  clusters: readonly ClusterConfig[];
  declared: readonly DeclaredPlace[];
  live: readonly ListedGuest[];
  /** Clusters whose guests could not be listed, with the reason. */
  unreachable?: { readonly [cluster: string]: string };
}

/** Why a signal was not pinned to one place. */
export interface NotIdentified {
  ok: false;
  outcome: 'unknown' | 'report-only';
  /** Stable word for the deciding rule. */
  rule: string;
  /** One sentence. */
  message: string;
  /** What would let it be pinned, each a thing to do. */
  helps?: string[];
  /** What the signal calls its target: for a record only, never to act on. */
  called: string;
}

export interface Identified {
  ok: true;
  target: Target;
  guest: GuestTarget;
  /** Where PVE says that it is now; a `node` label may be stale. */
  node: string;
  name: string;
  declared: DeclaredGuest;
}

export type Identity = Identified | NotIdentified;
