import { digestOf } from './json.ts';
import type { Target } from './target.ts';

/**
 * The identity of a fault and its cure: remedy, canonical target, group of fields (memory and cores are two).
 * Twelve hex digits; branch and hidden marker come from it.
 */
export function fingerprintOf(remedy: string, target: Target, group: string): string {
  return digestOf({ remedy, target, group }).slice('sha256:'.length, 'sha256:'.length + 12);
}

/** `gitmend/resize-guest/postgres-3f9c1a`: one branch per fingerprint. */
export function branchOf(remedy: string, name: string, fingerprint: string): string {
  return `gitmend/${remedy}/${name}-${fingerprint.slice(0, 6)}`;
}
