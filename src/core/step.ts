import type { Reached } from './ansible.ts';
import { type Digest, digestOf, type Json } from './json.ts';
import { type LifeAction, lifeActionKinds } from './life-action.ts';
import type { Target } from './target.ts';

/** Typed data that the applier of guests understands. Never a command line. */
export type Action =
  /** `PUT /nodes/N/{lxc,qemu}/V/config` with exactly these keys and the digest read just before. */
  | { kind: 'set-guest-config'; set: { [key: string]: number } }
  /** `POST /nodes/N/{lxc,qemu}/V/status/reboot`, so that pending values take effect. */
  | { kind: 'reboot-guest'; makes: { [key: string]: number } };

/**
 * What Terraform plans at these addresses of one stack, and nothing else: `plan` is the digest of its actions
 * (src/terraform), so whoever approves the step approves each of them.
 */
export interface TerraformAction {
  kind: 'apply-terraform';
  stack: string;
  addresses: string[];
  plan: Digest;
  /** Of a step of stack code, which is about no guest of its own. */
  touches?: StackTouches;
}

/** What a plan of a stack does that the addresses alone do not say. */
export interface StackTouches {
  /** Guests that it changes: their rules count, and they are locked. */
  guests: Target[];
  /** Names of those that it restarts. */
  restarts: string[];
  /** Addresses that it destroys, and that this very change took out of the code. */
  destroys: string[];
}

/** `DELETE /nodes/N/{lxc,qemu}/V`. Who approves it approves that this backup is what is left. */
export interface DestroyAction {
  kind: 'destroy-guest';
  /** UPID of the task that made it. */
  backup: string;
  /** PVE's digest of the configuration that was looked at: a guest that was changed since is not the one approved. */
  config: string;
}

/**
 * `POST /nodes/N/{lxc,qemu}/T/clone` of a template, in full, then what its configuration has otherwise. Who approves it
 * approves this very template.
 */
export interface CloneAction {
  kind: 'clone-guest';
  /** The template's vmid and node, and PVE's digest of its configuration as it was looked at. */
  from: number;
  node: string;
  config: string;
  to: string;
  /** Where its volumes go, and the size of the first one. GiB. */
  disk: { storage: string; size: number };
  /** MiB, MiB, cores. */
  set: { cores: number; memory: number; swap?: number };
  /** All tags that it has then, where the file adds some. */
  tags?: string[];
  protection?: boolean;
  start: boolean;
}

/**
 * `ansible-playbook` on exactly these hosts. `plan` is the digest of what check mode says of them (src/ansible), the tasks
 * that it cannot predict among it, so whoever approves the step approves each of them.
 */
export interface PlaybookAction {
  kind: 'run-playbook';
  /** `ansible/playbooks/site.yaml` */
  playbook: string;
  /** Names of the inventory, sorted. */
  hosts: string[];
  /** Where each is reached. A host that is missing here was reached nobody knows where. */
  reached?: { [host: string]: Reached };
  plan: Digest;
  /** What the plan stands on beside the files: ansible-core, collections, where each host is. */
  stale: Digest;
}

/** What a step does, whichever applier it is for. */
export type StepAction = Action | LifeAction | TerraformAction | DestroyAction | CloneAction | PlaybookAction;

/** What policy decides about. Derived from the difference itself, never from what a pull request says of itself. */
export const stepKinds = [
  'resize-guest',
  'restart-lxc',
  'restart-vm',
  'grow-disk',
  'change-guest',
  'create-guest',
  'destroy-guest',
  ...lifeActionKinds,
  'run-playbook',
  'change-stack',
  'destroy-resource',
  'change-rules',
  'take-note',
] as const;
export type StepKind = (typeof stepKinds)[number];

/** One value that changes, as people read it. */
export interface Change {
  /** `memory`, `cores`, `swap` … */
  field: string;
  before: Json;
  after: Json;
  /** `MiB`, or '' for a plain number. */
  unit: string;
}

/** One change of one target, computed from declarations and the live pre-state. */
export interface Step {
  applier: string;
  target: Target;
  /** The name people use (`postgres`), beside the target's canonical name. */
  name: string;
  /** Where it is: `lxc/200 on pve1`. */
  where: string;
  kind: StepKind;
  action: StepAction;
  /** Digest of what was observed of the target before. */
  preState: Digest;
  before: { [field: string]: Json };
  after: { [field: string]: Json };
  changes: Change[];
  inverse: Action | LifeAction | 'irreversible';
  /** Taken by the running guest without a restart. */
  live: boolean;
  reboots: boolean;
  destroys: boolean;
  /** The guest was stopped when this was computed, and its file does not say whether it runs: it may stay so. */
  mayRest?: true;
}

/** What an approval binds: target, action, before and after of every step, in order. */
export function actionsDigest(steps: readonly Step[]): Digest {
  return digestOf(steps.map(({ target, action, before, after }) => ({ target, action, before, after })));
}

/** What a step of stack code does beside its own stack; `undefined` where the step is another one. */
export function touchesOf({ action }: Pick<Step, 'action'>): StackTouches | undefined {
  return action.kind === 'apply-terraform' ? action.touches : undefined;
}

const revertible: readonly StepKind[] = ['create-guest', 'change-guest', 'change-stack', 'run-playbook'];

/**
 * Nothing brings it back: neither an inverse of its own, nor a pull request that reverts or removes what it made. A disk
 * that grew never shrinks, whatever else the step changes.
 */
export function isFinal({
  inverse,
  kind,
  before,
  after,
}: Pick<Step, 'inverse' | 'kind' | 'before' | 'after'>): boolean {
  if (inverse !== 'irreversible') return false;
  const [was, is] = [before['disk'], after['disk']];
  return !revertible.includes(kind) || (typeof was === 'number' && typeof is === 'number' && is > was);
}

/** Some of what it does cannot be seen before or after: a check says nothing of it, and says the same when it was done. */
export function isPartlyUnseen({ kind, after }: Pick<Step, 'kind' | 'after'>): boolean {
  return kind === 'run-playbook' && after['unpredicted'] !== 0;
}

/**
 * A check that finds nothing left does not say that all of it was done: something cannot be seen at all, or ran only because
 * something else changed on the same host (a handler, `when: x is changed`), which no check asks for once that has changed.
 */
export function isHalfSeen({ kind, after }: Pick<Step, 'kind' | 'after'>): boolean {
  const { changes, hosts } = after;
  const single = typeof changes === 'number' && Array.isArray(hosts) && changes <= hosts.length;
  return kind === 'run-playbook' && (!single || isPartlyUnseen({ kind, after }));
}

/** It leaves nothing that tells a second time from the first: a reboot, a playbook of which check mode predicts nothing. */
export function isTraceless({ kind, action, after }: Pick<Step, 'kind' | 'action' | 'after'>): boolean {
  return action.kind === 'reboot-guest' || (kind === 'run-playbook' && after['changes'] === 0);
}
