import type { Config } from '../core/config.ts';
import type { Forge } from '../forges/forge.ts';
import type { Protection } from '../forges/local/index.ts';
import { verifyChain } from '../ledger/verify.ts';
import { counted } from '../texts/words.ts';
import { examineCi } from './ci.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { ExaminedForge, Patient } from './patient.ts';

/** The forge: reached, its default branch protected, and the chain of records whole. */
export async function examineForge(patient: Patient, config: Config): Promise<Finding[]> {
  let forge: ExaminedForge | undefined;
  const opened = await attempt('forge', async () => {
    forge = await patient.openForge(config);
    const open = await forge.pullRequests({ state: 'open' });
    return [
      about('forge').ok(
        `${forge.kind} answers; ${open.length} open pull requests, default branch ${forge.defaultBranch}`,
      ),
    ];
  });
  if (forge === undefined) return opened;
  const reached = forge;
  const records = await attempt('records', () => examineRecords(patient, reached));
  const ci = await attempt('CI', () => examineCi(patient, reached, config));
  const rights = await attempt('forge', () => examineRights(reached));
  const protection = await attempt('forge', () => examineProtection(reached, config));
  return [...opened, ...rights, ...protection, ...ci, ...records];
}

/** Too little stops gitmend half-way; too much is what a thief of the credential gets. */
async function examineRights({ kind, self, rights }: ExaminedForge): Promise<Finding[]> {
  const { ok, warn, fault } = about('forge');
  if (rights === undefined) return [];
  const { missing, excess } = await rights();
  const lacks = fault(
    `${self} lacks ${missing.join(', ')}`,
    `grant it on ${kind}: docs/forges.md says what each is for`,
  );
  const spare = warn(`${self} has and never needs ${excess.join(', ')}`, `take it away on ${kind}`);
  if (missing.length === 0 && excess.length === 0) return [ok(`${self} may do what it needs, and no more`)];
  return [...(missing.length > 0 ? [lacks] : []), ...(excess.length > 0 ? [spare] : [])];
}

/** What gitmend writes on every head: the plan, and whether policy is content. */
const ownStatuses = ['gitmend/plan', 'gitmend/policy'];

/** Everyone who may push may merge what no plan was shown for, unless the forge itself says no. */
async function examineProtection(forge: ExaminedForge, { runner }: Config): Promise<Finding[]> {
  const { ok, warn } = about('forge');
  const mend =
    forge.kind === 'local'
      ? 'gitmend forge protect'
      : `let the forge demand the statuses ${ownStatuses.join(' and ')} before ${forge.defaultBranch} takes a merge`;
  if (forge.protection === undefined) return [warn(`whether ${forge.defaultBranch} is protected is not known`, mend)];
  const demanded = await forge.protection();
  const demands = (status: string) => demanded.requiredStatuses.some((one) => isDemanded(one, status, forge.kind));
  if (!demands('gitmend/plan')) {
    const what = `${forge.defaultBranch} takes merges without a plan; ${runner === 'ci' ? 'CI' : 'the runner'} will not apply them`;
    return [warn(what, mend)];
  }
  if (!demands('gitmend/policy')) {
    const what = `${forge.defaultBranch} demands gitmend/plan and not gitmend/policy: it takes merges before enough people approved, and they are not applied`;
    return [warn(what, mend)];
  }
  return [ok(`${forge.defaultBranch} demands ${ownStatuses.join(' and ')}`), ...examineApprovals(forge, demanded)];
}

/** Gitea reads what is demanded as a pattern (`gitmend/*`); of one with more than `*` and `?` nothing is claimed. */
function isDemanded(demanded: string, status: string, kind: string): boolean {
  if (kind !== 'gitea') return demanded === status;
  const literal = demanded.replace(/[.+^$()|[\]{}\\!]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(status);
}

/** Those that policy asks for are counted by gitmend, of the head alone; what the forge asks for comes on top. */
function examineApprovals({ kind, defaultBranch }: ExaminedForge, demanded: Protection): Finding[] {
  const { ok, warn } = about('forge');
  const { requiredApprovals: count, dismissesStale } = demanded;
  if (count === 0)
    return [ok(`${defaultBranch} demands no approvals itself: those that policy asks for are all there are`)];
  const approvals = `${defaultBranch} demands ${counted(count, 'approval')}`;
  // A local forge counts approvals of the present head alone.
  if (dismissesStale === true || kind === 'local') return [ok(`${approvals}, each of the present commit`)];
  if (dismissesStale === undefined)
    return [ok(`${approvals}; whether stale ones are dismissed is told to administrators alone`)];
  const what = `${approvals}, and one of an earlier commit still counts for it`;
  return [warn(what, 'let its protection dismiss stale approvals when commits are pushed')];
}

async function examineRecords({ openRecords }: Patient, forge: Forge): Promise<Finding[]> {
  const { ok, fault } = about('records');
  const { repo, seen } = await openRecords(forge);
  const chain = await verifyChain(repo, { seen, signers: undefined });
  if (!chain.ok) return [fault(chain.why, 'nothing is applied until a person has looked: gitmend records verify')];
  return [ok(chain.records === 0 ? 'none yet' : `${chain.records} records, each follows the one before it`)];
}
