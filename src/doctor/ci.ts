import { exposureOf, judgeExposure } from '../ci/exposure.ts';
import { jobAccount } from '../ci/job.ts';
import type { Config } from '../core/config.ts';
import { about, type Finding } from './finding.ts';
import type { ExaminedForge, Patient } from './patient.ts';

/** With `runner: ci`: whether a write credential may lie in CI. `gitmend apply --ci` refuses by the same judgement. */
export async function examineCi({ env }: Patient, forge: ExaminedForge, config: Config): Promise<Finding[]> {
  if (config.runner !== 'ci') return [];
  const { ok, fault } = about('CI');
  if (jobAccount[forge.kind] === undefined)
    return [fault(`${forge.kind} has no CI, and gitmend.yaml says runner: ci`, 'write runner: builtin')];
  const own = [jobAccount[forge.kind], forge.self, env['GITMEND_BOT']];
  const verdict = judgeExposure(await exposureOf(forge, config), config, own);
  return [verdict.ok ? ok(verdict.why) : fault(verdict.why, `gitmend apply --ci refuses until you ${verdict.mend}`)];
}
